"""`send`, `answers`, `forget`: memos to send, what became of messages, and their erasure."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from app.cli.context import opened_database, opened_queue, settings_of_command

if TYPE_CHECKING:
    from app.store.ledger import AnswerRecord

SEND_SECONDS = 120.0
"""How long `send` waits for the memo to be posted."""


@click.command()
@click.option("--chat", "chat_id", required=True, metavar="ID", help="Linq's id of the chat.")
@click.option("--language", help="Language of the text; detected if not given.")
@click.argument("text")
def send(chat_id: str, text: str, language: str | None) -> None:
    """Queue a memo that says TEXT to a chat, and wait for the result."""
    from app.answers.memo_requests import request_memo
    from app.program import command_line
    from app.store import ledger

    with opened_database(settings_of_command()) as database:
        queue = opened_queue(database)
        record = database.write_sync(
            lambda c: request_memo(c, queue, chat_id=chat_id, text=text, language=language)
        )
        click.echo(f"{record.answer_id}: queued")
        deadline = time.monotonic() + SEND_SECONDS
        while record.state not in ledger.TERMINAL_STATES and time.monotonic() < deadline:
            time.sleep(0.1)
            record = database.read_sync(lambda c: ledger.show(c, record.answer_id)) or record
    if record.state not in ledger.TERMINAL_STATES:
        click.echo(
            f"Still waiting. Does {command_line('serve')} or {command_line('worker')} run on this "
            f"database? {command_line(f'answers show {record.answer_id}')} tells later.",
            err=True,
        )
        sys.exit(2)
    click.echo(_outcome(record))
    sys.exit(0 if record.state == "sent" else 1)


def _outcome(record: AnswerRecord) -> str:
    if record.state == "sent" and record.memo_message_id:
        return f"sent as a memo of {record.seconds:.1f} s, message {record.memo_message_id}"
    if record.state == "sent":
        return f"sent as text ({record.reason}), message {record.text_message_id}"
    return f"{record.state}: {record.reason} {record.detail or ''}".rstrip()


@click.group()
def answers() -> None:
    """Look at answers, and repeat those that failed."""


@answers.command("list")
@click.option("--state", "states", multiple=True, help="Only these: sent, failed, uncertain, …")
@click.option("--limit", default=20, show_default=True, help="The newest so many.")
def list_(states: tuple[str, ...], limit: int) -> None:
    """List the newest answers."""
    from rich.console import Console
    from rich.table import Table

    from app.store import ledger

    table = Table("answer", "state", "reason", "engine", "seconds", "delivery", "when (UTC)")
    with opened_database(settings_of_command()) as database:
        records = database.read_sync(lambda c: ledger.recent(c, states=states, limit=limit))
    for record in records:
        table.add_row(
            record.answer_id,
            record.state,
            record.reason,
            record.engine or "",
            f"{record.seconds:.1f}" if record.seconds else "",
            record.memo_status or record.text_status or "",
            f"{record.created_at:%Y-%m-%d %H:%M:%S}",
        )
    Console(width=None if Console().is_terminal else 200).print(table)


@answers.command()
@click.argument("some_id", metavar="ID")
def show(some_id: str) -> None:
    """Show one answer by its id, a message's or a memo's; but not its words."""
    from app.policy import Reason
    from app.store import ledger, messages

    with opened_database(settings_of_command()) as database:
        record = database.read_sync(lambda c: ledger.find(c, some_id))
        ignored = database.read_sync(lambda c: messages.why_ignored(c, some_id))
    if ignored:
        click.echo(f"not answered: {ignored} – {Reason(ignored).explanation}")
        return
    if record is None:
        raise click.ClickException(f"no answer, message or memo has the id {some_id}")
    for name, value in vars(record).items():
        if value not in (None, "", {}):
            shown = f"{len(value)} characters" if name == "text" else value
            click.echo(f"{name:16} {shown}")


@answers.command()
@click.argument("some_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All failed ones, the oldest first.")
def retry(some_ids: tuple[str, ...], everything: bool) -> None:
    """Queue failed answers again; an uncertain one only by its ID, for it may go out twice."""
    from app.answers.memo_requests import retry as queue_again
    from app.store import ledger

    if bool(some_ids) == everything:
        raise click.UsageError("give the IDs of answers, or --all")
    with opened_database(settings_of_command()) as database:
        queue = opened_queue(database)
        if everything:
            failed = database.read_sync(
                lambda c: ledger.recent(c, states=("failed",), limit=10_000)
            )
            some_ids = tuple(record.answer_id for record in reversed(failed))
        for some_id in some_ids:
            record = database.write_sync(lambda c: queue_again(c, queue, some_id))
            if record is None:
                click.echo(f"{some_id}: not failed or uncertain, left alone", err=True)
            else:
                click.echo(f"{record.answer_id}: queued again")


@click.command()
@click.argument("handle")
def forget(handle: str) -> None:
    """Erase what the person with this number or e-mail address said and was told."""
    from app.store import retention

    with opened_database(settings_of_command()) as database:
        answer_ids = database.write_sync(lambda c: retention.forget_handle(c, handle))
        opened_queue(database).erase(answer_ids)
        database.read_sync(retention.scrub)
    click.echo(f"Forgotten: the words of {len(answer_ids)} answers, and the chats they were in.")
