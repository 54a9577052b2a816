"""Functions that a deployer might write by mistake, for `MEMO_RESPONDER=python:…`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from app.responders.protocol import Answer, Question


def respond(question: Question) -> Any:
    """Does what the question's first word names; anything else is answered decently."""
    word, _, rest = question.text.partition(" ")
    return ODDITIES.get(word, decently)(rest)


def decently(rest: str) -> Any:
    return Answer(text=f"Fine, {time.monotonic_ns()}.", language="en")


def raises(rest: str) -> Any:
    raise RuntimeError(f"no answer to {rest}")


def exits(rest: str) -> Any:
    raise SystemExit(3)


def hangs(rest: str) -> Any:
    time.sleep(60)


def nothing(rest: str) -> Any:
    return ""


def silent(rest: str) -> Any:
    return None


def number(rest: str) -> Any:
    return 42


def huge(rest: str) -> Any:
    return "All of this is very long. " * 400_000  # 10 MB


def lengthy(rest: str) -> Any:
    return "This sentence is one of many. " * 30


def markup(rest: str) -> Any:
    return (
        "# Opening hours\n\n* **Monday**: [the page](https://example.org/a_b?c=d)\n"
        "<b>bold</b> `code_in_snake_case` 🎉\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )


def control(rest: str) -> Any:
    return "Zero \x00 and a lone surrogate \ud800 and \x1b[31mred."


def language(rest: str) -> Any:
    return Answer(text="Good.", language="en-" + "x" * 500, voice="no such voice")


def companion(rest: str) -> Any:
    return Answer(text="I am sending you the link.", written="Booking: https://example.org/b?id=42")


def emoji(rest: str) -> Any:
    return "🎉🎉🎉"


ODDITIES: dict[str, Callable[[str], Any]] = {
    one.__name__: one
    for one in (
        raises,
        exits,
        hangs,
        nothing,
        silent,
        number,
        huge,
        lengthy,
        markup,
        control,
        language,
        emoji,
        companion,
    )
}
