"""Memos sent on the business's own initiative, over the API, the console or the command line."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from app.answers.queue import AnswerQueue
from app.policy import Form, Reason
from app.store import conversations, ledger, recorded_audio, sends
from app.store.ledger import AnswerRecord, Origin
from app.store.sealing import Sealer


class KeyReused(Exception):
    """The idempotency key was used before, for something else."""


def request_memo(
    connection: sa.Connection,
    queue: AnswerQueue,
    sealer: Sealer,
    *,
    chat_id: str,
    text: str,
    language: str | None = None,
    voice: str | None = None,
    idempotency_key: str | None = None,
    origin: Origin = "api",
    form: Form | None = None,
) -> AnswerRecord:
    """Queue a memo to a chat. The same key again returns the same memo and queues nothing.

    origin: who asks for it. form: voice or text; as it is set if not given.
    Raises: KeyReused if the key stands for another chat or text.
    """
    answer_id = f"memo:{idempotency_key or uuid.uuid4()}"
    sealed = conversations.chat(connection, chat_id).zero_retention
    words = sealer.seal(text) if sealed else text
    if ledger.open_answer(
        connection,
        answer_id,
        chat_id,
        origin,
        text=words,
        language=language,
        voice=voice,
        reply_as=form,
    ):
        queue.enqueue(connection, answer_id, chat_id)
    record = ledger.show(connection, answer_id)
    known = sealer.open_or_none(record.text) if record and record.text else None
    if record is None or record.chat_id != chat_id or (known or text) != text:
        raise KeyReused(f"idempotency_key {idempotency_key!r} was used for another memo")
    return record


def request_recording(
    connection: sa.Connection,
    queue: AnswerQueue,
    sealer: Sealer,
    *,
    chat_id: str,
    data: bytes,
    idempotency_key: str,
) -> AnswerRecord:
    """Queue what a colleague recorded, to go out as a voice memo, as `request_memo` does.

    data: an audio file of any kind; whether it is one turns out when its memo is made.
    Raises: KeyReused if the key stands for another chat, or for words.
    """
    answer_id = f"memo:{idempotency_key}"
    sealed = conversations.chat(connection, chat_id).zero_retention
    if ledger.open_answer(connection, answer_id, chat_id, "colleague", reply_as=ledger.RECORDING):
        recorded_audio.keep(connection, sealer if sealed else None, answer_id, data)
        queue.enqueue(connection, answer_id, chat_id)
    record = ledger.show(connection, answer_id)
    if record is None or record.chat_id != chat_id or not record.is_recording:
        raise KeyReused(f"idempotency_key {idempotency_key!r} was used for another memo")
    return record


def withdraw(connection: sa.Connection, answer_id: str) -> bool:
    """Take a memo back that is not begun yet. Returns whether it will not be sent."""
    return ledger.withdraw(connection, answer_id, Reason.WITHDRAWN)


def retry(connection: sa.Connection, queue: AnswerQueue, some_id: str) -> AnswerRecord | None:
    """Queue a failed or uncertain answer again. None if there is none of that id.

    An uncertain memo is then sent even though it may have gone out: that is for a person to say.
    """
    found = ledger.find(connection, some_id)
    reopened = ledger.reopen(connection, found.answer_id) if found else None
    if reopened is None:
        return None
    sends.release(connection, reopened.answer_id)
    queue.enqueue(connection, reopened.answer_id, reopened.chat_id, run=f"#{reopened.runs + 1}")
    return reopened
