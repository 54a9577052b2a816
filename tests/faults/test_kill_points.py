"""Kill it anywhere and the chat never notices: SIGKILL at every stage boundary and inside stages.

A story is told again and again by one bot on one database, in new chats each time; each time the
bot dies at the next point, and comes back. A few stories run at a time, because they wait a lot.
"""

from __future__ import annotations

import base64
import signal
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import cast

import httpx
import pytest

from tests.console import TOKEN
from tests.desk_client import DeskClient
from tests.faults.points import HELD, STORIES, points_of_the_app
from tests.faults.writing_responder import WRITTEN
from tests.harness import FaultHarness, assert_answered_once_in_order, beeps, durations
from tests.postgres import Postgres
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
    results: dict[Case, Future[None]] = {case: Future() for case in cases}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for (database, story), same in groupby(cases, lambda case: (case.database, case.story)):
            folder = tmp_path_factory.mktemp(f"{database}-{story}")
            url = new_sqlite(folder / "test.db")
            if database == "postgres":
                server: Postgres = request.getfixturevalue("postgres_server")
                url = server.new_database(template=request.getfixturevalue("postgres_template"))
            pool.submit(_tell, url, folder / "kill-at", list(same), results)
        yield results


@pytest.mark.parametrize("case", CASES, ids=str)
def test_killed_and_the_chat_does_not_notice(case: Case, kills: dict[Case, Future[None]]) -> None:
    kills[case].result(timeout=280)


def _tell(
    database_url: str, kill_file: Path, cases: Sequence[Case], results: dict[Case, Future[None]]
) -> None:
    """Tell the cases of one story, one after the other."""
    try:
        with FaultHarness(database_url) as harness:
            harness.environment |= ENVIRONMENTS.get(cases[0].story, {})
            harness.start_bot(TEST_KILL_FILE=str(kill_file))
            for case in cases:
                story = Story(harness, kill_file, case.point)
                TELL[case.story](story)
                results[case].set_result(None)
    except BaseException as error:
        for case in cases:  # with those that came after it
            if not results[case].done():
                results[case].set_exception(error)


@dataclass(frozen=True)
class Story:
    """What one telling of a story needs; its chats are its own."""

    harness: FaultHarness
    kill_file: Path
    point: str

    @property
    def chat(self) -> str:
        return f"at {self.point}"

    def beeps(self, count: int) -> str:
        """`beeps` in words of this telling: those of a kept clip would not be synthesized."""
        return f"In {self.chat}: {beeps(count)}"

    def will_die(self) -> None:
        """The bot is killed when it next comes to the point, in an answer that is not begun yet."""
        self.harness.wait(lambda: not self.harness.ledger.queued())
        self.kill_file.write_text(self.point)

    def die_and_return(self) -> None:
        """Waits for the bot to kill itself, and starts it again without a reason to."""
        assert self.harness.bot.wait(120) == -signal.SIGKILL
        assert not self.kill_file.exists()
        self.harness.bot.start()


def _memo(story: Story) -> None:
    harness, chat, another = story.harness, story.chat, f"another {story.chat}"
    story.will_die()
    said = [harness.say(story.beeps(count), chat) for count in (1, 2)]
    said.append(harness.say(story.beeps(1), another))
    story.die_and_return()
    answers = harness.wait_until_over(said)
    assert {answer.state for answer in answers} == {"sent"}
    assert_answered_once_in_order(harness.memos(chat), 2)
    assert_answered_once_in_order(harness.memos(another), 1)
    assert not harness.texts(chat)
    assert not harness.texts(another)


def _voice(story: Story) -> None:
    harness, chat = story.harness, story.chat
    story.will_die()
    sound = base64.b64encode(tone()).decode()
    said = [harness.say(None, chat, audio_base64=sound, filename="a.m4a")]
    said.append(harness.say(beeps(30), chat))
    story.die_and_return()
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(chat), 2)


def _text(story: Story) -> None:
    harness, chat = story.harness, story.chat
    story.will_die()
    said = [harness.say(text, chat, service="SMS") for text in ("one", "two", "three")]
    story.die_and_return()
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert harness.texts(chat) == ["You said: one", "You said: two", "You said: three"]


def _companion(story: Story) -> None:
    harness, chat = story.harness, story.chat
    story.will_die()
    said = [harness.say(story.beeps(count), chat) for count in (1, 2)]
    story.die_and_return()
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(chat), 2)
    assert [bool(one["memo"]) for one in harness.sent(chat)] == [True, False, True, False]
    assert harness.texts(chat) == [WRITTEN, WRITTEN]


def _refused(story: Story) -> None:
    harness, chat = story.harness, story.chat
    harness.sandbox.faults(
        [{"endpoint": "voicememo", "kind": "status", "status": 400, "code": 1005, "count": 1}]
    )
    story.will_die()
    said = [harness.say(text, chat) for text in ("one", "two")]
    story.die_and_return()
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert [bool(one["memo"]) for one in harness.sent(chat)] == [False, True]
    assert harness.texts(chat) == ["You said: one"]


def _found(story: Story) -> None:
    harness, chat = story.harness, story.chat
    links = [f"{WRITTEN}&n={count}&at={story.point}" for count in (1, 2)]
    story.will_die()
    said = [
        harness.say(f"{story.beeps(count)} at {link} today", chat)
        for count, link in enumerate(links, start=1)
    ]
    story.die_and_return()
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(chat), 2)
    assert [bool(one["memo"]) for one in harness.sent(chat)] == [True, False, True, False]
    assert harness.texts(chat) == [f"Link: {link}" for link in links]


def _outdated(story: Story) -> None:
    harness, chat = story.harness, story.chat
    before = harness.calls().get("typing", 0)
    story.will_die()
    first = harness.say("slow cake for Saturday", chat)
    harness.call_underway("typing", before + 1)
    second = harness.say("Sorry, for Sunday", chat)
    story.die_and_return()
    answers = harness.wait_until_over([first, second])
    assert [answer.state for answer in answers] == ["sent", "collected"]
    assert answers[0].text == "You said: slow cake for Saturday\nSorry, for Sunday"
    assert len(harness.sent(chat)) == 1


def _renewed(story: Story) -> None:
    harness, chat = story.harness, story.chat
    harness.wait_until_over([harness.say(story.beeps(1), chat="before")])
    harness.delete_attachment(harness.memos("before")[0]["memo"]["attachment_id"])
    story.will_die()
    said = [harness.say(story.beeps(count), chat) for count in (1, 2)]
    story.die_and_return()
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(chat), 2)


def _recorded(story: Story) -> None:
    harness, chat = story.harness, story.chat
    before = [harness.say(beeps(1), chat)]
    harness.wait_until_over(before)
    # Killed at the recording, not at the answer before it.
    story.will_die()
    recordings = {uuid.uuid4().hex: tone("ogg", seconds) for seconds in (1.0, 2.0)}
    with DeskClient(harness.bot.url, harness.chat(chat)["id"]) as colleague:
        page = colleague.fields()["csrf"]
        for key, recording in recordings.items():
            with suppress(httpx.TransportError):
                colleague.record_with(page, recording, key)
        story.die_and_return()
        for key, recording in recordings.items():  # as the page does, under the same key
            assert colleague.record_with(page, recording, key) == 202
    harness.wait(lambda: len(harness.memos(chat)) == 3)
    harness.wait_until_over(before)
    assert [round(one) for one in durations(harness.memos(chat))[1:]] == [1, 2]
    assert not harness.texts(chat)


def _held(story: Story) -> None:
    harness, chat = story.harness, story.chat
    endpoint, _, kind = story.point.partition("-")
    calls = harness.calls().get(endpoint, 0)
    harness.sandbox.faults([{"endpoint": endpoint, "kind": kind}])
    said = [harness.say(story.beeps(count), chat) for count in (1, 2)]
    harness.call_underway(endpoint, calls + 1)
    if kind == "accept_then_hang" and endpoint == "voicememo":
        harness.wait(lambda: harness.memos(chat))
    harness.bot.kill()
    harness.bot.start()
    assert {answer.state for answer in harness.wait_until_over(said)} == {"sent"}
    assert_answered_once_in_order(harness.memos(chat), 2)


TELL: dict[str, Callable[[Story], None]] = {
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
}
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "companion": {"MEMO_RESPONDER": "python:tests.faults.writing_responder:answer"},
    "outdated": {
        "MEMO_RESPONDER": "python:tests.faults.slow_responder:answer",
        "TEST_SLOW_SECONDS": "2",
    },
    "recorded": {"MEMO_ADMIN_TOKEN": TOKEN},
}
