"""The guard that every answer passes: whatever a responder does, no harm comes of it."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import re
import sysconfig
import traceback
import unicodedata
from pathlib import Path

import structlog

from app.responders.apologies import apology, is_not_known, not_known, passed_on
from app.responders.artefacts import unwrapped
from app.responders.protocol import (
    HAND_OVER_REASONS,
    MAX_SUMMARY_CHARACTERS,
    NOT_MINE,
    Answer,
    HandOver,
    Question,
    Responder,
    ResponderError,
    one_line,
)

MAX_CHARACTERS = 10_000
MAX_WRITTEN_CHARACTERS = 4_000
_LEFT_OUT = " […]"
"""Shows a person that there was more."""
MAX_HAND_OVER_SECONDS = 30 * 86_400.0

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,4}")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|[。！？\n]")
_NOT_A_CODE = re.compile(r"[^A-Za-z0-9_.:#/+-]+")

_log = structlog.get_logger()


class GuardedResponder:
    """Puts a deadline on a responder and checks what it gives back.

    Every failure becomes one line in the log and a `ResponderError` with an apology in the
    question's language.
    """

    def __init__(self, responder: Responder, *, name: str, deadline: float) -> None:
        """`name` stands in the log; `deadline` is in seconds, retries included."""
        self._responder = responder
        self._name = name
        self._deadline = deadline

    async def answer(self, question: Question) -> Answer:
        """Raises: ResponderError, and nothing else."""
        try:
            async with asyncio.timeout(self._deadline) as time:
                answer = await self._responder.answer(question)
            if answer == NOT_MINE:
                answer = await default_in_own_words(question)
            return checked(answer)
        except ResponderError as error:
            raise self._failed(question, error) from error
        except (Exception, SystemExit) as error:
            late = isinstance(error, TimeoutError) and time.expired()
            cause = f"no answer within {self._deadline:g} s" if late else where_raised(error)
            reason = "deadline" if late else "raised"
            raise self._failed(question, ResponderError(cause, reason=reason)) from error

    async def aclose(self) -> None:
        await self._responder.aclose()

    def _failed(self, question: Question, error: ResponderError) -> ResponderError:
        _log.warning(
            "responder failed",
            responder=self._name,
            reason=error.reason,
            cause=str(error),
            message_id=question.message_id,
        )
        text, language = error.apology, error.language
        if not text:
            text, language = apology(question.language)
        return ResponderError(str(error), apology=text, language=language, reason=error.reason)


def checked(answer: object) -> Answer:
    """The answer with its text cleaned and bounded, and without fields of the wrong type.

    Raises: ResponderError when it is no answer, its text is no text, or it says nothing.
    """
    if not isinstance(answer, Answer):
        raise ResponderError(
            f"gave a {type(answer).__name__}, expected an Answer", reason="bad-answer"
        )
    if answer.silent is True:
        return dataclasses.replace(
            answer,
            text="",
            language=None,
            voice=None,
            reason=_code(answer.reason) or "silent",
            hand_over_seconds=_seconds(answer.hand_over_seconds),
            written=_written(answer.written),
            spoken="",
            hand_over=_hand_over(answer.hand_over),
        )
    if not isinstance(answer.text, str):
        raise ResponderError(
            f"its text is a {type(answer.text).__name__}, expected a string", reason="bad-answer"
        )
    text = _cut(unwrapped(answer.text), MAX_CHARACTERS)
    if not text:
        raise ResponderError("said nothing", reason="nothing")
    return Answer(
        text=text,
        language=_language(answer.language),
        voice=_voice(answer.voice),
        reason=_code(answer.reason),
        hand_over_seconds=_seconds(answer.hand_over_seconds),
        written=_written(answer.written),
        spoken=_spoken(answer.spoken),
        hand_over=_hand_over(answer.hand_over),
    )


async def default_in_own_words(question: Question) -> Answer:
    """What is said where there is no rules file with a default; the second time in a row, that a
    person shall see to it."""
    said = (turn.text for turn in reversed(question.history) if turn.role == "assistant")
    if is_not_known(next(said, "")):
        text, language = passed_on(question.language)
        hand_over = HandOver("not_known", one_line(question.text))
        return Answer(text=text, language=language, reason="default", hand_over=hand_over)
    text, language = not_known(question.language)
    return Answer(text=text, language=language, reason="default")


def clean(text: str) -> str:
    """`text` without control characters and lone surrogates, which no store or voice can take."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(
        c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")
    ).strip()


def bounded(text: str, characters: int = MAX_CHARACTERS) -> str:
    """The beginning of `text`, up to the last sentence that ends within `characters`."""
    if len(text) <= characters:
        return text
    head = text[:characters]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    if ends and ends[-1] > characters // 2:
        return head[: ends[-1]].rstrip()
    words = head.rsplit(maxsplit=1)
    at_a_word = len(words) == 2 and " " in head[characters // 2 :]
    return (words[0] if at_a_word else head).rstrip()


def where_raised(error: BaseException) -> str:
    """The type of an error and the line of own code it came from.

    Not its message, which may quote the chat.
    """
    frames = traceback.extract_tb(error.__traceback__)
    paths = sysconfig.get_paths()
    libraries = (paths["stdlib"], paths["purelib"], paths["platlib"])
    own = [frame for frame in frames if not frame.filename.startswith((*libraries, "<"))]
    for frame in reversed(own or frames):
        return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    return type(error).__name__


def _language(value: object) -> str | None:
    if isinstance(value, str) and _LANGUAGE.fullmatch(value):
        return value.replace("_", "-")
    if value:
        _log.warning("answer's language ignored", expected="a BCP 47 language such as en or pt-BR")
    return None


def _voice(value: object) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable():
        return value
    if value:
        _log.warning("answer's voice ignored", expected="the name of a voice")
    return None


def _code(value: object) -> str:
    return _NOT_A_CODE.sub("-", value)[:80] if isinstance(value, str) else ""


def _written(value: object) -> str:
    if isinstance(value, str):
        return _cut(value, MAX_WRITTEN_CHARACTERS)
    _log.warning("answer's written text ignored", expected="a text")
    return ""


def _spoken(value: object) -> str:
    if isinstance(value, str):
        return bounded(clean(value[: 4 * MAX_WRITTEN_CHARACTERS]), MAX_WRITTEN_CHARACTERS)
    _log.warning("answer's spoken text ignored", expected="a text")
    return ""


def _cut(text: str, characters: int) -> str:
    """`text` cleaned, and bounded so that person and operator see that something is missing."""
    whole = clean(text[: 4 * characters])
    if len(whole) <= characters and len(text) <= 4 * characters:
        return whole
    _log.warning("answer too long, its end is left out", characters=len(text), longest=characters)
    return bounded(whole, characters - len(_LEFT_OUT)) + _LEFT_OUT


def _hand_over(value: object) -> HandOver | None:
    if value is None:
        return None
    if not isinstance(value, HandOver):
        _log.warning("answer's hand-over ignored", expected="a HandOver or None")
        return None
    reason = value.reason if value.reason in HAND_OVER_REASONS else "other"
    summary = " ".join(clean(str(value.summary)[: 4 * MAX_SUMMARY_CHARACTERS]).split())
    return HandOver(reason, summary[:MAX_SUMMARY_CHARACTERS])


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return min(max(float(value), 0.0), MAX_HAND_OVER_SECONDS)
    _log.warning("answer's hand-over ignored", expected="a number of seconds")
    return 0.0
