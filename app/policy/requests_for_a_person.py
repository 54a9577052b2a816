"""Requests for a person instead of the bot, by the meaning of the whole message."""

from __future__ import annotations

import re

from app.policy.wording import plain, visible, without_courtesy

_LONGEST = 160  # characters; a longer message says more than that

# Matched against `plain` words: small letters, without accents and punctuation.
_EN_WHO = (
    r"(?:(?:a|an|the|your|some|one of your|any) )?(?:(?:real|live|actual|human|other) )?"
    r"(?:persons?|people|humans?|human being|someone|somebody|anyone|anybody|agents?|"
    r"representatives?|rep|operator|advisor|adviser|employee|staff|staff member|team member|"
    r"team|colleagues?|manager|owner|supervisor|support|customer (?:service|support|care))"
    r"(?: (?:real|human|else|live|in charge|from (?:the|your) team|on (?:the|your) team|"
    r"(?:that|who) is (?:real|human)|instead|directly|now|at (?:the|your) (?:shop|store|desk)))*"
)
_DE_WHO = (
    r"(?:(?:mit |einem |einer |einen |ein |eine |dem |der |den |ihrem |ihrer )*)"
    r"(?:echten |richtigen |echter |lebenden )?"
    r"(?:mensch(?:en)?|person|mitarbeiter(?:in|n)?|jemand(?:em|en)?|kolleg(?:e|en|in)|"
    r"ansprechpartner(?:in)?|berater(?:in)?|chef(?:in)?|kundenservice|kundendienst|"
    r"support)(?: (?:echten|echtem|anderem|richtigen|persoenlich|personlich))?"
)
_FR_WHO = (
    r"(?:(?:a |avec |un |une |le |la |votre |vos )*)(?:vrai |vraie )?"
    r"(?:humain|humaine|etre humain|personne|quelqu un|conseiller|conseillere|agent|operateur|"
    r"operatrice|responsable|collegue|employe|service client)(?: (?:reelle?|humaine?|de reel|"
    r"de vrai|en chair et en os))?"
)
_ES_WHO = (
    r"(?:(?:con |a |un |una |el |la |su |algun )*)"
    r"(?:persona|humano|ser humano|alguien|agente|operador|operadora|asesor|asesora|"
    r"representante|empleado|empleada|encargado|encargada|gerente|companero|"
    r"atencion al cliente)(?: (?:real|humana?|de verdad|de carne y hueso))?"
)
_IT_WHO = (
    r"(?:(?:con |a |un |una |uno |il |la |un |l |vostro )*)(?:vera |vero )?"
    r"(?:persona|umano|essere umano|qualcuno|operatore|operatrice|collega|addett[oa]|"
    r"responsabile|consulente|assistenza(?: clienti)?|servizio clienti)"
    r"(?: (?:reale|umano|umana|vera|vero|in carne e ossa))?"
)
_PT_WHO = (
    r"(?:(?:com |a |um |uma |o |o seu |algum |alguma )*)"
    r"(?:pessoa|humano|humana|ser humano|alguem|atendente|operador|operadora|agente|colega|"
    r"funcionari[oa]|responsavel|gerente|suporte|atendimento(?: humano)?|apoio ao cliente)"
    r"(?: (?:real|de verdade|humano|humana|de carne e osso))?"
)
_NL_WHO = (
    r"(?:(?:met |een |de |uw |jullie |naar )*)(?:echte? |levend )?"
    r"(?:mens|persoon|iemand|medewerker|medewerkster|collega|adviseur|klantenservice|"
    r"manager|eigenaar)(?: (?:anders|echt))?"
)
_REAL = r"(?:real|live|actual|human)"
_EN_NAMED = (
    rf"(?:(?:a|an|the|your) )?(?:{_REAL} )?(?:person|human|human being|agent|representative|"
    r"operator|customer (?:service|support|care))(?: (?:instead|directly|now|real))*"
)
_DE_NAMED = (
    r"(?:einen? |einem |einer )?(?:echte[nr]? |richtige[nr]? )?"
    r"(?:mensch(?:en)?|mitarbeiter(?:in)?|ansprechpartner(?:in)?|kundenservice|kundendienst|"
    r"berater(?:in)?|echte person)"
)
_FR_NAMED = (
    r"(?:(?:un |une |le )?(?:vrai |vraie )?(?:humain|humaine|etre humain|conseiller|conseillere|"
    r"agent|operateur|operatrice|service client)|une (?:vraie )?personne(?: reelle| humaine)?)"
)
_ES_NAMED = (
    r"(?:(?:un |una |al |la )?(?:humano|ser humano|agente|operador|operadora|asesor|asesora|"
    r"representante|atencion al cliente)(?: (?:real|humano|humana))?|"
    r"una persona(?: (?:real|humana|de verdad))?)"
)
_IT_NAMED = (
    r"(?:(?:un |una |l |il )?(?:umano|essere umano|operatore|operatrice|addett[oa]|"
    r"servizio clienti)(?: (?:reale|umano))?|una (?:vera )?persona(?: (?:reale|vera))?)"
)
_PT_NAMED = (
    r"(?:(?:um |uma |o )?(?:humano|humana|ser humano|atendente|operador|operadora|agente|"
    r"atendimento humano|apoio ao cliente)(?: (?:real|humano|humana))?|"
    r"uma pessoa(?: (?:real|de verdade))?)"
)
_NL_NAMED = (
    r"(?:een )?(?:echte? )?(?:mens|medewerker|medewerkster|klantenservice|(?:echt )?persoon)"
)
_BOT = r"(?:bots?|robots?|machines?|computer|roboter|maschine|robo|robos)"
_PATTERNS = (
    # en
    rf"(?:(?:i (?:just )?(?:want|need|have|d like|would like|wish|prefer|d prefer|d rather|"
    rf"would rather)|can i|could i|may i|let me|how (?:do|can) i|is it possible|am i able)"
    rf"(?: please)?(?: to)? )?(?:talk|speak|chat|talking|speaking)(?: (?:to|with))? {_EN_WHO}",
    rf"(?:(?:i (?:just )?(?:want|need|d like|would like|prefer|d prefer)|give me|get me|send me|"
    rf"(?:can|could|may) i (?:have|get)) )?{_EN_NAMED}",
    r"(?:get me|give me|i want|i need|let me see) (?:a |the |your )?(?:manager|supervisor)",
    rf"(?:is|are) there (?:(?:a |any )?{_REAL} (?:person|people|human|someone|humans)|"
    rf"{_EN_WHO} (?:i can|to|who can) (?:talk|speak|help)(?: (?:to|with|me))?)(?: (?:there|here))?",
    rf"(?:can you |could you )?(?:connect|transfer|put|pass|hand|forward)(?: me| this| it| us)"
    rf" (?:to|through to|over to|on to|through|onto) {_EN_WHO}",
    rf"(?:can|could) (?:someone|somebody|anyone|a person|a human|{_EN_NAMED})"
    rf" (?:real )?(?:call|contact|phone|get back to|talk to) me(?: back)?",
    r"(?:have|let|ask) (?:someone|somebody|a person) (?:to )?(?:call|contact|phone) me(?: back)?",
    rf"(?:i (?:don t|do not|dont) want (?:to (?:talk|speak|chat) (?:to|with) )?)"
    rf"(?:a |the |this )?{_BOT}|(?:not a|no) {_BOT}",
    # de
    rf"(?:(?:(?:ich )?(?:mochte|will|wurde gerne?|wurd gern|muss|kann ich|konnte ich|darf ich)"
    rf"(?: bitte| gern| gerne| lieber)*|kann man|wie kann ich) )?{_DE_WHO}"
    rf" (?:sprechen|reden|schreiben|chatten|verbunden werden)",
    rf"(?:(?:verbinden sie mich|verbinde mich|leite(?:n sie)? mich|geben sie mir|gib mir|"
    rf"ich (?:brauche|mochte|will))(?: bitte)?(?: mit| zu)? )?{_DE_NAMED}(?: (?:weiter|da))?",
    r"(?:gibt es(?: hier)?|ist(?: da| hier)?) (?:einen? )?(?:echten? |richtigen? )?"
    r"(?:mensch(?:en)?|mitarbeiter)(?: da| hier)?",
    rf"kein(?:en?)? {_BOT}|(?:ich (?:will|mochte) )?nicht mit (?:einem |einer )?{_BOT}"
    rf"(?: (?:reden|sprechen|schreiben))?",
    # fr
    rf"(?:(?:je (?:veux|voudrais|souhaite|souhaiterais|aimerais|prefere|prefererais)|"
    rf"puis je|est ce que je peux|je peux|peut on|pourrais je|comment) )?"
    rf"(?:parler|discuter|echanger)(?: directement)? {_FR_WHO}",
    rf"(?:(?:je (?:veux|voudrais)|passez moi|passe moi|y a t il|est ce qu il y a|j ai besoin d)"
    rf" )?{_FR_NAMED}",
    rf"pas de {_BOT}|je ne veux pas (?:parler a )?(?:de |un )?{_BOT}",
    # es
    rf"(?:(?:quiero|quisiera|necesito|me gustaria|prefiero|puedo|podria|se puede|como puedo) )?"
    rf"(?:hablar|chatear|comunicarme) {_ES_WHO}",
    rf"(?:(?:quiero|necesito|paseme|pasame|pongame|comuniqueme con|comunicame con) )?{_ES_NAMED}",
    rf"(?:no quiero (?:hablar con )?(?:un |el )?|no (?:un )?|sin ){_BOT}",
    # it
    rf"(?:(?:voglio|vorrei|devo|posso|potrei|preferisco|preferirei|si puo|come posso) )?"
    rf"(?:parlare|chattare) {_IT_WHO}",
    rf"(?:(?:voglio|vorrei|mi passi|passami|c e|mi passa) )?{_IT_NAMED}",
    rf"(?:non (?:voglio|un)(?: parlare con)?(?: un)?|no) {_BOT}",
    # pt
    rf"(?:(?:eu )?(?:quero|queria|gostaria de|preciso(?: de)?|prefiro|posso|poderia|da para|"
    rf"como posso) )?(?:falar|conversar) {_PT_WHO}",
    rf"(?:(?:eu )?(?:quero|queria|preciso de|passe me|me passa|me passe) )?{_PT_NAMED}",
    rf"(?:nao quero (?:falar com )?(?:um )?|nao (?:um )?|sem ){_BOT}",
    # nl
    rf"(?:(?:ik (?:wil|zou|moet)(?: graag| liever)*|kan ik|kunnen we|mag ik|hoe kan ik) )?"
    rf"{_NL_WHO} (?:spreken|praten|chatten|te spreken|willen spreken)",
    rf"(?:(?:verbind mij|verbind me|ik wil|geef mij|geef me)(?: graag)?(?: door)?(?: met| naar)?"
    rf" )?{_NL_NAMED}(?: door)?",
    rf"(?:geen|ik wil geen) {_BOT}",
)  # fmt: skip
_WHOLE = (
    "人と話したい, 人と話したいです, 人間と話したい, 人間と話したいです, "
    "担当者をお願いします, 担当者と話したい, 担当者と話したいです, 担当の方をお願いします, "
    "スタッフと話したい, スタッフと話したいです, スタッフをお願いします, "
    "オペレーターをお願いします, オペレーター, オペレーターにつないでください, "
    "担当者につないでください, 人につないでください, 人をお願いします, "
    "有人対応をお願いします, ボットじゃなくて人と話したい, 誰かと話せますか, 人工, 转人工, "
    "轉人工, 人工客服, 转人工客服, 人工服务, 转人工服务, 我要人工, 我要转人工, 请转人工, "
    "我要人工客服, 找人工, 找人工客服, 我想和真人说话, 我想跟真人说话, 我要和真人聊, 真人, "
    "真人客服, 我要真人, 我想和人说话, 找客服, 客服, 我要找客服, 不要机器人, "
    "我不想跟机器人说话, 轉真人, 轉客服, أريد التحدث مع شخص, أريد التحدث إلى شخص, "
    "أريد التحدث مع إنسان, أريد التحدث مع موظف, أريد التحدث إلى موظف, أريد موظف, أريد موظفا, "
    "أريد شخصا حقيقيا, أريد التحدث مع شخص حقيقي, هل يمكنني التحدث مع شخص, "
    "هل يمكنني التحدث مع موظف, هل يمكنني التحدث إلى شخص, شخص حقيقي, خدمة العملاء, موظف, "
    "موظف خدمة العملاء, حولني إلى موظف, لا أريد روبوت"
)


def asks_for_a_person(text: str) -> bool:
    """Whether the whole message asks to go on with a person, said or written."""
    if len(visible(text)) > _LONGEST:
        return False
    return any(
        said in _PLAIN_WHOLE or _REQUEST.fullmatch(said) for said in without_courtesy(plain(text))
    )


_REQUEST = re.compile("|".join(_PATTERNS))
_PLAIN_WHOLE = frozenset(plain(phrase) for phrase in _WHOLE.split(", "))
