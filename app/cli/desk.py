"""`evaluate`, `knowledge try`, `rules test`, `rules gaps`: does the desk answer well?"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from app.cli.context import opened_database, settings_of_command
from app.cli.output import print_json
from app.cli.rules import rules

if TYPE_CHECKING:
    from app.responders.evaluation import Case, Result
    from app.responders.knowledge.search import Found, SearchResult

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("cases", type=_FILE)
@click.option("--responder", help="Else MEMO_RESPONDER, such as rules,knowledge.")
@click.option("--rules", "rules_file", type=_FILE, help="Else MEMO_RULES_FILE.")
@click.option("--knowledge", type=_FOLDER, help="Else MEMO_KNOWLEDGE.")
@click.option("--at-least", type=click.IntRange(0, 100), help="Fail below so many % right.")
@_JSON
def evaluate(
    cases: Path,
    responder: str | None,
    rules_file: Path | None,
    knowledge: Path | None,
    at_least: int | None,
    as_json: bool,
) -> None:
    """Ask the responders each message in CASES (JSON Lines), and count the right answers."""
    import asyncio

    from app.responders.evaluation import CaseError, read_cases, report, score

    given = {"responder": responder, "rules_file": rules_file, "knowledge": knowledge}
    try:
        found = read_cases(cases)
    except CaseError as error:
        raise click.ClickException(str(error)) from error
    results = asyncio.run(_evaluated(found, {k: v for k, v in given.items() if v is not None}))
    if as_json:
        print_json([_case(result) for result in results])
    else:
        click.echo("\n".join(report(results)))
    total = score(results)
    answerable = total.right + total.not_known + total.wrong
    if at_least is not None and total.right * 100 < at_least * answerable:
        sys.exit(1)


@click.group()
def knowledge() -> None:
    """Try a folder of knowledge (MEMO_RESPONDER=knowledge)."""


@knowledge.command("try")
@click.argument("text")
@click.option("--folder", type=_FOLDER, help="Else MEMO_KNOWLEDGE.")
@click.option("--language", help="Language of the text; detected if not given.")
@_JSON
def try_(text: str, folder: Path | None, language: str | None, as_json: bool) -> None:
    """Show which sections TEXT finds, how sure that is, and why."""
    from app.responders.knowledge.chunks import read_folder
    from app.responders.knowledge.errors import KnowledgeError
    from app.responders.knowledge.search import KnowledgeIndex

    folder = folder or settings_of_command().knowledge
    if folder is None:
        raise click.UsageError("give --folder, or set MEMO_KNOWLEDGE")
    try:
        index = KnowledgeIndex(read_folder(folder))
    except KnowledgeError as error:
        raise click.ClickException(str(error)) from error
    result = index.search(text, language or _language_of(text))
    if as_json:
        print_json(_search(result))
        return
    click.echo(_verdict(result))
    for found in result.found[:5]:
        click.echo(_explained(found))
    if result.missing:
        click.echo(f"in no section: {', '.join(result.missing)}")
    if result.sure:
        click.echo(f"says: {result.sure.chunk.text}")


@rules.command("test")
@click.argument("file", type=_FILE)
def test_(file: Path) -> None:
    """Ask the rules in FILE their own examples; fails where one is answered otherwise."""
    from app.responders.rules.errors import RulesError
    from app.responders.rules.report import check_examples

    try:
        results = check_examples(file, _language_of)
    except RulesError as error:
        raise click.ClickException(str(error)) from error
    wrong = [result for result in results if not result.is_right]
    for result in wrong:
        click.echo(str(result))
    click.echo(f"{len(results) - len(wrong)} of {len(results)} examples answered as they should be")
    sys.exit(1 if wrong else 0)


@rules.command("gaps")
@click.option("--days", default=7.0, show_default=True, type=click.FloatRange(0, 365))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
@_JSON
def gaps(days: float, limit: int, as_json: bool) -> None:
    """List what was asked lately and not known, by topic, while the words are kept."""
    from app.responders.rules.gaps import MAX_MESSAGES, grouped
    from app.store.gaps import not_known

    since = datetime.now(UTC).timestamp() - days * 86_400
    with opened_database(settings_of_command()) as database:
        messages = database.read_sync(lambda c: not_known(c, since=since, limit=MAX_MESSAGES))
    if as_json:
        print_json([vars(gap) | {"count": gap.count} for gap in grouped(messages)[:limit]])
        return
    if not messages:
        click.echo(f"nothing in the last {days:g} days")
    for gap in grouped(messages)[:limit]:
        click.echo(f"{gap.count:4}  {' '.join(gap.shared) or '-'}")
        for message in dict.fromkeys(gap.messages[:3]):
            click.echo(f"      {' '.join(message.split())[:100]}")


async def _evaluated(cases: tuple[Case, ...], given: dict[str, Any]) -> tuple[Result, ...]:
    from app.responders.evaluation import Clock, evaluate
    from app.responders.factory import build_responder
    from app.responders.rules.reading import read_rules
    from app.settings import load_settings

    settings = load_settings(**given)
    clock = Clock(datetime.now(UTC))
    responder = build_responder(settings, now=clock.now)
    book = read_rules(settings.rules_file) if settings.rules_file else None
    zone = book.hours.zone if book and book.hours else ZoneInfo("UTC")
    try:
        return await evaluate(cases, responder, clock, zone=zone, language_of=_language_of)
    finally:
        await responder.aclose()


def _language_of(text: str) -> str | None:
    from app.speech.language import detect

    return detect(text, "") or None


def _case(result: Result) -> dict[str, object]:
    return {
        "line": result.case.line,
        "text": result.case.text,
        "expect": sorted(result.case.expect),
        "reason": result.reason,
        "said": result.said,
        "verdict": result.verdict,
    }


def _search(result: SearchResult) -> dict[str, object]:
    return {
        "sure": result.sure.chunk.id if result.sure else None,
        "unsure": result.unsure.chunk.id if result.unsure else None,
        "missing": result.missing,
        "found": [
            {
                "id": found.chunk.id,
                "score": found.score,
                "cover": found.cover,
                "terms": found.terms,
                "in_title": found.in_title,
            }
            for found in result.found[:5]
        ],
    }


def _verdict(result: SearchResult) -> str:
    if result.sure:
        return f"sure: {result.sure.chunk.id}"
    if result.unsure:
        return f"unsure, asks whether {result.unsure.chunk.title!r} is meant"
    return "not known"


def _explained(found: Found) -> str:
    where = "title" if found.in_title else "text"
    return (
        f"  {found.chunk.id}: score {found.score:.2f}, covers {found.cover:.0%} of what is asked, "
        f"by {', '.join(found.terms)} ({where})"
    )
