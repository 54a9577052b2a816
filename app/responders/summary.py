"""Summaries: what a memo says of an answer that is too long for it."""

from __future__ import annotations

import unicodedata

_SECONDS_A_CHARACTER = 0.068
_SECONDS_A_WIDE_CHARACTER = 0.2
_WORDS_A_SECOND = 2.2
_SHARE = 0.5
"""Of the longest memo; a summary that fills it would be no relief."""
_FEWEST_WORDS, _MOST_WORDS = 20, 90

_PROMPT = """\
That is too long for a voice memo. Say it again as a spoken summary of at most {words} words, in \
the same language: what matters most, complete sentences, no lists, no links, no numbers that \
nobody can keep by ear. Do not greet again. End with a short sentence that says that the whole \
answer follows in writing. Write nothing but the summary.
"""


def seconds_to_say(text: str) -> float:
    """Roughly."""
    return sum(
        _SECONDS_A_WIDE_CHARACTER
        if unicodedata.east_asian_width(character) in "WF"
        else _SECONDS_A_CHARACTER
        for character in text
    )


def summary_prompt(max_seconds: float) -> str:
    """What a model is asked after an answer that takes longer than `max_seconds` to say."""
    words = int(_SHARE * max_seconds * _WORDS_A_SECOND)
    return _PROMPT.format(words=min(max(words, _FEWEST_WORDS), _MOST_WORDS))
