"""What the rules themselves say, in the languages that there is a lexicon of."""

from __future__ import annotations

from types import MappingProxyType

from app.languages import primary_subtag


def did_you_mean_aloud(one: str, other: str, language: str | None) -> str:
    """`Did you mean delivery or returns?`"""
    form = _CHOICE.get(primary_subtag(language or "en"), _CHOICE["en"])
    return form.format(one, other)


_CHOICE = MappingProxyType(
    {
        "en": "Did you mean {0} or {1}?",
        "de": "Meinten Sie {0} oder {1}?",
        "fr": "Vouliez-vous dire {0} ou {1} ?",
        "es": "¿Se refiere a {0} o a {1}?",
        "it": "Intende {0} o {1}?",
        "pt": "Quis dizer {0} ou {1}?",
        "nl": "Bedoelt u {0} of {1}?",
    }
)
