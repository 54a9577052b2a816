"""Requests for writing or for voice, by the meaning of the whole message."""

from __future__ import annotations

import re

from app.policy.wording import plain

_LONGEST = 160  # characters
_NO = re.compile(r"\s*no\s?[,.;:!]", re.IGNORECASE)  # "no, voice please" is not "no voice"

# Matched against `plain` words: small letters, without accents and punctuation.
_SORRY = r"(?:sorry |hey |hi |ok )?"
_EN_PLEASE = r"(?:please |pls |plz )?"
_EN_LATER = (
    r"(?: (?:right now|now|at the moment|at work|here|instead|again|please|pls|thanks|thank you))*"
)
_EN_WRITE = (
    rf"{_EN_PLEASE}(?:text|write|type)(?: (?:me|it|that|back|to me|it to me|it down|your answer|"
    r"me back|it out))"
)
_TEXT = (
    rf"{_SORRY}(?:can you |could you |would you |just )?{_EN_WRITE}{_EN_LATER}",
    rf"{_SORRY}{_EN_PLEASE}(?:write|type){_EN_LATER}|(?:please|pls) text{_EN_LATER}",
    rf"{_SORRY}i (?:can t|cannot|can not|cant|couldn t|am not able to) (?:listen|hear|play)"
    r"(?: to)?(?: (?:this|it|that|you|audio|voice|voice memos?|memos?|the memo|sound))?"
    rf"{_EN_LATER}(?: (?:so )?(?:can you |could you )?{_EN_PLEASE}(?:text|write|type)"
    rf"(?: (?:me|it|to me|back))?{_EN_LATER})?",
    rf"{_EN_PLEASE}(?:answer|reply|respond|send (?:it|that|me))(?: to me)? (?:in|as|by|with|via) "
    rf"(?:a )?(?:text|writing|text message){_EN_LATER}",
    rf"(?:in writing|as text|by text|no (?:more )?(?:voice memos?|voice|audio)){_EN_LATER}",
    rf"i (?:d |would )?(?:prefer|rather have|rather read)(?: a)? ?(?:text|texts|writing|"
    rf"it)?{_EN_LATER}",
    # de
    r"(?:ich )?kann (?:gerade|jetzt|hier|im moment)?(?: ?(?:nichts|nicht|keine sprachnachrichten))"
    r"(?: an)?(?: ?(?:horen|anhoren|abhoren))(?: bitte)?(?: schreib(?:en sie)?(?: mir)?)?(?: "
    r"bitte)?",
    r"(?:bitte )?(?:schreib(?:t|en sie)?|antworte(?:n sie)?)(?: (?:mir|es|bitte|lieber|mal|es mir|"
    r"schriftlich|per text|als text))+|schriftlich bitte|bitte schriftlich|"
    r"(?:bitte )?keine sprachnachrichten(?: mehr)?(?: bitte)?|als text bitte|bitte als text",
    r"(?:konnen sie|konntest du|kannst du)(?: mir)?(?: das| es)?(?: bitte)? schreiben",
    # fr
    r"(?:un )?(?:texte|texto|sms)(?: svp| stp| s il (?:vous|te) plait)|par ecrit(?: svp| stp)?|"
    r"(?:ecrive?z|ecris)(?: |)(?:moi|le moi|le)?(?: plutot)?(?: svp| stp| s il (?:vous|te) plait)?|"
    r"(?:desole )?je (?:ne )?peux pas (?:ecouter|l ecouter)(?: (?:la|maintenant|ici|les vocaux|"
    r"pour le moment))*(?: (?:ecrive?z|ecris)(?: |)(?:moi)?)?(?: svp| stp| s il (?:vous|te) "
    r"plait)?|"
    r"(?:pouvez vous|peux tu) (?:m ecrire|l ecrire)(?: svp| stp| s il (?:vous|te) plait)?|"
    r"pas de (?:vocal|vocaux|messages? vocal|messages? vocaux)(?: svp| stp| merci)?",
    # es
    r"(?:ahora )?no puedo (?:escuchar(?:lo|te)?|oir(?:lo)?)(?: (?:ahora|aqui|audios|el audio|"
    r"ahora mismo))*"
    r"(?: (?:escribeme|escribame|por escrito))?(?: por favor)?|"
    r"(?:por favor )?(?:escribeme|escribame|escribamelo|escribemelo|escribelo|escribalo)(?: por "
    r"favor)?|"
    r"(?:por|en) (?:escrito|texto)(?: por favor)?|(?:sin|no mas) audios?(?: por favor)?|"
    r"(?:puedes|puede|podrias|podria) escribir(?:me|lo|melo)?(?: por favor)?|mejor por escrito",
    # it
    r"(?:adesso |ora )?non posso (?:ascoltare|sentire|ascoltarlo)(?: (?:adesso|ora|qui|audio|"
    r"vocali))*"
    r"(?: (?:scrivimi|mi scriva))?(?: per favore)?|(?:per favore )?(?:scrivimi|mi scriva|"
    r"scrivetemi|"
    r"scrivimelo)(?: per favore)?|per iscritto(?: per favore)?|"
    r"(?:puoi|puo|potresti|potrebbe) scriver(?:mi|lo|melo)(?: per favore)?|"
    r"(?:niente|no) (?:audio|vocali)(?: per favore| grazie)?",
    # pt
    r"(?:agora )?nao (?:posso|consigo) (?:ouvir|escutar)(?: (?:agora|aqui|audio|audios|isso))*"
    r"(?: (?:escreve|escreva|me escreva))?(?: por favor)?|(?:por favor )?(?:me escrev[ae]|"
    r"escrev[ae] me|"
    r"escrev[ae])(?: por favor)?|por (?:escrito|texto)(?: por favor)?|"
    r"(?:pode|poderia|podes)(?: me)? escrever(?: por favor)?|sem audios?(?: por favor)?",
    # nl
    r"(?:ik )?kan (?:nu |even |hier )?niet (?:luisteren|afluisteren|naar audio luisteren)(?: nu)?"
    r"(?: (?:schrijf|app|typ)(?: (?:het|me|mij))?)?(?: alsjeblieft| graag| aub)?|"
    r"(?:graag |liever )?(?:schrijf|typ|app)(?: (?:het|me|mij|het me|maar|liever))+"
    r"(?: alsjeblieft| graag| aub)?|"
    r"(?:liever |graag )?(?:schriftelijk|per tekst|geen spraakbericht(?:en)?)(?: graag| "
    r"alsjeblieft| "
    r"aub)?|"
    r"(?:kun|kan) (?:je|u) (?:het |me |mij )?(?:schrijven|typen|appen)(?: alsjeblieft| aub)?",
)  # fmt: skip
_VOICE = (
    rf"{_EN_PLEASE}(?:send|use|back to|go back to)(?: me)?(?: a)? (?:voice|voice memos?|memos?|"
    rf"audio)"
    rf"{_EN_LATER}|voice(?: memos?)? (?:again|is fine|is ok)(?: please)?|"
    rf"{_EN_PLEASE}(?:answer|reply|respond) (?:by|with|in|as) (?:a )?(?:voice|voice "
    rf"memos?){_EN_LATER}|"
    r"(?:you can )?(?:talk|speak) to me(?: again)?(?: please)?|i can (?:listen|hear)(?: again| "
    r"now)+|"
    r"(?:a )?voice memos? please",
    r"(?:bitte )?(?:wieder )?(?:als |per )?(?:sprachnachricht(?:en)?|sprache)(?: bitte| wieder)+|"
    r"sprich(?: bitte)?(?: wieder)? mit mir|ich kann wieder (?:zu)?horen|"
    r"(?:bitte )?(?:antworte|schick)(?: mir)?(?: wieder)?(?: bitte)? (?:per |als |mit |eine )?"
    r"sprachnachricht(?:en)?",
    r"(?:un |en )?(?:vocal|message vocal|audio)(?: svp| stp| s il (?:vous|te) plait)|"
    r"je peux (?:de nouveau )?ecouter(?: maintenant)?|(?:repond(?:s|ez)) (?:en|par) vocal",
    r"(?:en |por )?(?:audio|voz|nota de voz)(?: otra vez)?(?: por favor)|"
    r"ya puedo (?:escuchar|oir)(?: audios)?|(?:mandame|enviame|mandeme) (?:un )?audios?(?: por "
    r"favor)?",
    r"(?:un |in )?(?:audio|vocale|nota vocale)(?: per favore)|ora posso ascoltare|"
    r"(?:mandami|mi mandi) (?:un )?(?:audio|vocale)(?: per favore)?",
    r"(?:em |por )?(?:audio|voz)(?: de novo)?(?: por favor)|ja posso ouvir|"
    r"(?:manda|mande|me manda|me mande)(?: um)? audio(?: por favor)?",
    r"(?:weer )?(?:spraak|spraakbericht(?:en)?|audio)(?: weer)?(?: graag| alsjeblieft| aub)|"
    r"ik kan weer luisteren|stuur(?: me| mij)? (?:weer )?(?:een )?spraakbericht(?:en)?(?: "
    r"alsjeblieft)?",
)  # fmt: skip
_TEXT_WHOLE = (
    "文字でお願いします, 文字でください, テキストでお願いします, テキストでください, "
    "文章でお願いします, "
    "書いてください, 今聞けません, 今は聞けません, 今聞けないので文字でお願いします, "
    "今音声を聞けません, 音声は聞けません, 音声なしでお願いします, メッセージで書いてください, "
    "请发文字, 請發文字, 发文字, 发文字吧, 请打字, 打字吧, 用文字回复, 请用文字, 请用文字回复, "
    "我听不了, "
    "我现在听不了, 现在不方便听, 我现在不方便听, 现在不方便听语音, 不要语音, 不方便听语音请打字, "
    "写下来, 請打字, 請用文字, "
    "اكتب لي, اكتب لي من فضلك, من فضلك اكتب لي, اكتبها لي, نص من فضلك, كتابة من فضلك, "
    "لا أستطيع السماع الآن, لا أستطيع الاستماع الآن, لا أستطيع الاستماع, لا يمكنني الاستماع الآن, "
    "لا أستطيع الاستماع الآن اكتب لي, بدون صوت من فضلك, أرسلها نصا"
)
_VOICE_WHOLE = (
    "音声でお願いします, 声でお願いします, 音声でください, ボイスメッセージでお願いします, "
    "また音声でお願いします, 请发语音, 請發語音, 发语音吧, 用语音回复, 请用语音, 可以发语音了, "
    "語音吧, "
    "صوت من فضلك, رسالة صوتية من فضلك, أرسل رسالة صوتية, أرسل لي رسالة صوتية, "
    "يمكنني الاستماع الآن, أستطيع الاستماع الآن"
)


def asks_for_text(text: str) -> bool:
    """Whether the whole message asks to be written to instead of spoken to."""
    return _asks(text, _FOR_TEXT, _PLAIN_TEXT)


def asks_for_voice(text: str) -> bool:
    """Whether the whole message asks for voice memos."""
    return _asks(text, _FOR_VOICE, _PLAIN_VOICE)


def _asks(text: str, pattern: re.Pattern[str], whole: frozenset[str]) -> bool:
    if len(text) > _LONGEST or _NO.match(text):
        return False
    said = plain(text)
    return said in whole or pattern.fullmatch(said) is not None


_FOR_TEXT = re.compile("|".join(_TEXT))
_FOR_VOICE = re.compile("|".join(_VOICE))
_PLAIN_TEXT = frozenset(plain(phrase) for phrase in _TEXT_WHOLE.split(", "))
_PLAIN_VOICE = frozenset(plain(phrase) for phrase in _VOICE_WHOLE.split(", "))
