"""Language of a text, for choosing the voice that reads it."""

from __future__ import annotations

_SCRIPTS = (
    (0x0370, 0x03FF, "el"),
    (0x0400, 0x04FF, "ru"),
    (0x0590, 0x05FF, "he"),
    (0x0600, 0x06FF, "ar"),
    (0x0900, 0x097F, "hi"),
    (0x0E00, 0x0E7F, "th"),
    (0x3040, 0x30FF, "ja"),
    (0x4E00, 0x9FFF, "zh"),
    (0xAC00, 0xD7AF, "ko"),
)


def detect(text: str, default: str) -> str:
    """The ISO 639-1 code of the language most of `text` is in; `default` when unsure."""
    counts: dict[str, int] = {}
    letters = [ord(character) for character in text if character.isalpha()]
    for code in letters:
        for first, last, language in _SCRIPTS:
            if first <= code <= last:
                counts[language] = counts.get(language, 0) + 1
    if counts.get("ja"):
        counts["ja"] += counts.pop("zh", 0)
    language = max(counts, key=counts.__getitem__, default=default)
    return language if counts and counts[language] * 2 > len(letters) else default


def segments(text: str, default: str) -> list[tuple[str, str]]:
    """Runs of `text` with the language each is in; one run for a text in one language."""
    return [(detect(text, default), text)] if text.strip() else []
