"""What is said when no answer can be had, in the language of the question."""

from __future__ import annotations

from types import MappingProxyType

from app.languages import primary_subtag


def apology(language: str | None) -> tuple[str, str]:
    """The apology and the language it is in: `language` (BCP 47) if known here, else English."""
    primary = primary_subtag(language or "en")
    if primary not in _APOLOGIES:
        primary = "en"
    return _APOLOGIES[primary], primary


def not_known(language: str | None) -> tuple[str, str]:
    """What is said where nobody knows the answer, and the language it is in."""
    primary = primary_subtag(language or "en")
    if primary not in _NOT_KNOWN:
        primary = "en"
    return _NOT_KNOWN[primary], primary


def is_apology(text: str) -> bool:
    """Whether `text` is one of the apologies of this file, in any language."""
    return text in _ALL_APOLOGIES


_NOT_KNOWN = MappingProxyType(
    {
        "en": "Sorry, I do not know that. I will pass your question on.",
        "de": "Das weiß ich leider nicht. Ich gebe Ihre Frage weiter.",
        "fr": "Désolé, je ne le sais pas. Je transmets votre question.",
        "es": "Lo siento, no lo sé. Paso su pregunta a un compañero.",
        "it": "Mi dispiace, non lo so. Inoltro la sua domanda.",
        "pt": "Desculpe, não sei responder a isso. Vou encaminhar a sua pergunta.",
        "nl": "Sorry, dat weet ik niet. Ik geef uw vraag door.",
    }
)

_APOLOGIES = MappingProxyType(
    {
        "en": "Sorry, I cannot answer that right now. Please try again a little later.",
        "de": "Tut mir leid, das kann ich gerade nicht beantworten. "
        "Bitte versuchen Sie es etwas später noch einmal.",
        "fr": "Désolé, je ne peux pas répondre pour le moment. "
        "Merci de réessayer un peu plus tard.",
        "es": "Lo siento, ahora mismo no puedo responder. Inténtelo de nuevo un poco más tarde.",
        "it": "Mi dispiace, al momento non posso rispondere. Riprovi tra poco.",
        "pt": "Desculpe, não consigo responder agora. Tente novamente daqui a pouco.",
        "nl": "Sorry, daar kan ik nu geen antwoord op geven. Probeer het straks nog eens.",
        "pl": "Przepraszam, nie mogę teraz odpowiedzieć. Proszę spróbować trochę później.",
        "cs": "Omlouvám se, teď nemohu odpovědět. Zkuste to prosím o něco později.",
        "ru": "Извините, сейчас я не могу ответить. Попробуйте, пожалуйста, немного позже.",
        "uk": "Вибачте, зараз я не можу відповісти. Спробуйте, будь ласка, трохи пізніше.",
        "sv": "Tyvärr kan jag inte svara just nu. Försök gärna igen lite senare.",
        "da": "Beklager, det kan jeg ikke svare på lige nu. Prøv igen lidt senere.",
        "no": "Beklager, jeg kan ikke svare akkurat nå. Prøv igjen litt senere.",
        "fi": "Valitettavasti en voi vastata juuri nyt. Yritä hetken kuluttua uudelleen.",
        "tr": "Üzgünüm, şu anda cevap veremiyorum. Lütfen biraz sonra tekrar deneyin.",
        "el": "Λυπάμαι, δεν μπορώ να απαντήσω αυτή τη στιγμή. Δοκιμάστε ξανά λίγο αργότερα.",
        "he": "סליחה, אני לא יכול לענות כרגע. אפשר לנסות שוב קצת מאוחר יותר.",
        "ar": "عذرًا، لا أستطيع الإجابة الآن. يرجى المحاولة مرة أخرى بعد قليل.",
        "hi": "माफ़ कीजिए, मैं अभी जवाब नहीं दे सकता। कृपया थोड़ी देर बाद फिर कोशिश करें।",
        "zh": "抱歉，我现在无法回答。请稍后再试。",
        "ja": "申し訳ありません。今はお答えできません。少し後でもう一度お試しください。",
        "ko": "죄송합니다. 지금은 답변할 수 없습니다. 잠시 후 다시 시도해 주세요.",
    }
)

_ALL_APOLOGIES = frozenset(_APOLOGIES.values())
