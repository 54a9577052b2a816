"""Commands of whoever operates the bot: look at answers, repeat, send, warm up, forget."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from app.answers.memo_requests import request_memo, retry
from app.answers.queue import AnswerQueue
from app.answers.memo_maker import MemoMaker, UploadFailed
from app.linq.client import LinqClient
from app.policy import Reason
from app.settings import ConfigurationError, Settings
from app.speech.errors import VoiceError
from app.speech.synthesizer import Synthesizer
from app.store import ledger, retention
from app.store.database import Database
from app.store.ledger import AnswerRecord

SEND_SECONDS = 120.0


def list_answers(settings: Settings, states: tuple[str, ...], limit: int) -> None:
    """Print the newest answers, all or those in some states."""
    database = _open(settings)
    table = Table("answer", "state", "reason", "engine", "seconds", "delivery", "when (UTC)")
    for one in database.read_sync(lambda c: ledger.recent(c, states=states, limit=limit)):
        table.add_row(
            one.answer_id,
            one.state,
            one.reason,
            one.engine or "",
            f"{one.seconds:.1f}" if one.seconds else "",
            one.memo_status or one.text_status or "",
            f"{one.created_at:%Y-%m-%d %H:%M:%S}",
        )
    database.close()
    Console(width=None if Console().is_terminal else 200).print(table)


def show_answer(settings: Settings, some_id: str) -> None:
    """Print all that the ledger knows of one answer, but not its words."""
    database = _open(settings)
    record = database.read_sync(lambda c: ledger.find(c, some_id))
    ignored = database.read_sync(lambda c: messages.why_ignored(c, some_id))
    database.close()
    if ignored:
        click.echo(f"not answered: {ignored} – {Reason(ignored).explanation}")
        return
    if record is None:
        raise click.ClickException(f"no answer, message or memo has the id {some_id}")
    for name, value in vars(record).items():
        if value not in (None, "", {}):
            shown = f"{len(value)} characters" if name == "text" else value
            click.echo(f"{name:16} {shown}")


def retry_answers(settings: Settings, some_ids: tuple[str, ...], everything: bool) -> None:
    """Queue failed and uncertain answers again."""
    database = _open(settings)
    queue = _queue(database)
    if everything:
        failed = database.read_sync(lambda c: ledger.recent(c, states=("failed",), limit=10_000))
        some_ids = tuple(one.answer_id for one in reversed(failed))
    for some_id in some_ids:
        record = database.write_sync(lambda c: retry(c, queue, some_id))
        if record is None:
            click.echo(f"{some_id}: not failed or uncertain, left alone", err=True)
        else:
            click.echo(f"{record.answer_id}: queued again")
    database.close()


def send_memo(settings: Settings, chat_id: str, text: str, language: str | None) -> int:
    """Queue a memo and wait for what comes of it. Returns the exit code."""
    database = _open(settings)
    record = database.write_sync(
        lambda c: request_memo(c, _queue(database), chat_id=chat_id, text=text, language=language)
    )
    click.echo(f"{record.answer_id}: queued")
    deadline = time.monotonic() + SEND_SECONDS
    while record.state not in ledger.TERMINAL_STATES and time.monotonic() < deadline:
        time.sleep(0.1)
        record = database.read_sync(lambda c: ledger.show(c, record.answer_id)) or record
    database.close()
    if record.state not in ledger.TERMINAL_STATES:
        click.echo(
            "Still waiting. Is `voicememo serve` or `worker` running on this database? "
            f"`voicememo answers show {record.answer_id}` tells later.",
            err=True,
        )
        return 2
    click.echo(_told(record))
    return 0 if record.state == "sent" else 1


def warm(settings: Settings, file: Path) -> int:
    """Record and upload each line of a file beforehand. Returns the exit code."""
    settings.require_linq()
    if settings.delivery != "attachment":
        raise ConfigurationError("warm needs MEMO_DELIVERY=attachment: only uploads are kept.")
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return asyncio.run(_warm(settings, [one for one in lines if one and not one.startswith("#")]))


async def _warm(settings: Settings, lines: list[str]) -> int:
    database = _open(settings)
    linq = LinqClient(settings.linq_api_key.get_secret_value(), settings.linq_base_url)
    synthesizer = Synthesizer.from_settings(settings)
    recorder = Recorder(settings, database, linq, synthesizer)
    failed = 0
    try:
        for number, line in enumerate(lines, start=1):
            try:
                made = await recorder.record("warm", line, language=None, voice=None)
                how = "known already" if made.reused else f"recorded by {made.engine}"
                click.echo(f"{number}: {how}, {made.seconds:.1f} s, language {made.language}")
            except (VoiceError, UploadFailed) as error:
                failed += 1
                click.echo(f"{number}: {error}", err=True)
    finally:
        await synthesizer.aclose()
        await linq.aclose()
        database.close()
    return 1 if failed else 0


def forget(settings: Settings, handle: str) -> None:
    """Erase what a person said and was told."""
    database = _open(settings)
    answer_ids = database.write_sync(lambda c: retention.forget_handle(c, handle))
    _queue(database).erase(answer_ids)
    database.read_sync(retention.scrub)
    database.close()
    click.echo(f"Forgotten: the words of {len(answer_ids)} answers, and the chats they were in.")


def _open(settings: Settings) -> Database:
    database = Database(settings.database_url)
    database.migrate()
    return database


def _queue(database: Database) -> AnswerQueue:
    queue = AnswerQueue(database)
    queue.migrate()
    return queue


def _told(record: AnswerRecord) -> str:
    if record.state == "sent" and record.memo_message_id:
        return f"sent as a memo of {record.seconds:.1f} s, message {record.memo_message_id}"
    if record.state == "sent":
        return f"sent as text ({record.reason}), message {record.text_message_id}"
    return f"{record.state}: {record.reason} {record.detail or ''}".rstrip()
