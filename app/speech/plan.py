"""The script of a recording: who says what in which language, and how long it will take."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile

from app.speech.language import segments
from app.speech.sentences import chunks, sentences

# Milliseconds of silence behind a piece.
_AFTER_PARAGRAPH = 550
_AFTER_SENTENCE = 320
_INSIDE_SENTENCE = 110

_ENOUGH = 2.5  # times the estimate, to be sure that a text fills its seconds


@dataclass(frozen=True)
class Line:
    """One sentence. `at` and `end` are its place in the text that is spoken."""

    text: str
    language: str
    at: int
    end: int
    pause_ms: int


@dataclass(frozen=True)
class Piece:
    """What an engine speaks in one go. `end` is the place in the text behind it."""

    text: str
    language: str
    end: int
    pause_ms: int
    whole: bool  # whether it ends where a sentence ends


def beginning(spoken: str, seconds: float) -> str:
    """More of the beginning of `spoken` than can be said in `seconds`; all of a shorter text.

    It bounds the work on a text of any length. The end may stand in the middle of a sentence.
    """
    needed = accumulate(map(_seconds, spoken))
    return spoken[: sum(1 for _ in takewhile(lambda total: total < _ENOUGH * seconds, needed)) + 1]


def lines(spoken: str, language: str) -> list[Line]:
    """The sentences of `spoken`, each with its language; `language` where it cannot be told."""
    found: list[Line] = []
    at = 0
    for spoken_in, segment in segments(spoken, language):
        for sentence in sentences(segment):
            if not any(map(str.isalnum, sentence)):
                continue
            start = spoken.find(sentence, at)
            at = (start if start >= 0 else at) + len(sentence)
            found.append(Line(sentence, spoken_in, at - len(sentence), at, _AFTER_SENTENCE))
    return [
        replace(line, pause_ms=_AFTER_PARAGRAPH)
        if "\n" in spoken[line.end : following.at]
        else line
        for line, following in zip(found, [*found[1:], *found[-1:]], strict=True)
    ]


def opening(script: Sequence[Line], seconds: float) -> list[Line]:
    """The first sentences that fit into `seconds` by estimate; at least a part of the first."""
    kept: list[Line] = []
    left = seconds
    for line in script:
        left -= estimate(line.text) + line.pause_ms / 1000
        if left < 0 and kept:
            break
        kept.append(line)
    first = kept[0] if kept else None
    if first and len(kept) == 1 and estimate(first.text) > seconds:
        room = max(1, int(len(first.text) * seconds / estimate(first.text)))
        part = chunks(first.text, room)[0]
        kept = [replace(first, text=part, end=first.at + len(part))]
    return kept


def pieces(script: Sequence[Line], limit: int) -> list[Piece]:
    """`script` in pieces of at most `limit` characters, each in one language."""
    found: list[Piece] = []
    for line in script:
        last = found[-1] if found else None
        if (
            last
            and last.whole
            and last.pause_ms == _AFTER_SENTENCE
            and last.language == line.language
            and len(last.text) + 1 + len(line.text) <= limit
        ):
            text = f"{last.text} {line.text}"
            found[-1] = Piece(text, line.language, line.end, line.pause_ms, True)
            continue
        parts = [line.text] if len(line.text) <= limit else chunks(line.text, limit)
        found += [
            Piece(part, line.language, line.at, _INSIDE_SENTENCE, False) for part in parts[:-1]
        ]
        found.append(Piece(parts[-1], line.language, line.end, line.pause_ms, True))
    return found


def estimate(text: str) -> float:
    """Seconds it takes to say `text` at an ordinary pace, roughly."""
    return sum(map(_seconds, text))


def _seconds(character: str) -> float:
    if character.isdecimal():
        return 0.3
    if character < "\u2e80":
        return 0.068
    if "\uac00" <= character <= "\ud7af":
        return 0.17
    if "\u3040" <= character <= "\u30ff":
        return 0.13
    return 0.22 if unicodedata.east_asian_width(character) == "W" else 0.068
