"""Parting: the beginning of a long answer that fits into a memo, and the rest, as written."""

from __future__ import annotations

from app.responders.guard import bounded
from app.speech.plan import beginning, estimate
from app.speech.sentences import spans

LONGEST_TEXT = 10_000
"""UTF-16 code units of one text; Linq refuses longer ones, and two texts in one message."""

_PAUSE = 0.4  # seconds after a sentence
_PREFERRED = 0.6  # of the beginning; a paragraph that ends behind it is the better place
_MARGIN = 0.85  # voices differ from the estimate; what does not fit after all follows as text, too


def parted(text: str, seconds: float) -> tuple[str, str]:
    """`text` up to the last sentence, better paragraph, that can be said in `seconds`, and the
    rest; the rest is empty where all fits, or where not even the first sentence does.

    No block of code and no table is taken apart. The work is bounded by `seconds`.
    """
    budget = seconds * _MARGIN
    begun = beginning(text, seconds)
    if estimate(begun) <= budget:
        return text, ""
    sentence = paragraph = 0
    used = used_by_paragraph = 0.0
    for start, end in spans(begun):
        used += estimate(begun[start:end]) + _PAUSE
        if used > budget:
            break
        if _is_inside_block(text, end):
            continue
        sentence = end
        if text[end:].lstrip(" \t").startswith("\n\n"):
            paragraph, used_by_paragraph = end, used
    at = paragraph if used_by_paragraph >= _PREFERRED * budget else sentence
    return (text[:at].rstrip(), text[at:].strip()) if at else (text, "")


def _is_inside_block(text: str, at: int) -> bool:
    if text.count("```", 0, at) % 2 or text.count("~~~", 0, at) % 2:
        return True
    return text[at:].lstrip(" \t").startswith("\n|")


def text_pieces(text: str) -> list[str]:
    """`text` in as many texts as it takes, each ending with a sentence where it can."""
    pieces = []
    while _units(text) > LONGEST_TEXT:
        head, characters = text, LONGEST_TEXT
        while _units(head) > LONGEST_TEXT:
            head = bounded(text, characters)
            characters -= max(1, (_units(head) - LONGEST_TEXT) // 2)
        head = head or text[: LONGEST_TEXT // 2]
        pieces.append(head)
        text = text[len(head) :].lstrip()
    return [*pieces, text]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2
