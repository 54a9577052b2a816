"""Text normalization: what a voice should say of an answer that was written to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from app.speech.abbreviations import MONTHS
from app.speech.artefacts import without_marks
from app.speech.characters import full_stop, visible
from app.speech.markup import HARD_BREAK, blocks
from app.speech.phrases import Phrases, phrases_for
from app.speech.verbalization import verbalize
from app.speech.writing_systems import writing_system

LONGEST_TEXT = 20_000
"""Characters that are read, and characters that are returned: twenty minutes of speech."""

# Characters; a longer line was broken for its width, not for its sense.
_WRAPPED = 60
_WRAPPED_BEFORE_LOWER_CASE = 30
_ROUNDS = 8
_CLOSERS = "\"'”’»›)）」』】 "
_STOPS = ".!?…:;。！？：；؟؛।॥۔։።།။៕។⸮‽"
_COMMAS = ",،、，"
_LEADING = re.compile(r"[\s,;:.!?)…\-–—=+/%<>×·&≤≥≈،、，。！？：；؟؛।॥»]+")
_TRAILING = " -–—=/<>(&×≤≥≈" + _COMMAS
_NUMBER = re.compile(r"[0-9]{1,9}")
_NUMBERED = re.compile(r"([0-9]{1,9})([.)])(?: +|$)(\w*)")
_PRODUCT = re.compile(r"(?:(?<=[0-9])|(?<=\b[a-z]))\*(?=[0-9]|[a-z]\b)")


def speakable(text: str, language: str = "en") -> str:
    """What a voice should say of `text`; "" when nothing speakable is left.

    `text` is markdown or plain, in any script, and read up to `LONGEST_TEXT` characters; more is
    left unsaid. `language` (ISO 639-1, or a tag such as `pt-BR`) is the one in which links, code
    and addresses are named. Each paragraph, item and row is a line of its own, and ends like a
    sentence. What was made speakable stays as it is when it is made speakable again.
    """
    phrases = phrases_for(language)
    # Between two numbers an asterisk multiplies; markdown would take a pair for emphasis.
    source = _PRODUCT.sub("×", without_marks(visible(text[:LONGEST_TEXT])))
    found = blocks(source, phrases)
    lines = [line for block in found for line in _lines(block.text, phrases)]
    is_sentence = any(block.is_sentence for block in found)
    if len(lines) > 1 or is_sentence or any(map(_NUMBERED.match, lines)):
        lines = [_ended(line) for line in lines]
    return _bounded("\n".join(lines))


def _lines(text: str, phrases: Phrases) -> Iterator[str]:
    """The lines of one block that have something to say, put into words."""
    for line in _unwrapped(text):
        said = _settled(line, phrases)
        if any(map(str.isalnum, said)):
            yield said


def _settled(line: str, phrases: Phrases) -> str:
    """`line` in words. Again while it changes, as taking one sign away can bare the next."""
    for _ in range(_ROUNDS):
        said = _trimmed(verbalize(" ".join(visible(line).split()), phrases))
        if said == line:
            break
        line = said
    return line


def _unwrapped(text: str) -> Iterator[str]:
    """The lines of `text` as they were meant: those broken only for their width are joined."""
    for part in text.split(HARD_BREAK):
        lines = [line.strip() for line in part.split("\n")]
        meant: list[str] = []
        for before, line in pairwise(["", *filter(None, lines)]):
            if not _goes_on(before, line):
                yield "".join(meant)
                meant = []
            elif before and not (_is_unspaced(before[-1]) and _is_unspaced(line[0])):
                meant.append(" ")
            meant.append(line)
        yield "".join(meant)


def _goes_on(before: str, line: str) -> bool:
    if not before or _is_ended(before):
        return False
    longest = _WRAPPED_BEFORE_LOWER_CASE if line[0].islower() else _WRAPPED
    return len(before) > longest or before[-1] in _COMMAS


def _is_unspaced(character: str) -> bool:
    """Whether `character` is of a script that writes no spaces between words: Han, Kana."""
    return character in "、，" or writing_system(character) in ("han", "kana")


def _trimmed(line: str) -> str:
    """`line` without dangling signs at its ends; a list number gets a colon."""
    line = _without_leading(line)
    if not line.endswith(";") or writing_system(line[-2:-1] or ";") != "greek":  # there a question
        line = line.rstrip(_TRAILING + ";")
    if not (numbered := _NUMBERED.match(line)):
        return line
    number, sign, word = numbered.groups()
    rest = _without_leading(line[numbered.start(3) :])
    if not rest:
        return number
    return f"{number}. {rest}" if sign == "." and word.lower() in MONTHS else f"{number}: {rest}"


def _without_leading(line: str) -> str:
    leading = _LEADING.match(line)
    if not leading:
        return line
    sign, rest = line[leading.end() - 1], line[leading.end() :]
    if (sign in "+-" and rest[:1].isdigit()) or (sign == "." and rest[:1].isalnum()):
        return sign + rest
    return rest


def _is_ended(line: str) -> bool:
    return line.rstrip(_CLOSERS)[-1:] in tuple(_STOPS)


def _ended(line: str) -> str:
    if _is_ended(line):
        return line
    # A number with a dot would look like the beginning of a list.
    return line + (":" if _NUMBER.fullmatch(line) else full_stop(line))


def _bounded(text: str) -> str:
    """`text` up to `LONGEST_TEXT` characters, cut between lines, or else between words."""
    if len(text) <= LONGEST_TEXT:
        return text
    cut = text[:LONGEST_TEXT]
    whole, _, _ = cut.rpartition("\n")
    return whole or _trimmed(cut.rpartition(" ")[0] or cut)
