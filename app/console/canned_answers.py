"""Short texts for the desk: what the rules of MEMO_RULES_FILE say, to be inserted and changed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from app.responders.rules.book import Reply, RuleBook, Wording
from app.responders.rules.errors import RulesError
from app.responders.rules.reading import read_rules

log = structlog.get_logger()

MOST = 50
MAX_CHARS = 600
"""Of an answer; what is longer is no short text."""


@dataclass(frozen=True)
class CannedAnswer:
    """name: of its rule."""

    name: str
    text: str


class CannedAnswers:
    """Reads the file when it is first needed, and again when it has changed."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._version: object = None
        self._book: RuleBook | None = None
        self._reading = asyncio.Lock()

    async def in_language(self, language: str | None) -> tuple[CannedAnswer, ...]:
        """The answers in a language (BCP 47), else in the file's first; none without a file."""
        async with self._reading:
            book = await asyncio.to_thread(self._read)
        return _answers(book, language) if book else ()

    def _read(self) -> RuleBook | None:
        if self._file is None:
            return None
        try:
            found = self._file.stat()
            version = (found.st_mtime_ns, found.st_size)
            if version != self._version:
                self._version = version
                self._book = read_rules(self._file)
        except (OSError, RulesError) as error:
            # The rules responder tells what is wrong; here the earlier version stays.
            log.debug("rules file not read for canned answers", cause=type(error).__name__)
        return self._book


def _answers(book: RuleBook, language: str | None) -> tuple[CannedAnswer, ...]:
    wanted = book.language_like(language) or next(iter(book.languages), None)
    found: list[CannedAnswer] = []
    for rule in book.rules:
        text = _text(book, rule.reply, wanted)
        if text and len(found) < MOST:
            found.append(CannedAnswer(rule.name, text))
    return tuple(found)


def _text(book: RuleBook, reply: Reply, language: str | None) -> str:
    """What a rule says at any time of the day; "" for what a colleague would not say."""
    if reply.silent or reply.hand_over_seconds:
        return ""
    spoken, written = (_wording(one, language) for one in (reply.wordings, reply.written))
    if spoken is None or set(spoken.placeholders) - {"name"}:
        return ""
    beside = written.filled({"name": book.name}) if written and not _asks(written) else ""
    text = "\n".join(filter(None, (spoken.filled({"name": book.name}), beside)))
    return text if len(text) <= MAX_CHARS else ""


def _asks(wording: Wording) -> bool:
    return bool(set(wording.placeholders) - {"name"})


def _wording(wordings: tuple[Wording, ...], language: str | None) -> Wording | None:
    fitting = (one for one in wordings if one.language in (language, None))
    return next(fitting, None)
