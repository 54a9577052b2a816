"""The console's list of chats: the newest first, by state, by words, by the end of a number."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from app.store.desk import COLLEAGUE
from app.store.ledger import RETRYABLE, State
from app.store.messages import of_answers
from app.store.sealing import is_sealed
from app.store.tables import answers, chats, colleague_messages, messages, turns

ChatState = Literal["waiting", "person", "failed", "bot"]
STATES: tuple[ChatState, ...] = get_args(ChatState)
"""What a chat is in: waiting for a person, with one, failed, or with the bot.

A chat is failed where its newest answer is, until a person takes it."""
AnswerState = Literal["", "answering", "failed", "answered", "silent"]
_ANSWER_STATES: dict[State, AnswerState] = {
    "waiting": "answering", "working": "answering", "failed": "failed", "uncertain": "failed",
    "sent": "answered", "silent": "silent", "refused": "silent",
}  # fmt: skip

PAGE = 50
"""Chats of one page."""
MAX_QUERY_CHARS = 100
MAX_FOUND = 1_000
"""Chats that a search looks at; one that finds more is of no use."""
_MAX_WORDS = 6
_FEWEST_DIGITS = 3
_PREVIEW_CHARS = 160


Speaker = Literal["person", "bot", "colleague"]


@dataclass(frozen=True)
class ChatSummary:
    """A chat with its newest answer. Times in Unix seconds.

    at: when that was asked for, or a colleague wrote or got the chat, whichever was last.
    """

    chat_id: str
    handle: str | None
    is_group: bool
    state: ChatState
    answer_state: AnswerState
    """Of its newest answer; "" where there is none."""
    at: float
    desk_reason: str
    """Why a person is waited for, or has it."""
    desk_since: float
    preview: str
    """The beginning of what was said last; "" where no words are kept."""
    said_by: Speaker
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
    now: float | None = None,
) -> Inbox:
    """The chats in which something was to be answered or a colleague wrote, the newest first.

    query: words that were said in one message, or the last digits of a number (three at least).
    before: only chats in which nothing was later, in Unix seconds. now: also in Unix seconds.
    """
    found = _matching(connection, query) if query.strip() else None
    newest = _newest(found, time.time() if now is None else now).cte("newest")
    wanted = sa.select(newest).order_by(newest.c.at.desc(), newest.c.chat_id).limit(PAGE + 1)
    if state:
        wanted = wanted.where(newest.c.state == state)
    if before is not None:
        wanted = wanted.where(newest.c.at < before)
    rows = list({row.chat_id: row for row in connection.execute(wanted)}.values())
    shown = rows[:PAGE]
    return Inbox(
        chats=tuple(_summaries(connection, shown)),
        counts=_counts(connection, newest),
        next_before=shown[-1].at if len(rows) > PAGE else None,
    )


def _newest(chat_ids: Sequence[str] | None, now: float) -> sa.Select[Any]:
    """What was last in each chat, or in these chats: its newest answer, what a colleague wrote, a
    hand-over. Answers that went out together with a later one do not count."""
    nothing = sa.cast(sa.null(), sa.Float)
    parts: list[sa.Select[Any]] = [
        sa.select(
            answers.c.chat_id,
            sa.func.max(answers.c.created_at).label("at"),
            sa.func.max(answers.c.created_at).label("asked_at"),
        )
        .where(answers.c.state != "collected")
        .group_by(answers.c.chat_id),
        sa.select(
            colleague_messages.c.chat_id, sa.func.max(colleague_messages.c.at), nothing
        ).group_by(colleague_messages.c.chat_id),
        sa.select(chats.c.chat_id, chats.c.desk_since, nothing).where(
            chats.c.desk_since.is_not(None)
        ),
    ]
    if chat_ids is not None:
        parts = [one.where(one.selected_columns[0].in_(chat_ids)) for one in parts]
    events = sa.union_all(*parts).subquery()
    latest = (
        sa.select(
            events.c.chat_id,
            sa.func.max(events.c.at).label("at"),
            sa.func.max(events.c.asked_at).label("asked_at"),
        )
        .group_by(events.c.chat_id)
        .subquery()
    )
    return (
        sa.select(
            latest.c.chat_id,
            latest.c.at,
            answers.c.answer_id,
            answers.c.state.label("answer_state"),
            _state(now).label("state"),
            chats.c.desk_reason,
            chats.c.desk_since,
        )
        .select_from(latest)
        .outerjoin(chats, chats.c.chat_id == latest.c.chat_id)
        .outerjoin(
            answers,
            sa.and_(
                answers.c.chat_id == latest.c.chat_id,
                answers.c.created_at == latest.c.asked_at,
                answers.c.state != "collected",
            ),
        )
    )


def _state(now: float) -> sa.ColumnElement[str]:
    is_handed_over = sa.func.coalesce(chats.c.silent_until, 0.0) > now
    since = sa.func.coalesce(chats.c.desk_since, 0.0)
    return sa.case(
        (sa.and_(is_handed_over, chats.c.desk_state == "waiting"), "waiting"),
        (
            sa.and_(
                answers.c.state.in_(RETRYABLE),
                sa.or_(sa.not_(is_handed_over), answers.c.created_at > since),
            ),
            "failed",
        ),
        (is_handed_over, "person"),
        else_="bot",
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


def _counts(connection: sa.Connection, newest: sa.CTE) -> dict[ChatState, int]:
    rows = connection.execute(
        sa.select(newest.c.state, sa.func.count(newest.c.chat_id.distinct()).label("chats"))
        .group_by(newest.c.state)
    )  # fmt: skip
    return dict.fromkeys(STATES, 0) | {row.state: row.chats for row in rows}


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
            ).where(of_answers([row.answer_id for row in rows if row.answer_id]))
        )
    }
    last = sa.select(sa.func.max(turns.c.turn_id)).where(turns.c.chat_id.in_(ids))
    said = {
        row.chat_id: row
        for row in connection.execute(
            sa.select(
                turns.c.chat_id, turns.c.role, turns.c.text, turns.c.answer_id, answers.c.origin
            )
            .outerjoin(answers, answers.c.answer_id == turns.c.answer_id)
            .where(turns.c.turn_id.in_(last.group_by(turns.c.chat_id)))
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
            state=row.state,
            answer_state=_ANSWER_STATES.get(row.answer_state, ""),
            at=row.at,
            desk_reason=row.desk_reason or "",
            desk_since=row.desk_since or 0.0,
            preview=" ".join(text[: 4 * _PREVIEW_CHARS].split())[:_PREVIEW_CHARS],
            said_by=_speaker(turn),
            zero_retention=zero_retention,
        )


def _speaker(turn: Any) -> Speaker:
    if turn is None or turn.role == "user":
        return "person"
    by_colleague = turn.answer_id.startswith(COLLEAGUE) or turn.origin == "colleague"
    return "colleague" if by_colleague else "bot"
