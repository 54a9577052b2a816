"""The console's list of chats: the newest first, by state, by words, by the end of a number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from app.store.ledger import State
from app.store.messages import of_answers
from app.store.sealing import is_sealed
from app.store.tables import answers, chats, messages, turns

ChatState = Literal["waiting", "failed", "answered", "silent"]
STATES: dict[ChatState, tuple[State, ...]] = {
    "waiting": ("waiting", "working"),
    "failed": ("failed", "uncertain"),
    "answered": ("sent",),
    "silent": ("silent", "refused"),
}
"""What a chat is in, by the state of its newest answer."""
_CHAT_STATES = {state: chat for chat, states in STATES.items() for state in states}

PAGE = 50
"""Chats of one page."""
MAX_QUERY_CHARS = 100
MAX_FOUND = 1_000
"""Chats that a search looks at; one that finds more is of no use."""
_MAX_WORDS = 6
_FEWEST_DIGITS = 3
_PREVIEW_CHARS = 160


@dataclass(frozen=True)
class ChatSummary:
    """A chat with its newest answer. `at`: when that was asked for, in Unix seconds."""

    chat_id: str
    handle: str | None
    is_group: bool
    state: ChatState
    reason: str
    at: float
    preview: str
    """The beginning of what was said last; "" where no words are kept."""
    said_by_us: bool
    zero_retention: bool


@dataclass(frozen=True)
class Inbox:
    """A page of chats. `next_before`: where the next page begins, in Unix seconds."""

    chats: tuple[ChatSummary, ...]
    counts: dict[ChatState, int]
    next_before: float | None


def load(
    connection: sa.Connection,
    *,
    state: ChatState | None = None,
    query: str = "",
    before: float | None = None,
) -> Inbox:
    """The chats in which something was to be answered, the newest first.

    query: words that were said in one message, or the last digits of a number (three at least).
    before: only chats whose newest answer is older, in Unix seconds.
    """
    newest = _newest(_matching(connection, query) if query.strip() else None)
    wanted = newest.order_by(answers.c.created_at.desc()).limit(PAGE + 1)
    if state:
        wanted = wanted.where(answers.c.state.in_(STATES[state]))
    if before is not None:
        wanted = wanted.where(answers.c.created_at < before)
    rows = list({row.chat_id: row for row in connection.execute(wanted)}.values())
    shown = rows[:PAGE]
    return Inbox(
        chats=tuple(_summaries(connection, shown)),
        counts=_counts(connection, newest),
        next_before=shown[-1].created_at if len(rows) > PAGE else None,
    )


def _newest(chat_ids: Sequence[str] | None) -> sa.Select[Any]:
    """The newest answer of each chat, or of these chats; those answered together with a later
    message do not count."""
    latest = (
        sa.select(answers.c.chat_id, sa.func.max(answers.c.created_at).label("at"))
        .where(answers.c.state != "collected")
        .group_by(answers.c.chat_id)
    )
    if chat_ids is not None:
        latest = latest.where(answers.c.chat_id.in_(chat_ids))
    newest = latest.subquery()
    return sa.select(
        answers.c.chat_id,
        answers.c.answer_id,
        answers.c.state,
        answers.c.reason,
        answers.c.created_at,
    ).join(
        newest,
        sa.and_(
            answers.c.chat_id == newest.c.chat_id,
            answers.c.created_at == newest.c.at,
            answers.c.state != "collected",
        ),
    )


def _matching(connection: sa.Connection, query: str) -> list[str]:
    """The ids of chats that a query finds, at most MAX_FOUND."""
    query = query[:MAX_QUERY_CHARS]
    words = query.split()[:_MAX_WORDS]
    found: list[sa.Select[Any]] = [
        sa.select(turns.c.chat_id).where(*(_says(word) for word in words)),
        sa.select(chats.c.chat_id).where(chats.c.chat_id == query.strip()),
        sa.select(chats.c.chat_id).where(chats.c.handle == query.strip()),
    ]
    digits = "".join(filter(str.isdecimal, query))
    if len(digits) >= _FEWEST_DIGITS and not any(map(str.isalpha, query)):
        found += [
            sa.select(chats.c.chat_id).where(chats.c.handle.endswith(digits, autoescape=True)),
            sa.select(messages.c.chat_id).where(
                messages.c.sender.endswith(digits, autoescape=True)
            ),
        ]
    return [row.chat_id for row in connection.execute(sa.union(*found).limit(MAX_FOUND))]


def _says(word: str) -> sa.ColumnElement[bool]:
    # SQLite knows the case of ASCII letters alone.
    forms = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    return sa.or_(*(turns.c.text.icontains(form, autoescape=True) for form in sorted(forms)))


def _counts(connection: sa.Connection, newest: sa.Select[Any]) -> dict[ChatState, int]:
    of_state = newest.subquery()
    rows = connection.execute(
        sa.select(of_state.c.state, sa.func.count(of_state.c.chat_id.distinct()).label("chats"))
        .group_by(of_state.c.state)
    )  # fmt: skip
    counts: dict[ChatState, int] = dict.fromkeys(STATES, 0)
    for row in rows:
        counts[_CHAT_STATES[row.state]] += row.chats
    return counts


def _summaries(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> Iterable[ChatSummary]:
    ids = [row.chat_id for row in rows]
    known = {
        row.chat_id: row
        for row in connection.execute(
            sa.select(chats.c.chat_id, chats.c.handle, chats.c.zero_retention).where(
                chats.c.chat_id.in_(ids)
            )
        )
    }
    asked = {
        row.answer_id or f"answer:{row.message_id}": row
        for row in connection.execute(
            sa.select(
                messages.c.answer_id,
                messages.c.message_id,
                messages.c.sender,
                messages.c.is_group,
            ).where(of_answers([row.answer_id for row in rows]))
        )
    }
    last = sa.select(sa.func.max(turns.c.turn_id)).where(turns.c.chat_id.in_(ids))
    said = {
        row.chat_id: row
        for row in connection.execute(
            sa.select(turns.c.chat_id, turns.c.role, turns.c.text).where(
                turns.c.turn_id.in_(last.group_by(turns.c.chat_id))
            )
        )
    }
    for row in rows:
        chat, message, turn = (
            known.get(row.chat_id),
            asked.get(row.answer_id),
            said.get(row.chat_id),
        )
        zero_retention = bool(chat and chat.zero_retention)
        text = turn.text if turn and not zero_retention and not is_sealed(turn.text) else ""
        yield ChatSummary(
            chat_id=row.chat_id,
            handle=(message.sender if message else None) or (chat.handle if chat else None),
            is_group=bool(message and message.is_group),
            state=_CHAT_STATES[row.state],
            reason=row.reason,
            at=row.created_at,
            preview=" ".join(text[: 4 * _PREVIEW_CHARS].split())[:_PREVIEW_CHARS],
            said_by_us=bool(turn and turn.role == "assistant"),
            zero_retention=zero_retention,
        )
