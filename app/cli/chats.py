"""`chats`: who has which chat, and taking one over from a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from app.cli.context import opened_database, settings_of_command
from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from app.responders.protocol import Turn
    from app.store.chat_list import ChatEntry
    from app.store.database import Database
    from app.store.ledger import AnswerRecord

STATES = ("waiting", "person", "bot", "failed")
MINUTES = 30
"""For how long a chat is taken where takeovers are off."""

_NUMBERS = click.option("--numbers", is_flag=True, help="Show numbers whole.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def chats() -> None:
    """Look at chats, take one over, and give it back to the bot.

    CHAT is the id of a chat, or the end of a number that no other chat has.
    """


@chats.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only these; repeatable."
)
@click.option(
    "--limit", type=click.IntRange(1, 1_000), default=20, show_default=True, help="So many at most."
)
@_NUMBERS
@_JSON
def list_(states: tuple[str, ...], limit: int, numbers: bool, as_json: bool) -> None:
    """List chats: those that wait for a person first, then those with one, then the newest."""
    from app.store import chat_list

    with opened_database(settings_of_command()) as database:
        entries = database.read_sync(
            lambda c: chat_list.listing(c, now=time.time(), states=states, limit=limit)
        )
    if as_json:
        print_json([_told(entry, numbers) for entry in entries])
        return
    print_table(
        ("chat", "number", "state", "reason", "since (UTC)"),
        (
            (
                entry.chat_id,
                _number(entry.handle, numbers) or "",
                entry.state,
                entry.reason,
                f"{_moment(entry.since):%Y-%m-%d %H:%M:%S}",
            )
            for entry in entries
        ),
    )


@chats.command()
@click.argument("chat")
@click.option("--words", is_flag=True, help="Show what was said, too.")
@click.option(
    "--limit",
    type=click.IntRange(1, 40),
    default=10,
    show_default=True,
    help="Last turns, answers.",
)
@_NUMBERS
@_JSON
def show(chat: str, words: bool, limit: int, numbers: bool, as_json: bool) -> None:
    """Show who has CHAT, and its last turns and answers; the words only with --words."""
    from app.store import chat_list, conversations, desk, ledger

    with opened_database(settings_of_command()) as database:
        chat_id = _meant(database, chat)
        now = time.time()
        entry = database.read_sync(lambda c: chat_list.entry(c, chat_id, now))
        at_desk = database.read_sync(lambda c: desk.of_chat(c, chat_id, now))
        turns = database.read_sync(lambda c: conversations.history(c, chat_id))[-limit:]
        records = database.read_sync(lambda c: ledger.recent(c, chat_id=chat_id, limit=limit))
    told = _told(entry, numbers)
    if words and at_desk.summary:
        told["summary"] = at_desk.summary
    if as_json:
        said = [_turn(turn, words) for turn in turns]
        print_json(told | {"turns": said, "answers": [_answer(one) for one in records]})
        return
    for name, value in told.items():
        if value not in (None, "", False):
            click.echo(f"{name:16} {value}")
    click.echo("turns since it was last handed over:" if turns else "no turns are kept")
    for turn in turns:
        who = "person" if turn.role == "user" else "us"
        shown = turn.text if words else f"({len(turn.text)} characters)"
        click.echo(f"  {turn.at:%Y-%m-%d %H:%M:%S}  {who:6}  {shown}")
    click.echo("answers, the newest first:" if records else "no answers")
    for record in records:
        rating = {1: "👍", -1: "👎"}.get(record.rating or 0, "")
        ended = f"{record.state} {record.reason} {rating}".rstrip()
        click.echo(f"  {record.created_at:%Y-%m-%d %H:%M:%S}  {record.answer_id}  {ended}")


@chats.command()
@click.argument("chat")
@click.option(
    "--minutes",
    type=click.FloatRange(1, 7 * 24 * 60),
    help=f"For how long; else MEMO_TAKEOVER_SECONDS, or {MINUTES} minutes where that is 0.",
)
def take(chat: str, minutes: float | None) -> None:
    """Take CHAT over: the bot is silent in it until it is returned, or the time is over."""
    from app.store import desk

    settings = settings_of_command()
    seconds = minutes * 60 if minutes else settings.takeover_seconds or MINUTES * 60.0
    with opened_database(settings) as database:
        chat_id = _meant(database, chat)
        now = time.time()
        database.write_sync(lambda c: desk.take(c, chat_id, now=now, seconds=seconds))
        until = database.read_sync(lambda c: desk.of_chat(c, chat_id, now)).until
    click.echo(f"{chat_id}: with a person until {_moment(until):%Y-%m-%d %H:%M:%S} UTC")


@chats.command("return")
@click.argument("chat")
def return_(chat: str) -> None:
    """Give CHAT back to the bot, which begins afresh."""
    from app.store import desk

    with opened_database(settings_of_command()) as database:
        chat_id = _meant(database, chat)
        given = database.write_sync(lambda c: desk.give_back(c, chat_id, time.time()))
    click.echo(f"{chat_id}: {'with the bot again' if given else 'the bot has it already'}")


def _meant(database: Database, wanted: str) -> str:
    """The chat that is meant. Raises: ClickException where that is none, or several."""
    from app.store import chat_list

    found = database.read_sync(lambda c: chat_list.find(c, wanted))
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.ClickException(
            f"no chat has the id {wanted}, or a number that ends so (in "
            f"{chat_list.FEWEST_DIGITS} digits at least)"
        )
    raise click.ClickException(f"several chats are meant by {wanted}: {_named(found)}")


def _named(chat_ids: Iterable[str]) -> str:
    return ", ".join(sorted(chat_ids))


def _told(entry: ChatEntry, numbers: bool) -> dict[str, object]:
    return {
        "chat_id": entry.chat_id,
        "number": _number(entry.handle, numbers),
        "state": entry.state,
        "reason": entry.reason,
        "since": _moment(entry.since),
        "until": _moment(entry.until) if entry.until else None,
        "zero_retention": entry.zero_retention,
    }


def _turn(turn: Turn, words: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "at": turn.at,
        "by": "person" if turn.role == "user" else "us",
        "characters": len(turn.text),
    }
    return told | ({"text": turn.text} if words else {})


def _answer(record: AnswerRecord) -> dict[str, object]:
    names = ("answer_id", "state", "reason", "rating", "created_at")
    return {name: getattr(record, name) for name in names}


def _number(handle: str | None, whole: bool) -> str | None:
    from app.telemetry import masked

    return handle if whole or not handle else masked(handle)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
