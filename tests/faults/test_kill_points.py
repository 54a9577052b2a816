"""Kill it anywhere and the chat never notices: SIGKILL at every stage boundary and inside stages.

The cases run a few at a time, because each waits a lot; every one has a sandbox, a database and a
bot of its own.
"""

from __future__ import annotations

import base64
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx
import pytest

from tests.console import TOKEN
from tests.desk_client import DeskClient
from tests.faults.points import HELD, STORIES, points_of_the_app
from tests.faults.writing_responder import WRITTEN
from tests.harness import FaultHarness, assert_answered_once_in_order, beeps, durations
from tests.postgres import PostgresServer
from tests.prepared_databases import new_sqlite
from tests.sandbox_audio import tone

AT_ONCE = 4


@dataclass(frozen=True)
class Case:
    """One kill: at a point that a story passes, or while the sandbox holds a call."""

    database: str
    story: str
    point: str

    def __str__(self) -> str:
        return f"{self.database}-{self.story}-{self.point}"


ON_BOTH = ("memo", "voice")
"""The stories that are told on PostgreSQL, too: they pass every kind of step and commit. The others
differ in what is sent, which no database sees."""
CASES = [
    Case(database, story, point)
    for database in ("sqlite", "postgres")
    for story, points in {**STORIES, "held": tuple(map("-".join, HELD))}.items()
    if database == "sqlite" or story in ON_BOTH
    for point in points
]


def test_every_point_of_the_app_is_in_the_table() -> None:
    listed = {point for points in STORIES.values() for point in points}
    assert points_of_the_app() == listed


@pytest.fixture(scope="module")
def kills(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Case, Future[None]]]:
    """All cases that were asked for, already on their way."""
    cases: list[Case] = [
        cast(Case, item.callspec.params["case"])
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.originalname == test_killed_and_the_chat_does_not_notice.__name__
    ]
    folder = tmp_path_factory.mktemp("kills")
    urls = {
        case: new_sqlite(folder / f"{number}.db")
        for number, case in enumerate(cases)
        if case.database == "sqlite"
    }
    if any(case.database == "postgres" for case in cases):
        server: PostgresServer = request.getfixturevalue("postgres_server")
        template: str = request.getfixturevalue("postgres_template")
        for case in cases:
            if case.database == "postgres":
                urls[case] = server.new_database(template=template)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case: pool.submit(_kill, case, urls[case], folder) for case in cases}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_killed_and_the_chat_does_not_notice(case: Case, kills: dict[Case, Future[None]]) -> None:
    kills[case].result(timeout=280)


def _kill(case: Case, database_url: str, folder: Path) -> None:
    with FaultHarness(database_url) as harness:
        {
            "memo": _memo,
            "voice": _voice,
            "text": _text,
            "companion": _companion,
            "refused": _refused,
            "found": _found,
            "outdated": _outdated,
            "renewed": _renewed,
            "recorded": _recorded,
            "held": _held,
        }[case.story](harness, case.point)


def _memo(harness: FaultHarness, point: str) -> None:
    bot = harness.start_bot(TEST_KILL_AT=point)
    said = [harness.say(beeps(count)) for count in (1, 2, 3)]
    said.append(harness.say(beeps(1), chat="another"))
    _die_and_return(harness)
    answers = harness.wait_until_over(said)
    assert {answer.state for answer in answers} == {"sent"}
    assert_answered_once_in_order(harness.memos(), 3)
    assert_answered_once_in_order(harness.memos("another"), 1)
    assert not harness.texts()
    del bot


def _voice(harness: FaultHarness, point: str) -> None:
    harness.start_bot(TEST_KILL_AT=point)
    said = [harness.say(None, audio_base64=base64.b64encode(tone()).decode(), filename="a.m4a")]
    said.append(harness.say(beeps(30)))
    _die_and_return(harness)
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(), 2)


def _text(harness: FaultHarness, point: str) -> None:
    harness.start_bot(TEST_KILL_AT=point)
    said = [harness.say(text, service="SMS") for text in ("one", "two", "three")]
    _die_and_return(harness)
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert harness.texts() == ["You said: one", "You said: two", "You said: three"]


def _companion(harness: FaultHarness, point: str) -> None:
    responder = "python:tests.faults.writing_responder:answer"
    harness.start_bot(TEST_KILL_AT=point, MEMO_RESPONDER=responder)
    said = [harness.say(beeps(count)) for count in (1, 2)]
    _die_and_return(harness)
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(), 2)
    assert [bool(one["memo"]) for one in harness.sent()] == [True, False, True, False]
    assert harness.texts() == [WRITTEN, WRITTEN]


def _refused(harness: FaultHarness, point: str) -> None:
    harness.sandbox.faults(
        [{"endpoint": "voicememo", "kind": "status", "status": 400, "code": 1005, "count": 1}]
    )
    harness.start_bot(TEST_KILL_AT=point)
    said = [harness.say(text) for text in ("one", "two")]
    _die_and_return(harness)
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert [bool(one["memo"]) for one in harness.sent()] == [False, True]
    assert harness.texts() == ["You said: one"]


def _found(harness: FaultHarness, point: str) -> None:
    harness.start_bot(TEST_KILL_AT=point)
    said = [harness.say(f"{beeps(count)} at {WRITTEN}&n={count} today") for count in (1, 2)]
    _die_and_return(harness)
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(), 2)
    assert [bool(one["memo"]) for one in harness.sent()] == [True, False, True, False]
    assert harness.texts() == [f"Link: {WRITTEN}&n={count}" for count in (1, 2)]


def _outdated(harness: FaultHarness, point: str) -> None:
    responder = "python:tests.faults.slow_responder:answer"
    harness.start_bot(TEST_KILL_AT=point, MEMO_RESPONDER=responder, TEST_SLOW_SECONDS="2")
    first = harness.say("slow cake for Saturday")
    harness.call_underway("typing")
    second = harness.say("Sorry, for Sunday")
    _die_and_return(harness)
    answers = harness.wait_until_over([first, second])
    assert [answer.state for answer in answers] == ["sent", "collected"]
    assert answers[0].text == "You said: slow cake for Saturday\nSorry, for Sunday"
    assert len(harness.sent()) == 1


def _renewed(harness: FaultHarness, point: str) -> None:
    harness.start_bot(TEST_KILL_AT=point)
    harness.wait_until_over([harness.say(beeps(1), chat="before")])
    harness.delete_attachment(harness.memos("before")[0]["memo"]["attachment_id"])
    said = [harness.say(beeps(count)) for count in (1, 2)]
    _die_and_return(harness)
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(), 2)


def _recorded(harness: FaultHarness, point: str) -> None:
    harness.start_bot(MEMO_ADMIN_TOKEN=TOKEN)
    before = [harness.say(beeps(1))]
    harness.wait_until_over(before)
    # Killed at the recording, not at the answer before it.
    harness.restart(TEST_KILL_AT=point)
    seconds = (1.0, 2.0)
    with DeskClient(harness.bot.url, harness.chat("one")["id"]) as colleague:
        page = colleague.fields()["csrf"]
        for number, length in enumerate(seconds):
            with suppress(httpx.TransportError):
                colleague.record_with(page, tone("ogg", length), f"k{number}")
        _die_and_return(harness)
        for number, length in enumerate(seconds):  # as the page does, under the same key
            assert colleague.record_with(page, tone("ogg", length), f"k{number}") == 202
    harness.wait(lambda: len(harness.memos()) == 3)
    harness.wait_until_over(before)
    assert [round(one) for one in durations(harness.memos())[1:]] == [1, 2]
    assert not harness.texts()


def _held(harness: FaultHarness, point: str) -> None:
    endpoint, _, kind = point.partition("-")
    harness.sandbox.faults([{"endpoint": endpoint, "kind": kind}])
    bot = harness.start_bot()
    said = [harness.say(beeps(count)) for count in (1, 2)]
    harness.call_underway(endpoint)
    if kind == "accept_then_hang" and endpoint == "voicememo":
        harness.wait(harness.memos)
    bot.kill()
    bot.start()
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(), 2)


def _die_and_return(harness: FaultHarness) -> None:
    """Waits for the bot to kill itself, and starts it again without a reason to."""
    bot = harness.bots[0]
    assert bot.wait(120) == -signal.SIGKILL
    del bot.environment["TEST_KILL_AT"]
    bot.start()
