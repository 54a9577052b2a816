"""The plan of a memo: its sentences, their languages and pauses, and how long they take to say."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile

from app.speech.language import language_runs, runs_in
from app.speech.normalization import spoken_form
from app.speech.sentences import chunks, sentences

# Milliseconds of silence behind a segment or chunk.
_AFTER_PARAGRAPH = 550
_AFTER_SENTENCE = 320
_INSIDE_SENTENCE = 110

_NEW_LINE = 0.3  # seconds at least
_ESTIMATE_MARGIN = 2.5  # times the estimate, to be sure that a text fills its seconds


@dataclass(frozen=True)
class Segment:
    """One sentence in one language. `start` and `end` are its place in the text, as in a slice.

    `text` is its spoken form, `written` what stands in the text.
    """

    text: str
    language: str
    start: int
    end: int
    pause_ms: int
    written: str

    def in_language(self, language: str) -> Segment:
        """The same sentence, read in `language`."""
        return replace(self, text=spoken_form(self.written, language), language=language)


@dataclass(frozen=True)
class Chunk:
    """What an engine speaks in one request. `end` is the place in the text behind it."""

    text: str
    language: str
    end: int
    pause_ms: int
    ends_sentence: bool


@dataclass(frozen=True)
class SpeechPlan:
    """The segments of a memo, in the order they are spoken."""

    segments: tuple[Segment, ...]

    @classmethod
    def of_text(cls, text: str, language: str) -> SpeechPlan:
        """The sentences of speakable `text`; `language` where theirs cannot be detected.

        What has neither letter nor digit is left out.
        """
        return cls._of_runs(text, language_runs(text, language))

    @classmethod
    def in_language(cls, text: str, language: str) -> SpeechPlan:
        """The sentences of speakable `text`, which is told to be in `language`; only what is
        plainly in another script is read in another."""
        return cls._of_runs(text, runs_in(text, language))

    @classmethod
    def _of_runs(cls, text: str, runs: Sequence[tuple[str, str]]) -> SpeechPlan:
        found: list[Segment] = []
        at = 0
        for run_language, run in runs:
            for sentence in sentences(run):
                if not any(map(str.isalnum, sentence)):
                    continue
                start = text.find(sentence, at)
                at = (start if start >= 0 else at) + len(sentence)
                found.append(_segment(sentence, run_language, at - len(sentence), at))
        return cls(
            tuple(
                replace(segment, pause_ms=_AFTER_PARAGRAPH)
                if "\n" in text[segment.end : following.start]
                else segment
                for segment, following in zip(found, [*found[1:], *found[-1:]], strict=True)
            )
        )

    def readable_by(self, supports: Callable[[str], bool], language: str) -> SpeechPlan:
        """The plan with what an engine has no voice for read in `language`."""
        return SpeechPlan(
            tuple(
                segment if supports(segment.language) else segment.in_language(language)
                for segment in self.segments
            )
        )

    def limited(self, seconds: float) -> SpeechPlan:
        """The first segments that fit into `seconds` by estimate; at least a part of the first."""
        kept: list[Segment] = []
        left = seconds
        for segment in self.segments:
            left -= estimate(segment.text) + segment.pause_ms / 1000
            if left < 0 and kept:
                break
            kept.append(segment)
        first = kept[0] if kept else None
        if first and len(kept) == 1 and estimate(first.text) > seconds:
            max_chars = max(1, int(len(first.written) * seconds / estimate(first.text)))
            part = chunks(first.written, max_chars)[0]
            kept = [_segment(part, first.language, first.start, first.start + len(part))]
        return SpeechPlan(tuple(kept))

    def chunks(
        self, max_chars: int, alone: Callable[[Segment], bool] = lambda _segment: False
    ) -> list[Chunk]:
        """The plan in chunks of at most `max_chars` characters, each in one language.

        alone: whether a segment is to be a chunk of its own.
        """
        found: list[Chunk] = []
        closed = False
        for segment in self.segments:
            was_closed, closed = closed, alone(segment)
            apart = was_closed or closed
            if found and not apart and _fits_behind(found[-1], segment, max_chars):
                text = f"{found[-1].text} {segment.text}"
                found[-1] = Chunk(text, segment.language, segment.end, segment.pause_ms, True)
                continue
            *parts, last = _split(segment.text, max_chars)
            found += [
                Chunk(part, segment.language, segment.start, _INSIDE_SENTENCE, False)
                for part in parts
            ]
            found.append(Chunk(last, segment.language, segment.end, segment.pause_ms, True))
        return found


def beginning(text: str, seconds: float) -> str:
    """More of the beginning of `text` than can be said in `seconds`; all of a shorter text.

    It bounds the work on a text of any length. The end may stand in the middle of a sentence.
    """
    needed = accumulate(map(_seconds, text))
    enough = _ESTIMATE_MARGIN * seconds
    return text[: sum(1 for _ in takewhile(lambda total: total < enough, needed)) + 1]


def estimate(text: str) -> float:
    """Seconds it takes to say `text` at an ordinary pace, roughly."""
    return sum(map(_seconds, text))


def _segment(sentence: str, language: str, start: int, end: int) -> Segment:
    said = spoken_form(sentence, language)
    return Segment(said, language, start, end, _AFTER_SENTENCE, sentence)


def _fits_behind(chunk: Chunk, segment: Segment, max_chars: int) -> bool:
    """Whether one request can speak both without losing a pause or a change of language."""
    return (
        chunk.ends_sentence
        and chunk.pause_ms == _AFTER_SENTENCE
        and chunk.language == segment.language
        and len(chunk.text) + 1 + len(segment.text) <= max_chars
    )


def _split(text: str, max_chars: int) -> list[str]:
    return [text] if len(text) <= max_chars else chunks(text, max_chars)


def _seconds(character: str) -> float:
    if character.isdecimal():
        return 0.3
    if character < "\u2e80":
        return _NEW_LINE if character == "\n" else 0.068
    if "\uac00" <= character <= "\ud7af":
        return 0.17
    if "\u3040" <= character <= "\u30ff":
        return 0.13
    return 0.22 if unicodedata.east_asian_width(character) == "W" else 0.068
