"""The language of greetings and thanks, which are too short for statistics to tell."""

from __future__ import annotations

import re
from types import MappingProxyType

MAX_WORDS = 6

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PHRASES = MappingProxyType(
    {
        "en": "hello, good morning, good afternoon, good evening, good night, good day, thanks, "
        "thank you, thank you very much, thank you so much, many thanks, hello there, hi there, "
        "hey there, goodbye, bye bye, see you, you're welcome, thanks a lot, yes please",
        "de": "guten tag, guten morgen, guten abend, gute nacht, danke, danke schön, dankeschön, "
        "danke sehr, vielen dank, besten dank, herzlichen dank, grüß gott, grüß dich, moin, "
        "moin moin, servus, tschüss, tschüß, auf wiedersehen, schönen tag noch, bis bald, "
        "bis dann, bitte schön, hallo zusammen, schönen guten tag, schönen abend",
        "fr": "bonjour, bonsoir, bonne nuit, salut, coucou, merci, merci beaucoup, merci bien, "
        "au revoir, à bientôt, bonne journée, bonne soirée, à demain, s'il vous plaît, "
        "bonjour à tous, bonjour madame, bonjour monsieur",
        "es": "hola, buenos días, buenas tardes, buenas noches, buenas, muy buenas, gracias, "
        "muchas gracias, mil gracias, muchísimas gracias, adiós, hasta luego, hasta pronto, "
        "hasta mañana, por favor, buen día, qué tal, hola qué tal, hola buenas",
        "it": "buongiorno, buon giorno, buonasera, buona sera, buonanotte, buona notte, salve, "
        "grazie, grazie mille, molte grazie, arrivederci, buona giornata, buona serata, "
        "per favore, a presto",
        "pt": "olá, oi, bom dia, boa tarde, boa noite, obrigado, obrigada, muito obrigado, "
        "muito obrigada, tchau, até logo, até amanhã, tudo bem, oi tudo bem, olá tudo bem, "
        "olá bom dia, oi bom dia, valeu",
        "nl": "goedemorgen, goedemiddag, goedenavond, goedendag, hoi, bedankt, dank je, "
        "dank je wel, dankjewel, dank u wel, tot ziens, doei, hartelijk dank, fijne dag",
        "pl": "dzień dobry, dobry wieczór, dobranoc, cześć, dziękuję, dzięki, dziękuję bardzo, "
        "do widzenia, na razie",
        "sv": "god morgon, god kväll, god natt, tack så mycket, tack, tjena, hej då, tack tack",
        "da": "godmorgen, godaften, mange tak, hej hej, farvel",
        "no": "god morgen, god kveld, tusen takk, ha det bra, mange takk",
        "fi": "hei, hyvää päivää, hyvää huomenta, hyvää iltaa, kiitos, kiitos paljon, näkemiin",
        "tr": "merhaba, günaydın, iyi günler, iyi akşamlar, teşekkürler, teşekkür ederim, "
        "selam, hoşça kal, görüşürüz, sağ ol",
        "cs": "dobrý den, dobré ráno, dobrý večer, děkuji, děkuju, na shledanou, ahoj, díky",
        "ro": "bună ziua, bună dimineața, bună seara, mulțumesc, la revedere",
        "hu": "jó napot, jó reggelt, jó estét, köszönöm, viszontlátásra, szia",
    }
)  # fmt: skip


def greeting_language(text: str) -> str | None:
    """The one language (ISO 639-1) in which `text` is nothing but greetings and thanks."""
    said = tuple(_WORD.findall(text.casefold().replace("’", "'")))
    if not 0 < len(said) <= MAX_WORDS:
        return None
    found = [language for language in _PHRASES if _is_made_of(said, _WORDS[language])]
    return found[0] if len(found) == 1 else None


def _is_made_of(said: tuple[str, ...], phrases: frozenset[tuple[str, ...]]) -> bool:
    """Whether `said` is one phrase after the other."""
    if not said:
        return True
    return any(
        said[:length] in phrases and _is_made_of(said[length:], phrases)
        for length in range(1, len(said) + 1)
    )


_WORDS = {
    language: frozenset(tuple(_WORD.findall(phrase)) for phrase in line.split(","))
    for language, line in _PHRASES.items()
}
