"""`answers` and `forget`: what became of messages, and their erasure."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from app.cli.context import opened_database, opened_queue, settings_of_command
from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from app.store.database import Database
    from app.store.ledger import AnswerRecord

STATES = ("waiting", "working", "sent", "silent", "collected", "refused", "failed", "uncertain")


@click.group()
def answers() -> None:
    """Look at answers, and repeat those that failed."""


@answers.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only these; repeatable."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="The newest so many.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List the newest answers."""
    from app.store import ledger

    with opened_database(settings_of_command()) as database:
        records = database.read_sync(lambda c: ledger.recent(c, states=states, limit=limit))
    if as_json:
        print_json([_without_words(record) for record in records])
        return
    print_table(
        ("answer", "state", "reason", "engine", "seconds", "delivery", "when (UTC)"),
        (
            (
                record.answer_id,
                record.state,
                record.reason,
                record.engine or "",
                f"{record.seconds:.1f}" if record.seconds else "",
                record.memo_status or record.text_status or "",
                f"{record.created_at:%Y-%m-%d %H:%M:%S}",
            )
            for record in records
        ),
    )


@answers.command()
@click.argument("some_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(some_id: str, as_json: bool) -> None:
    """Show one answer by its id, a message's or a memo's; but not its words."""
    from app.policy import Reason
    from app.store import ledger, messages

    with opened_database(settings_of_command()) as database:
        record = database.read_sync(lambda c: ledger.find(c, some_id))
        ignored = database.read_sync(lambda c: messages.why_ignored(c, some_id))
    if ignored:
        told: dict[str, object] = {
            "message_id": some_id,
            "state": "ignored",
            "reason": ignored,
            "explanation": next((one.explanation for one in Reason if one == ignored), ""),
        }
    elif record is not None:
        told = _without_words(record)
    else:
        raise click.ClickException(f"no answer, message or memo has the id {some_id}")
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        if value not in (None, "", {}):
            click.echo(f"{name:16} {value}")


def _without_words(record: AnswerRecord) -> dict[str, object]:
    """All that the ledger knows of an answer, and of its words how many characters they have."""
    told = dict(vars(record))
    words = (told.pop("text"), told.pop("written"))
    told.pop("spoken")
    return told | {"characters": sum(len(str(one or "")) for one in words)}


@answers.command()
@click.argument("some_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All failed ones, the oldest first.")
def retry(some_ids: tuple[str, ...], everything: bool) -> None:
    """Queue failed answers again; an uncertain one only by its ID, for it may go out twice."""
    from app.answers.memo_requests import retry as queue_again
    from app.store import ledger

    if bool(some_ids) == everything:
        raise click.UsageError("give the IDs of answers, or --all")
    left_alone = 0
    with opened_database(settings_of_command()) as database:
        queue = opened_queue(database)
        if everything:
            failed = database.read_sync(
                lambda c: ledger.recent(c, states=("failed",), limit=10_000)
            )
            some_ids = tuple(record.answer_id for record in reversed(failed))
            if not some_ids:
                click.echo("No answer has failed.")
        for some_id in some_ids:
            record = database.write_sync(lambda c: queue_again(c, queue, some_id))
            if record is None:
                left_alone += 1
                found = database.read_sync(lambda c: ledger.find(c, some_id))
                click.echo(f"{some_id}: {_why_not(found)}", err=True)
            else:
                click.echo(f"{record.answer_id}: queued again")
    sys.exit(1 if left_alone else 0)


def _why_not(record: AnswerRecord | None) -> str:
    """Why an answer cannot be repeated."""
    if record is None:
        return "no answer, message or memo has this id"
    if record.state in ("failed", "uncertain"):
        return "left alone, because its words are erased"
    return f"left alone, because it is {record.state}"


SCRUB_SECONDS = 5.0
"""How long `forget` tries to empty the write-ahead log beside other readers."""


def _scrub(database: Database) -> bool:
    """Whether nothing erased is left in the database's files."""
    from app.store import retention

    deadline = time.monotonic() + SCRUB_SECONDS
    while not database.read_sync(retention.scrub):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@click.command()
@click.argument("handle")
def forget(handle: str) -> None:
    """Erase what the person with this number or e-mail address said and was told.

    A number may be written with spaces, brackets and hyphens. One without a country code is taken
    for North American.
    """
    from app.linq.handles import handle_forms, similar_handles
    from app.store import retention
    from app.telemetry import masked

    wanted = handle_forms(handle)
    with opened_database(settings_of_command()) as database:
        known = database.read_sync(retention.known_handles)
        found = sorted(known & wanted)
        if not found:
            near = ", ".join(masked(one) for one in similar_handles(handle, known))
            raise click.ClickException(
                f"Nobody with the handle {handle} is known; nothing was erased. "
                + (f"Similar: {near}. Write the number in full, as +13125550177." if near else "")
            )
        answer_ids: list[str] = []
        for one in found:
            answer_ids += database.write_sync(lambda c: retention.forget_handle(c, one))
        opened_queue(database).erase(answer_ids)
        scrubbed = _scrub(database)
    click.echo(f"Forgotten: the words of {len(answer_ids)} answers, and the chats they were in.")
    if not scrubbed:
        click.echo(
            "Another process reads the database just now, so that its write-ahead log may still "
            "hold the words. The bot empties it within the hour; run this again to do it sooner.",
            err=True,
        )
        sys.exit(3)
