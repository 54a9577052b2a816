"""`send`: a memo on the business's own initiative."""

from __future__ import annotations

import signal
import socket
import sys
import time
import uuid
from typing import TYPE_CHECKING, NoReturn

import click

from app.cli.context import opened_database, opened_queue, settings_of_command
from app.program import command_line

if TYPE_CHECKING:
    from app.answers.queue import AnswerQueue
    from app.store.database import Database
    from app.store.ledger import AnswerRecord
    from app.web.memo_api import MemoRequest

SEND_SECONDS = 120.0
"""How long `send` waits for the memo to be posted."""
NOBODY_SECONDS = 5.0
"""How long `send` waits for a bot to turn up where none runs."""


@click.command()
@click.option("--chat", "chat_id", required=True, metavar="ID", help="Linq's id of the chat.")
@click.option("--language", help="Language of the text; detected if not given.")
@click.argument("text")
def send(chat_id: str, text: str, language: str | None) -> None:
    """Queue a memo that says TEXT to a chat, and wait for the result.

    It is taken back if no bot runs that could send it, or at Ctrl-C, unless it is begun.
    """
    from app.answers.memo_requests import request_memo
    from app.store.sealing import Sealer

    settings = settings_of_command()
    wanted = _checked(chat_id, text, language)
    with opened_database(settings) as database:
        queue = opened_queue(database)
        sealer = Sealer(settings.linq_api_key.get_secret_value())
        # All that is imported on the way, before Ctrl-C has something to take back.
        _somebody_answers(database)
        key = str(uuid.uuid4())
        answer_id = f"memo:{key}"
        try:
            database.write_sync(
                lambda c: request_memo(
                    c,
                    queue,
                    sealer,
                    chat_id=wanted.chat_id,
                    text=wanted.text,
                    language=wanted.language,
                    idempotency_key=key,
                )
            )
            click.echo(f"{answer_id}: queued")
            record = _wait(database, answer_id)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            _take_back(database, queue, answer_id, "Interrupted")
        except _NobodyAnswers:
            why = (
                "No bot runs on this database: start "
                f"{command_line('serve')} or {command_line('worker')} and send it again"
            )
            _take_back(database, queue, answer_id, why)
    if record.state in ("waiting", "working"):
        raise click.ClickException(
            f"Still waiting after {SEND_SECONDS:g} s: the chat may have answers before it. "
            f"{command_line(f'answers show {answer_id}')} tells later."
        )
    click.echo(_outcome(record))
    sys.exit(0 if record.state == "sent" else 1)


def _checked(chat_id: str, text: str, language: str | None) -> MemoRequest:
    """What is asked for, within the same bounds as over the API.

    Raises: click.UsageError.
    """
    from pydantic import ValidationError

    from app.web.memo_api import MemoRequest

    if not text.strip():
        raise click.UsageError("TEXT is empty: give some words.")
    try:
        return MemoRequest(chat_id=chat_id, text=text, language=language)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise click.UsageError(f"{first['loc'][0]}: {first['msg']}") from None


class _NobodyAnswers(Exception):
    """No process answers on this database."""


def _wait(database: Database, answer_id: str) -> AnswerRecord:
    """The answer once it is over, or as it is after `SEND_SECONDS`.

    Raises: _NobodyAnswers when it waits and no bot is heard of for `NOBODY_SECONDS`.
    """
    from app.store import ledger

    started = alone_since = time.monotonic()
    while True:
        record = database.read_sync(lambda c: ledger.show(c, answer_id))
        now = time.monotonic()
        if record is None:
            raise click.ClickException(f"{answer_id} was deleted meanwhile.")
        if record.state in ledger.TERMINAL_STATES or now - started > SEND_SECONDS:
            return record
        if record.state != "waiting" or _somebody_answers(database):
            alone_since = now
        elif now - alone_since > NOBODY_SECONDS:
            raise _NobodyAnswers
        time.sleep(0.1)


def _somebody_answers(database: Database) -> bool:
    from app.answers.recovery import is_running
    from app.answers.timing import Timing
    from app.store import executors

    # A beat may be late under load, and clocks of machines differ by a little.
    since = time.time() - 3 * Timing().heartbeat_seconds
    here = socket.gethostname()
    return any(
        one.host != here or is_running(one.pid)
        for one in database.read_sync(lambda c: executors.living(c, since))
    )


def _take_back(database: Database, queue: AnswerQueue, answer_id: str, why: str) -> NoReturn:
    """Take a memo back that is not begun, and exit."""
    from app.answers.memo_requests import withdraw

    if database.write_sync(lambda c: withdraw(c, answer_id)):
        queue.erase([answer_id])
        raise click.ClickException(f"{why}. The memo was taken back and will not be sent.")
    raise click.ClickException(
        f"{why}. The memo is begun and goes on: {command_line(f'answers show {answer_id}')}"
    )


def _outcome(record: AnswerRecord) -> str:
    if record.state == "sent" and record.memo_message_id:
        return f"sent as a memo of {record.seconds:.1f} s, message {record.memo_message_id}"
    if record.state == "sent":
        return f"sent as text ({record.reason}), message {record.text_message_id}"
    return f"{record.state}: {record.reason} {record.detail or ''}".rstrip()
