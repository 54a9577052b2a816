"""Requests to stop, by the meaning of the whole message, in the languages of most people.

What a desk asks about is left out: "cancel", "cancelar mi cita", "when does the sale end".
"""

from __future__ import annotations

import re
from types import MappingProxyType

from app.policy.wording import plain, visible, without_courtesy

_LONGEST = 120  # characters; a longer message says more than that
# Matched against `plain` words: small letters, without accents and punctuation.
_PATTERNS = MappingProxyType(
    {
        "en": (
            r"stop(?: (?:all|it|this|that|stop))?|stopall|unsubscribe(?: me)?|quit|opt ?out|opt "
            r"me out",
            r"stop (?:texting|messaging|contacting|writing|calling|bothering|spamming|"
            r"sending)(?: to)?"
            r"(?: me)?(?: (?:these|any more|more|so many|your))?"
            r"(?: (?:messages?|texts?|voice memos?|memos?|things|stuff|this|spam))?(?: any ?more|"
            r" again)?",
            r"(?:you can|can you|could you|would you) stop (?:texting|messaging|contacting|"
            r"writing) me",
            r"(?:don t|do not|dont|never) (?:text|message|contact|write|call|bother|send)(?: to)?"
            r"(?: me)?(?: (?:any ?more |more )?(?:messages?|texts?|memos?))?(?: again| any ?more|"
            r" ever)*",
            r"leave me (?:alone|be|in peace)|go away|remove me|"
            r"no more (?:messages|texts|memos|voice memos)",
            r"(?:remove|take|get) me (?:from|off)(?: of)? (?:this|your|the) (?:mailing )?list",
            r"i (?:want|would like|d like|wish) to (?:unsubscribe|opt out)",
            r"i (?:don t|do not|dont) want (?:to (?:get|receive|hear) )?(?:any ?more |these |"
            r"your |any )?"
            r"(?:messages|texts|memos)(?: any ?more)?(?: from you)?",
        ),
        "de": (
            r"stopp|abmelden|abbestellen|aufhoren|hor(?:t|en sie)? (?:bitte )?auf"
            r"(?: (?:damit|mir zu schreiben|zu schreiben|mit den nachrichten))?|schluss damit",
            r"lass(?:t|en sie)? mich(?: bitte)? in (?:ruhe|frieden)",
            r"(?:schreib(?:t|en sie)?|schick(?:t|en sie)?) mir (?:bitte )?"
            r"(?:nicht|nichts|keine (?:nachrichten|sms|memos))(?: mehr)?",
            r"keine (?:weiteren )?nachrichten(?: mehr)?|kontaktier(?:t|en sie)? mich nicht(?: "
            r"mehr)?",
            r"(?:ich )?(?:mochte|will) (?:mich abmelden|keine nachrichten(?: mehr)?(?: bekommen| "
            r"erhalten)?)",
            r"meld(?:e|et|en sie)? mich (?:bitte )?ab|"
            r"nehm(?:t|en sie) mich (?:bitte )?(?:von|aus) (?:der|ihrer) liste",
        ),
        "fr": (
            r"arret|arrete[zr]?|desabonner|desabonnement|desinscription|desinscrire|me desabonner|"
            r"desabonnez moi|desinscrivez moi|arrete[zr]? (?:ca|de m ecrire|les messages|vos "
            r"messages|"
            r"de m envoyer (?:des|ces|vos) messages)",
            r"ne m (?:ecri(?:vez|s)|envoye[zr]? |envoie)(?:plus| plus)(?: de messages| rien)?|"
            r"ne m envoyez plus(?: de messages| rien)?|ne me contacte[zr]? plus",
            r"laisse[zr]?(?: |)moi (?:tranquille|en paix)|plus de messages|fichez moi la paix",
            r"je (?:veux|souhaite|voudrais) me desabonner|"
            r"je ne veux plus (?:recevoir )?(?:de|vos) messages",
            r"(?:retire|enleve)[zr]? moi de (?:la|votre|cette) liste",
        ),
        "es": (
            r"baja|parar|darse de baja|(?:quiero |deseo )?dar(?:me)? de baja|(?:dame|deme|denme) "
            r"de baja",
            r"(?:para|pare|paren|deja|deje|dejen) de (?:escribirme|molestar(?:me)?|"
            r"(?:mandar|enviar)(?:me)?(?: mas)? mensajes)",
            r"no me (?:escrib(?:as|a|an)|mand(?:es|e|en)|envi(?:es|e|en)|molest(?:es|e|en)|"
            r"contact(?:es|e|en))(?: mas)?(?: mensajes)?(?: mas)?",
            r"(?:dejame|dejeme|dejenme) (?:en paz|tranquil[oa])|basta de mensajes|no mas mensajes",
            r"(?:ya )?no quiero (?:recibir )?(?:mas )?mensajes(?: suyos)?(?: mas)?|"
            r"(?:quitame|quiteme|borrame|borreme) de (?:la|su) lista",
        ),
        "it": (
            r"cancellami|disiscrivimi|disiscrivetemi|disiscrizione|smettila|smettetela|la smetta",
            r"smett(?:i|a|ete|etela|ila) di (?:scrivermi|mandarmi messaggi|inviarmi messaggi|"
            r"contattarmi)",
            r"non (?:mi )?(?:scriv(?:ermi|etemi|a|ete|ere)|mand(?:armi|atemi|i|ate)|"
            r"contatt(?:armi|atemi|i|ate)|invi(?:armi|atemi|i|ate))(?: piu)?(?: messaggi)?(?: "
            r"piu)?",
            r"(?:lasciami|lasciatemi|mi lasci) (?:in pace|stare)|basta messaggi|niente piu "
            r"messaggi",
            r"non voglio (?:piu )?(?:ricevere )?(?:piu |altri |vostri )?messaggi",
            r"(?:toglimi|toglietemi|mi tolga) dalla (?:vostra )?lista",
        ),
        "pt": (
            r"parar|pare|descadastrar|me descadastr[ea]|sair da lista|cancelar o envio",
            r"par[ae] de (?:me )?(?:escrever|incomodar|mandar mensage(?:m|ns)|enviar mensage(?:m|"
            r"ns))",
            r"nao me (?:escrev[ae]|mand[ea]|envi[ea]|contate|incomode)(?: mais)?(?: "
            r"mensagens)?(?: mais)?",
            r"(?:eu )?nao quero (?:mais )?(?:receber )?(?:mais )?(?:as )?mensagens(?: suas)?",
            r"me tir[ea] da lista|me deix[ea] em paz|deix[ea] me em paz|chega de mensagens",
        ),
        "nl": (
            r"stoppen|afmelden|uitschrijven|meld (?:mij|me) af|schrijf (?:mij|me) uit|hou op",
            r"stop(?:pen)? met (?:appen|berichten|sturen|berichten sturen|mij lastigvallen|"
            r"(?:mij|me) (?:te )?(?:appen|berichten|schrijven))",
            r"stuur (?:mij|me) (?:geen (?:berichten|sms jes)|niets|niks)(?: meer)?|"
            r"geen berichten(?: meer)?",
            r"laat (?:mij|me) (?:met rust|alleen)|app (?:mij|me) niet(?: meer)?|"
            r"neem geen contact meer op",
            r"ik wil (?:me|mij) (?:afmelden|uitschrijven)|"
            r"ik wil geen berichten(?: meer)?(?: ontvangen| krijgen)?",
        ),
    }
)
# Whole messages in scripts without spaces, or with few forms; compared as `plain` has them.
_WHOLE = (
    "配信停止, 配信を停止してください, 停止, 停止してください, ストップ, 登録解除, 配信解除, "
    "やめて, "
    "やめてください, もうやめて, もう送らないで, もう送らないでください, 送らないでください, "
    "メッセージを送らないでください, 連絡しないで, 連絡しないでください, もう連絡しないでください, "
    "退订, 退訂, 取消订阅, 取消訂閱, 停止, 停止发送, 请停止, 请停止发送, 别再发了, 不要再发了, "
    "请不要再发了, 不要再发消息, 请不要再发消息, 别给我发消息, 别再给我发消息, 不要再给我发消息, "
    "别烦我, 不要打扰我, 别再联系我, 请不要再联系我, 我要退订, TD, 停止發送, 不要再發了, "
    "توقف, توقفوا, إيقاف, أوقف, إلغاء الاشتراك, أريد إلغاء الاشتراك, أوقف الرسائل, أوقفوا الرسائل, "
    "لا تراسلني, لا تراسلوني, لا تراسلني مرة أخرى, لا ترسل لي رسائل, لا ترسلوا لي رسائل, "
    "لا أريد رسائل, لا أريد المزيد من الرسائل, توقف عن مراسلتي, توقفوا عن مراسلتي, اتركني وشأني, "
    "كفى رسائل"
)


def asks_to_stop(text: str) -> bool:
    """Whether the whole message asks to be written to no more, said or written.

    Linq does not act upon it, yet to answer it with a voice memo would be rude. `Cancel` and
    `End` are left out: spelt like this they are answers that a support desk asks for.
    """
    if len(visible(text)) > _LONGEST:
        return False
    return any(
        said in _PLAIN_WHOLE or _REQUEST.fullmatch(said) for said in without_courtesy(plain(text))
    )


_REQUEST = re.compile("|".join(pattern for several in _PATTERNS.values() for pattern in several))
_PLAIN_WHOLE = frozenset(plain(phrase) for phrase in _WHOLE.split(", "))
