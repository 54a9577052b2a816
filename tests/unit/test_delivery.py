"""A memo is posted once, and what became of a post is found out: `Delivery` alone, no process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from app.answers.delivery import Delivery, Media, Posted
from app.answers.timing import Timing
from app.linq.client import LinqClient
from app.linq.clock import LinqClock
from app.linq.errors import LinqError, OutcomeUnknown, Refused, RetryLater
from app.policy import Reason
from app.sandbox import SandboxConfig
from app.store import ledger, sends
from app.store.database import Database
from app.store.sends import SendAttempt
from app.store.tables import sends as sends_table
from app.store.transitions import AnswerLost
from tests.sandbox_audio import tone
from tests.sandbox_server import SandboxServer

R = TypeVar("R")
ANSWER = "answer:m1"
TIMING = Timing(post_seconds=0.6, history_lag_seconds=0.2, look_up_seconds=1.0)


@dataclass
class Desk:
    """One chat of the sandbox and an answer to it, whose memo is uploaded."""

    sandbox: SandboxServer
    database: Database
    zero_retention: bool = False
    timing: Timing = TIMING
    points: list[str] = field(default_factory=list)
    at: Callable[[str], None] = lambda _point: None
    chat_id: str = ""
    clock_set_by: float = 0.0
    """Seconds by which the wall clock is ahead of the real time."""

    def __post_init__(self) -> None:
        self.database.migrate()
        heard = self.sandbox.inbound("Hello", chat="one", zero_retention=self.zero_retention)
        self.chat_id = str(heard["chat_id"])
        self.database.write_sync(
            lambda c: ledger.open_answer(c, ANSWER, self.chat_id, "inbound", text="Words")
        )

    def fault(self, kind: str, endpoint: str = "voicememo", **more: Any) -> None:
        self.sandbox.faults([{"endpoint": endpoint, "kind": kind, **more}])

    def run(self, scenario: Callable[[Delivery, LinqClient, Media], Awaitable[R]]) -> R:
        """Play a scenario with an uploaded memo."""

        async def main() -> R:
            linq = LinqClient(self.sandbox.api_key, self.sandbox.api_base, LinqClock(self.now))
            try:
                key = await linq.upload(tone(), "memo.m4a", "audio/x-m4a")
                delivery = Delivery(self.database, linq, self.timing, self._passed, self.now)
                return await scenario(delivery, linq, Media(key, attachment_id=key))
            finally:
                await linq.aclose()

        return asyncio.run(main())

    def send(self) -> str | Reason:
        """Send the memo. Returns the id of its message."""

        async def scenario(delivery: Delivery, _linq: LinqClient, media: Media) -> str | Reason:
            return await self.deliver(delivery, media)

        return self.run(scenario)

    async def deliver(
        self,
        delivery: Delivery,
        media: Media,
        accepted: Callable[[sa.Connection, Posted], str] = lambda _c, posted: posted.message_id,
    ) -> str | Reason:
        return await delivery.send_memo(
            media,
            begin=lambda c, begun_at: sends.begin(c, ANSWER, self.chat_id, media.key, begun_at),
            accepted=accepted,
            history_tells=not self.zero_retention,
        )

    def text(self, words: str = "Words") -> str:
        async def scenario(delivery: Delivery, _linq: LinqClient, _media: Media) -> str:
            return await delivery.send_text(
                ANSWER, self.chat_id, words, lambda _c, posted: posted.message_id
            )

        return self.run(scenario)

    def attempts(self) -> list[str]:
        """What became of the attempts, in order."""
        query = sa.select(sends_table.c.outcome).order_by(sends_table.c.send_id)
        return self.database.read_sync(lambda c: [row.outcome for row in c.execute(query)])

    def last(self) -> SendAttempt:
        found = self.database.read_sync(lambda c: sends.last(c, ANSWER))
        assert found is not None
        return found

    def sent(self) -> list[str]:
        """The ids of the messages that went out."""
        found = self.sandbox.state()["messages"]
        return [str(one["id"]) for one in found if one["accepted_number"]]

    def posts(self) -> int:
        return int(self.sandbox.state()["calls"].get("voicememo", 0))

    def now(self) -> float:
        return time.time() + self.clock_set_by

    def _passed(self, point: str) -> None:
        self.points.append(point)
        self.at(point)


@pytest.fixture(scope="module")
def linq() -> Iterator[SandboxServer]:
    """One sandbox for all: reset before each test."""
    with SandboxServer(SandboxConfig(rate_limit=None)) as sandbox:
        yield sandbox


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield database
    database.close()


@pytest.fixture
def desk(linq: SandboxServer, database: Database) -> Desk:
    linq.reset()
    linq.clear_faults()
    return Desk(linq, database)


def test_a_memo_is_posted_and_its_message_known(desk: Desk) -> None:
    message_id = desk.send()
    assert desk.sent() == [message_id]
    assert desk.last().outcome == "accepted"
    assert desk.last().message_id == message_id
    assert desk.points == ["send.intent", "send.posted"]


def test_the_intent_is_stored_before_the_post(desk: Desk) -> None:
    seen: list[tuple[list[str], int]] = []

    def at(point: str) -> None:
        if point == "send.intent":
            seen.append((desk.attempts(), desk.posts()))

    desk.at = at
    desk.send()
    assert seen == [(["open"], 0)]


def test_a_refused_memo_is_not_posted_again(desk: Desk) -> None:
    desk.fault("status", status=400, code=1005)
    with pytest.raises(Refused) as caught:
        desk.send()
    assert caught.value.code == 1005
    assert desk.attempts() == ["refused"]
    assert desk.posts() == 1


def test_nobody_wants_it_any_more_so_nothing_is_posted(desk: Desk) -> None:
    async def scenario(delivery: Delivery, _linq: LinqClient, media: Media) -> str | Reason:
        return await delivery.send_memo(
            media,
            begin=lambda _c, _at: Reason.ASKED_TO_STOP,
            accepted=lambda _c, posted: posted.message_id,
            history_tells=True,
        )

    assert desk.run(scenario) is Reason.ASKED_TO_STOP
    assert desk.posts() == 0
    assert desk.attempts() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "code": 1007, "retry_after": 1},
        {"status": 404, "code": 2007},
        {"status": 409, "code": 2009},
    ],
    ids=lambda fault: str(fault["code"]),
)
def test_what_certainly_did_not_go_out_is_posted_again(desk: Desk, fault: dict[str, Any]) -> None:
    desk.fault("status", **fault)
    message_id = desk.send()
    assert desk.sent() == [message_id]
    assert desk.attempts() == ["not_sent", "accepted"]


def test_it_is_not_tried_for_ever(desk: Desk) -> None:
    desk.timing = Timing(post_seconds=0.6, retry_send_seconds=0.0)
    desk.fault("status", status=429, code=1007, count=100)
    with pytest.raises(RetryLater):
        desk.send()
    assert desk.attempts() == ["not_sent"]


@pytest.mark.parametrize("kind", ["accept_then_hang", "accept_then_500", "drop_after"])
def test_what_went_out_unnoticed_is_found_in_the_history(desk: Desk, kind: str) -> None:
    desk.fault(kind)
    message_id = desk.send()
    assert desk.sent() == [message_id]
    assert desk.attempts() == ["accepted"]
    assert desk.posts() == 1


@pytest.mark.parametrize("kind", ["hang", "drop_before"])
def test_what_did_not_go_out_is_posted_again_once_the_history_has_shown_it(
    desk: Desk, kind: str
) -> None:
    desk.fault(kind)
    message_id = desk.send()
    assert desk.sent() == [message_id]
    assert desk.attempts() == ["not_sent", "accepted"]


@pytest.mark.parametrize("jump", [-7_200.0, 7_200.0])
@pytest.mark.parametrize("when", ["send.intent", "messages_list"])
@pytest.mark.parametrize(("kind", "attempts"), [("accept_then_500", 1), ("drop_before", 2)])
def test_a_clock_that_is_set_stalls_no_answer_and_sends_none_twice(
    desk: Desk, jump: float, when: str, kind: str, attempts: int
) -> None:
    """Set while a memo is posted, or while it is looked for in the history, of which the first
    page does not come."""
    desk.fault(kind)
    if when == "messages_list":
        desk.timing = replace(TIMING, look_up_seconds=20.0)
        desk.fault("status", "messages_list", status=500, code=3006, count=2)

    def jumps(point: str) -> None:
        if point == when:
            desk.clock_set_by = jump

    async def watch() -> None:
        if when == "messages_list":
            await asyncio.to_thread(
                desk.sandbox.wait_for, lambda state: state["calls"].get("messages_list", 0) >= 2
            )
        jumps("messages_list")

    desk.at = jumps

    async def scenario(delivery: Delivery, _linq: LinqClient, media: Media) -> str | Reason:
        async with asyncio.timeout(30):
            message_id, _ = await asyncio.gather(desk.deliver(delivery, media), watch())
        return message_id

    message_id = desk.run(scenario)
    assert desk.sent() == [message_id]
    assert len(desk.attempts()) >= attempts


def test_what_linq_refused_is_known_until_a_person_asks_again(desk: Desk) -> None:
    desk.fault("status", status=400, code=1005)
    with pytest.raises(Refused):
        desk.send()
    key = desk.last().media_key

    def was_refused(media_key: str, *, besides: int) -> bool:
        return desk.database.read_sync(
            lambda c: sends.was_refused(c, ANSWER, media_key, besides=besides)
        )

    assert was_refused(key, besides=2003)
    assert not was_refused(key, besides=1005)
    assert not was_refused("another memo", besides=2003)
    desk.database.write_sync(lambda c: sends.release(c, ANSWER))
    assert not was_refused(key, besides=2003)


@pytest.mark.parametrize(("kind", "sent"), [("accept_then_500", 1), ("drop_before", 0)])
def test_where_linq_keeps_no_history_it_is_not_posted_again(
    linq: SandboxServer, database: Database, kind: str, sent: int
) -> None:
    linq.reset()
    linq.clear_faults()
    desk = Desk(linq, database, zero_retention=True)
    desk.fault(kind)
    with pytest.raises(OutcomeUnknown):
        desk.send()
    assert desk.attempts() == ["uncertain"]
    assert (desk.posts(), len(desk.sent())) == (1, sent)


def test_a_history_that_cannot_be_read_leaves_it_uncertain(desk: Desk) -> None:
    desk.fault("accept_then_500")
    desk.fault("status", "messages_list", status=500, code=3006, count=1000)
    with pytest.raises(OutcomeUnknown, match="history"):
        desk.send()
    assert desk.attempts() == ["uncertain"]
    assert desk.posts() == 1


def test_what_a_person_releases_is_posted_once_more(desk: Desk) -> None:
    desk.fault("drop_before")
    desk.fault("status", "messages_list", status=500, code=3006, count=1000)
    with pytest.raises(OutcomeUnknown):
        desk.send()
    desk.database.write_sync(lambda c: sends.release(c, ANSWER))
    message_id = desk.send()
    assert desk.sent() == [message_id]
    assert desk.attempts() == ["not_sent", "accepted"]


def test_a_receipt_settles_what_a_hanging_history_cannot(desk: Desk) -> None:
    desk.timing = Timing(post_seconds=0.6, history_lag_seconds=0.2, look_up_seconds=60.0)
    desk.fault("accept_then_hang")
    desk.fault("hang", "messages_list", count=1000)

    async def receipt(media: Media) -> None:
        await asyncio.to_thread(desk.sandbox.wait_for, lambda _state: desk.sent())
        [sent] = desk.sent()
        await desk.database.write(lambda c: sends.recognise(c, desk.chat_id, sent, [media.key]))

    async def scenario(delivery: Delivery, _linq: LinqClient, media: Media) -> str | Reason:
        message_id, _ = await asyncio.gather(desk.deliver(delivery, media), receipt(media))
        return message_id

    assert desk.run(scenario) == desk.sent()[0]
    assert desk.attempts() == ["accepted"]


def test_the_memo_of_a_run_that_died_after_its_post_is_found(desk: Desk) -> None:
    async def scenario(delivery: Delivery, linq: LinqClient, media: Media) -> str | Reason:
        await desk.database.write(
            lambda c: sends.begin(c, ANSWER, desk.chat_id, media.key, time.time())
        )
        await linq.send_memo(desk.chat_id, attachment_id=media.key)
        return await desk.deliver(delivery, media)

    message_id = desk.run(scenario)
    assert desk.sent() == [message_id]
    assert desk.attempts() == ["accepted"]


def test_a_run_that_died_before_its_post_is_made_up_for(desk: Desk) -> None:
    async def scenario(delivery: Delivery, linq: LinqClient, media: Media) -> str | Reason:
        await desk.database.write(
            lambda c: sends.begin(c, ANSWER, desk.chat_id, media.key, time.time())
        )
        return await desk.deliver(delivery, media)

    message_id = desk.run(scenario)
    assert desk.sent() == [message_id]
    assert desk.attempts() == ["not_sent", "accepted"]


def test_a_process_that_stood_still_before_the_post_does_not_act_on_its_old_intent(
    desk: Desk,
) -> None:
    def at(point: str) -> None:
        if desk.points.count(point) == 1 and point == "send.intent":
            time.sleep(TIMING.intent_valid_seconds + 0.05)

    desk.at = at
    message_id = desk.send()
    assert desk.sent() == [message_id]
    assert desk.attempts() == ["not_sent", "accepted"]


def test_whoever_takes_over_learns_what_a_lost_run_still_posted(desk: Desk) -> None:
    def lost(_connection: sa.Connection, _posted: Posted) -> str:
        raise AnswerLost(ANSWER)

    async def scenario(delivery: Delivery, _linq: LinqClient, media: Media) -> str | Reason:
        with pytest.raises(AnswerLost):
            await desk.deliver(delivery, media, accepted=lost)
        return await desk.deliver(delivery, media)

    message_id = desk.run(scenario)
    assert desk.sent() == [message_id]
    assert desk.posts() == 1


@pytest.mark.parametrize("kind", ["accept_then_500", "drop_after", "drop_before"])
def test_a_text_goes_out_once_by_its_key(desk: Desk, kind: str) -> None:
    desk.fault(kind, "messages_send")
    message_id = desk.text()
    assert desk.sent() == [message_id]


def test_a_text_that_is_refused_says_so(desk: Desk) -> None:
    desk.fault("status", "messages_send", status=400, code=1005)
    with pytest.raises(LinqError) as caught:
        desk.text()
    assert isinstance(caught.value, Refused)
    assert desk.sent() == []


def test_a_text_that_is_too_long_for_one_message_goes_out_in_several_each_once(desk: Desk) -> None:
    words = ("All of this is worth reading. " * 800).strip()
    for _ in range(2):  # as after a crash before it was known
        desk.text(words)
    found = [one for one in desk.sandbox.state()["messages"] if one["accepted_number"]]
    texts = [one["text"] for one in sorted(found, key=lambda one: int(one["accepted_number"]))]
    assert len(texts) == 3
    assert all(len(text) <= 10_000 and text.endswith("reading.") for text in texts)
    assert " ".join(texts) == words
