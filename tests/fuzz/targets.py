"""What is fuzzed: functions that take any bytes and raise only when something is wrong.

Errors that the code documents are an answer; what else is raised is a finding.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from app.audio import AudioError, decode_audible
from app.audio.headers import check_sizes
from app.linq.events import InboundMessage, MalformedEvent
from app.linq.payloads import MAX_TEXT, parse_event
from app.policy import PolicyRules, decide
from app.responders.guard import clean
from app.responders.rules.errors import RulesError
from app.responders.rules.reading import read_rules
from app.responders.rules.responder import answer_from
from app.speech.engines.espeak import Espeak
from app.speech.errors import NothingToSay
from app.speech.plan import SpeechPlan
from app.speech.request import SpeechDefaults, prepare_request
from app.speech.text import speakable

NOW = datetime(2026, 10, 20, 9, 14, 5, tzinfo=UTC)
MAX_SECONDS = 30.0  # of audio and of speech
LANGUAGES = ("en", "de", "ru", "ar", "zh", "hi", "xx", "")

_POLICY = PolicyRules(name="Memo", allow=("+1312*", "*@example.org"), block=("+1999*",))
_MARKUP = re.compile(r"[*_`|\\{}\[\]~\u2028]|<[a-zA-Z/!?]|://")
_ENGINES = [Espeak()]
_FILE = Path(tempfile.gettempdir()) / f"fuzzed-{os.getpid()}.rules.yaml"


def webhook(body: bytes) -> None:
    """The body of a webhook whose signature is right."""
    try:
        event = parse_event(body, now=NOW)
    except MalformedEvent:
        return
    for text in _texts(dataclasses.asdict(event)):
        assert "\0" not in text, "PostgreSQL takes no NUL"
        text.encode()  # no lone surrogates
    if isinstance(event, InboundMessage):
        assert event.message_id
        assert event.chat_id
        assert len(event.text) <= MAX_TEXT + len(event.parts)
        decide(event, _POLICY, NOW)


def rules(data: bytes) -> None:
    """A rules file, and a question whose words are those of its last line."""
    _FILE.write_bytes(data)
    try:
        book = read_rules(_FILE)
    except RulesError:
        return
    asked = data.decode().strip().rpartition("\n")[2][:200]
    for text in ("Are you open on Monday at 9?", "", asked):
        answer = answer_from(book, text, "en", NOW)
        assert answer.silent or isinstance(answer.text, str)


def speech(data: bytes) -> None:
    """A text to say, in the language that the first byte chooses."""
    language = LANGUAGES[data[0] % len(LANGUAGES)] if data else "en"
    text = clean(data[1:].decode(errors="replace"))
    said = speakable(text, language)
    assert speakable(said, language) == said, "said twice, it is another text"
    assert not _MARKUP.search(said), "markup is spoken"
    defaults = SpeechDefaults(None, "m4a", MAX_SECONDS)
    try:
        request = prepare_request(text, language, None, None, defaults, _ENGINES)
    except NothingToSay:
        return
    plan = SpeechPlan.of_text(request.text, request.language)
    ends = [segment.end for segment in plan.segments]
    assert ends == sorted(ends)
    for limit in (20, 100):
        parts = plan.chunks(limit)
        assert all(0 < len(part.text) <= limit for part in parts)
        assert _letters("".join(part.text for part in parts)) == _letters(
            "".join(segment.text for segment in plan.segments)
        )
    plan.limited(1.0)


def audio(data: bytes) -> None:
    """An audio file of anybody's making."""
    with contextlib.suppress(AudioError):
        check_sizes(data)
    with contextlib.suppress(AudioError):
        pcm = decode_audible(data, 16_000, MAX_SECONDS)
        assert 0 < pcm.seconds <= MAX_SECONDS + 1


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (webhook, rules, speech, audio)
}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
