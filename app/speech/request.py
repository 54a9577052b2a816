"""A speech request: text made ready to be spoken, and the name of the clip it becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from app.audio import longest
from app.languages import is_tag
from app.settings import Format
from app.speech.engines.protocol import Engine
from app.speech.errors import NothingToSay, UnknownVoice
from app.speech.language import detect, language_runs, runs_in
from app.speech.plan import beginning
from app.speech.text import LONGEST_TEXT, speakable

log = structlog.get_logger()

FALLBACK_LANGUAGE = "en"
"""Where no language is configured and none is detected."""

_SAID_AGAIN = 1_000
"""Characters of an answer that may be worth a kept clip."""

SOUND_VERSION = "2"
"""Raised whenever a change makes the same words sound different."""


@dataclass(frozen=True)
class SpeechRequest:
    """Words made ready for speech.

    `text` is speakable text, `language` (BCP 47) that of the whole. `clip_key` names everything
    that decides how the memo sounds, and is the same in every process with the same settings.
    `is_language_told`: by whoever worked out the words, and it is not what would be detected.
    `unread` is what lies far beyond the longest memo, as it was written.
    """

    text: str
    language: str
    voice: str | None
    format: Format
    clip_key: str
    unread: str = ""
    is_language_told: bool = False


@dataclass(frozen=True)
class SpeechDefaults:
    """What holds where a request says nothing else. `language` None: detected."""

    language: str | None
    format: Format
    max_seconds: float


def prepare_request(
    text: str,
    language: str | None,
    voice: str | None,
    format: Format | None,
    defaults: SpeechDefaults,
    engines: Sequence[Engine],
) -> SpeechRequest:
    """`text` made ready for `engines`. Takes some milliseconds: call it off the event loop.

    The work is bounded by what a memo can say, not by the length of `text`.

    Raises: NothingToSay, UnknownVoice.
    """
    if voice is not None and not any(engine.supports_voice(voice) for engine in engines):
        raise UnknownVoice(voice)
    if language and not is_tag(language):
        log.warning("language is no tag, ignored", language=language[:40])
        language = None
    is_told = language is not None
    language = language or defaults.language or detect(text, FALLBACK_LANGUAGE)
    format = format or defaults.format
    max_seconds = min(defaults.max_seconds, longest(format))
    text, unread = _parted(text, max_seconds)
    words = speakable(text, language)
    if not any(map(str.isalnum, beginning(words, max_seconds))):
        raise NothingToSay("nothing speakable is left of the text")
    # The order and shape of these are what kept clips were named by.
    sound: tuple[object, ...] = (
        SOUND_VERSION,
        words + unread,
        language,
        voice,
        format,
        defaults.max_seconds,
    )
    # Where it makes no difference, the clip is that of the same words without a language. Long
    # answers are not said twice.
    if is_told and len(words) <= _SAID_AGAIN:
        is_told = runs_in(words, language) != language_runs(words, language)
    if is_told:
        sound = (*sound, "told")
    engine_settings = [(engine.name, *engine.settings) for engine in engines]
    clip_key = hashlib.sha256(repr((sound, engine_settings)).encode()).hexdigest()
    return SpeechRequest(words, language, voice, format, clip_key, unread, is_told)


def _parted(text: str, max_seconds: float) -> tuple[str, str]:
    """`text` up to well beyond `max_seconds` of speech, and the rest; parted between lines,
    else between words."""
    enough = len(beginning(text[:LONGEST_TEXT], max_seconds))
    if enough == len(text):
        return text, ""
    for space in ("\n", " "):
        at = text.rfind(space, enough // 2, enough)
        if at > 0:
            enough = at
            break
    return text[:enough], text[enough:]
