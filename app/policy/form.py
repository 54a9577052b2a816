"""The form of an answer, and the words by which a person changes it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Literal

from app.policy.form_requests import asks_for_text, asks_for_voice
from app.policy.wording import plain, visible

Form = Literal["voice", "text"]

_TEXT_WORDS = (
    "text please",
    "please text",
    "text only",
    "please write",
    "texto por favor",  # Spanish and Portuguese
    "texte s'il te plaît",
    "texte s'il vous plaît",
    "par écrit s'il vous plaît",
    "Text bitte",
    "bitte Text",
    "bitte schreiben",
    "testo per favore",
    "tekst graag",
    "tekst alsjeblieft",
    "tekst proszę",
    "текст пожалуйста",
    "текстом пожалуйста",
    "metin lütfen",
    "yazı lütfen",
    "テキストでお願いします",
    "文字でお願いします",
    "请发文字",
    "請發文字",
)
_VOICE_WORDS = (
    "voice please",
    "please voice",
    "voice memo please",
    "voz por favor",
    "audio por favor",
    "áudio por favor",
    "vocal s'il te plaît",
    "vocal s'il vous plaît",
    "Sprache bitte",
    "bitte Sprache",
    "Sprachnachricht bitte",
    "voce per favore",
    "vocale per favore",
    "spraak graag",
    "spraakbericht graag",
    "głos proszę",
    "голос пожалуйста",
    "голосом пожалуйста",
    "ses lütfen",
    "sesli lütfen",
    "音声でお願いします",
    "声でお願いします",
    "请发语音",
    "請發語音",
)


def switch_requested(
    text: str, text_words: Iterable[str] = (), voice_words: Iterable[str] = ()
) -> Form | None:
    """Which form the person asks for, if that is what the whole message says.

    The given words are added to the built-in ones; case, accents and punctuation do not count.
    """
    if visible(text).casefold() in ("/text", "/voice"):
        return "text" if visible(text).casefold() == "/text" else "voice"
    said = plain(text)
    if not said:
        return None
    if said in _all_plain((*_TEXT_WORDS, *text_words)):
        return "text"
    if said in _all_plain((*_VOICE_WORDS, *voice_words)):
        return "voice"
    if asks_for_text(text):
        return "text"
    return "voice" if asks_for_voice(text) else None


@functools.lru_cache(maxsize=16)
def _all_plain(words: tuple[str, ...]) -> frozenset[str]:
    """Our own words, the same for every message."""
    return frozenset(map(plain, words))


def reset_requested(text: str) -> bool:
    """Whether the whole message is `/reset`: forget what was said in this chat."""
    return visible(text).casefold() == "/reset"


def reply_form(
    reply_as: Literal["voice", "text", "both", "mirror"],
    *,
    spoken: bool,
    service: str,
    preference: Form | None = None,
) -> frozenset[Form]:
    """In which forms to answer.

    `spoken`: the message was a voice memo. `preference` is what the person asked for in this
    chat and wins over the setting. SMS carries no voice memo (DOCS Protocol Selection), so it
    gets text whatever was asked for.
    """
    if service.casefold() == "sms":
        return frozenset({"text"})
    if preference is not None:
        return frozenset({preference})
    if reply_as == "both":
        return frozenset({"voice", "text"})
    if reply_as == "mirror":
        return frozenset({"voice"}) if spoken else frozenset({"text"})
    return frozenset({reply_as})
