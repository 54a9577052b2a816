"""Every point of an answer at which its process may die, by the story that passes it.

A point that is new in the app and missing here fails `test_every_point_of_the_app_is_in_the_table`.
"""

from __future__ import annotations

import re
from pathlib import Path

import app.answers

STORIES: dict[str, tuple[str, ...]] = {
    # A text comes in, a memo goes out.
    "memo": (
        "answer.begin",
        "claim.kept",
        "compose.begin",
        "compose.end",
        "compose.kept",
        "synthesize.begin",
        "synthesize.end",
        "send.intent",
        "send.posted",
        "send.kept",
        "answer.finished",
    ),
    # A voice memo comes in.
    "voice": ("transcribe.begin", "transcribe.end", "transcribe.kept"),
    # The service carries no voice memos, so the answer is a text.
    "text": ("text.begin", "text.posted", "text.end"),
    # A text follows the memo.
    "companion": ("compose.kept", "send.posted", "send.kept", "text.posted"),
    # Linq refuses the memo, so its words go out as text.
    "refused": ("text.begin", "text.posted", "text.end"),
    # A text follows the memo that the bot found by itself to be needed.
    "found": ("compose.kept", "synthesize.end", "send.posted", "send.kept", "text.posted"),
    # The person corrects themselves while the answer is composed.
    "outdated": ("outdated.kept", "compose.kept", "send.intent", "send.posted"),
    # A colleague records a memo in the console.
    "recorded": (
        "answer.begin",
        "claim.kept",
        "compose.kept",
        "synthesize.begin",
        "synthesize.end",
        "send.intent",
        "send.posted",
        "send.kept",
        "answer.finished",
    ),
    # The same words were said before, but Linq has lost the attachment.
    "renewed": ("send.gone",),
}

# Calls that the sandbox holds while the process is killed from outside: before it took them in,
# and after.
HELD: tuple[tuple[str, str], ...] = (
    ("attachment_create", "hang"),
    ("attachment_create", "accept_then_hang"),
    ("upload", "hang"),
    ("upload", "accept_then_hang"),
    ("voicememo", "hang"),
    ("voicememo", "accept_then_hang"),
)


def points_of_the_app() -> set[str]:
    """The points named in the app's source: by `at(…)`, and two for each timed stage."""
    found = set()
    for source in Path(app.answers.__path__[0]).glob("*.py"):
        text = source.read_text()
        found |= set(re.findall(r'_at\("([a-z. ]+)"\)', text))
        for name in re.findall(r'timed\("([a-z ]+)"\)', text):
            found |= {f"{name}.begin", f"{name}.end"}
    return found
