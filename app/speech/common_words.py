"""The language of a few common words, of which statistics are too unsure."""

from __future__ import annotations

import re
from collections import Counter
from types import MappingProxyType

_MAX_WORDS = 6
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

# Words that several languages share stand in each of them, and decide nothing by themselves.
_WORDS = MappingProxyType(
    {
        "en": "what when where how much many the you your my are do does did sounds good "
        "yes yeah sure need can today tomorrow have with there this that it is was "
        "will would deliver",
        "de": "wann wie viel wo ich sie ist das was es ja nein kein keine nicht und gerne "
        "klar alles morgen bitte heute kostet denn haben habe für uhr passt kann wir "
        "der die mit noch auch geht",
        "fr": "où quand combien d'accord oui c'est avec je vous est et pas très bien heure "
        "demain aujourd'hui avez êtes souci les des une pour non ça il y a suis veux "
        "j'ai",
        "es": "cuándo dónde cuánto cuánta qué cómo sí está están vale hay mañana muy hoy "
        "tengo puedo quiero y el los las una es acuerdo gracias también perfecto "
        "domingo claro",
        "it": "quando dove quanto va bene d'accordo perfetto che c'è sì domenica siete "
        "capito non oggi domani posso vorrei ho sono molto è il di per grazie prima "
        "anche certo",
        "pt": "quando onde quanto custa sim não está estão tá bom perfeito entendi tem "
        "muito amanhã hoje posso quero você vocês uma em é obrigado obrigada domingo "
        "também claro vaga fica",
        "nl": "wanneer waar hoeveel hoe graag goed ja nee dat klopt is ik het een niet "
        "zijn jullie prima tot morgen vandaag kan met geen heel kost plek probleem "
        "ook wij wel",
        "pl": "kiedy gdzie ile jak tak nie jest dobrze dzisiaj jutro mogę proszę czy",
        "tr": "ne zaman nerede nasıl evet hayır tamam var yok kaç bugün yarın mı mi",
        "sv": "när var hur mycket är det ja nej bra idag imorgon kan jag inte och",
        "da": "hvornår hvor meget er det ja nej godt idag imorgen kan jeg ikke og",
        "no": "når hvor mye er det ja nei bra idag imorgen kan jeg ikke og",
        "ca": "quan on quant sí bé el és una gràcies molt va tot",
        "ro": "când unde cât da nu bine este azi mâine vreau și cu o",
    }
)  # fmt: skip
_LANGUAGES: dict[str, frozenset[str]] = {}
for _language, _line in _WORDS.items():
    for _word in _line.split():
        _LANGUAGES[_word] = _LANGUAGES.get(_word, frozenset()) | {_language}


def common_language(text: str) -> str | None:
    """The one language (ISO 639-1) that more of the few words of `text` belong to than to any
    other, and at least half of them."""
    said = _WORD.findall(text.casefold().replace("’", "'"))
    if not 0 < len(said) <= _MAX_WORDS:
        return None
    votes = Counter(language for word in said for language in _LANGUAGES.get(word, ()))
    ranked = votes.most_common(2)
    if not ranked or 2 * ranked[0][1] < len(said):
        return None
    alone = len(ranked) == 1 or ranked[0][1] > ranked[1][1]
    return ranked[0][0] if alone else None
