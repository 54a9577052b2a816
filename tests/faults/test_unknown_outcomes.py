"""A memo goes out once, whatever Linq answers or does not answer to its post."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.harness import UNHEARD, FaultHarness, assert_answered_once_in_order, beeps
from tests.prepared_databases import new_sqlite


@dataclass(frozen=True)
class Case:
    """A fault of the first post in a chat, and how the answer ends."""

    name: str
    fault: dict[str, Any]
    state: str = "sent"
    reason: str = "answer"
    memos: int = 1
    texts: int = 0
    posts: tuple[str, ...] = ("accepted",)
    """What became of the attempts, in order."""
    chat: str = field(default_factory=lambda: str(uuid.uuid4()), compare=False)

    def __str__(self) -> str:
        return self.name


def status(status: int, code: int, **more: Any) -> dict[str, Any]:
    return {"kind": "status", "status": status, "code": code, **more}


AGAIN = ("not_sent", "accepted")
TEXT: dict[str, Any] = {"memos": 0, "texts": 1, "reason": "memo_refused", "posts": ("refused",)}
OVER: dict[str, Any] = {"state": "refused", "memos": 0, "posts": ("refused",)}

CASES = [
    # It went out, though the answer did not say so: found in the history.
    Case("accepted, then 500", {"kind": "accept_then_500"}),
    Case("accepted, then silence", {"kind": "accept_then_hang"}),
    Case("accepted, then cut off", {"kind": "drop_after"}),
    # It did not go out, though it might have: repeated once the history has shown so.
    Case("cut off", {"kind": "drop_before"}, posts=AGAIN),
    Case("silence", {"kind": "hang"}, posts=AGAIN),
    Case("500", status(500, 3006), posts=AGAIN),
    Case("503", status(503, 4004), posts=AGAIN),
    Case("504", status(504, 3005), posts=AGAIN),
    Case("408", status(408, 3005), posts=AGAIN),
    Case("slow", {"kind": "delay", "seconds": 1.5}),
    # It certainly did not go out, and may be repeated.
    Case("429", status(429, 1007, retry_after=1), posts=AGAIN),
    Case("attachment not ready", status(404, 2007), posts=AGAIN),
    Case("chat not ready", status(409, 2009), posts=AGAIN),
    # It never will.
    Case("invalid parameter", status(400, 1005), **TEXT),
    Case("not for this recipient", status(422, 4005), **TEXT),
    Case("not on this service", status(409, 2017), **TEXT),
    Case("too large", status(413, 5001), **TEXT),
    Case("opted out", status(403, 2024), reason="opted_out", **OVER),
    Case("blocked", status(403, 2026), reason="blocked_by_line", **OVER),
    Case("line ineligible", status(403, 2027), reason="line_ineligible", **OVER),
    Case("must write first", status(403, 2008), reason="not_texted_first", **OVER),
    Case("chat left", status(409, 2013), reason="chat_left", **OVER),
]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultHarness]:
    """All cases at once, each in a chat of its own: the faulty message and one after it."""
    with FaultHarness(new_sqlite(tmp_path_factory.mktemp("outcomes") / "test.db")) as harness:
        harness.start_bot()
        harness.sandbox.faults(UNHEARD)
        harness.sandbox.faults(
            [{"endpoint": "voicememo", "chat_id": case.chat, **case.fault} for case in CASES]
        )
        said = [harness.say(beeps(count), chat=case.chat) for case in CASES for count in (1, 2)]
        harness.wait_until_over(said, timeout=240)
        yield harness


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_post_goes_wrong_and_the_memo_arrives_once_or_as_text(
    table: FaultHarness, case: Case
) -> None:
    first, second = (answer for answer in table.ledger.answers() if answer.chat_id == case.chat)
    assert (first.state, first.reason) == (case.state, case.reason), first.detail
    assert posts(table, first.answer_id) == case.posts
    assert second.state == "sent"
    sent = table.sent(case.chat)
    assert len(table.memos(case.chat)) == case.memos + 1
    assert len(table.texts(case.chat)) == case.texts
    assert [bool(one["memo"]) for one in sent][-1], "the answers are out of order"
    if case.memos:
        assert_answered_once_in_order(table.memos(case.chat), 2)
        assert first.memo_message_id == sent[0]["id"]


def posts(table: FaultHarness, answer_id: str) -> tuple[str, ...]:
    """What became of the posts of an answer, in order; without the intents that were given up
    before their post, because the machine was busy and the process stood still."""
    outcomes = [str(one["outcome"]) for one in table.ledger.sends(answer_id)]
    for event in table.bot.events("memo not sent yet"):
        if event["answer"] == answer_id and "stood still" in event["cause"]:
            outcomes.remove("not_sent")
    return tuple(outcomes)


def test_429_is_waited_for_as_long_as_linq_says(shared: FaultHarness) -> None:
    shared.sandbox.faults(
        [{"endpoint": "voicememo", **status(429, 1007, retry_after=3), "count": 1}]
    )
    shared.wait_until_over([shared.say("Are you there?", "429")])
    said, *_, memo = sorted(shared.sandbox.messages("429"), key=lambda one: one["number"])
    assert seconds_between(said, memo) >= 3


def test_a_webhook_settles_what_a_hanging_history_cannot(sqlite_url: str) -> None:
    with FaultHarness(sqlite_url) as harness:
        bot = harness.start_bot(TEST_LOOK_UP_SECONDS="60")
        harness.sandbox.faults(
            [
                {"endpoint": "voicememo", "kind": "accept_then_hang"},
                {"endpoint": "messages_list", "kind": "hang", "count": 1000},
                {"endpoint": "webhook", "kind": "late", "event_type": "message.sent", "seconds": 6},
            ]
        )
        [answer] = harness.wait_until_over([harness.say("Are you there?")], timeout=30)
        assert answer.state == "sent"
        assert len(harness.memos()) == 1
        assert bot.events("outcome of a memo unknown")


@pytest.mark.parametrize(("kind", "memos"), [("accept_then_hang", 1), ("hang", 0)])
def test_what_nothing_can_tell_is_not_sent_again_and_called_uncertain(
    hurried: FaultHarness, kind: str, memos: int
) -> None:
    chat = f"untold {kind}"
    hurried.sandbox.faults(
        [
            {"endpoint": "voicememo", "kind": kind},
            {"endpoint": "messages_list", **status(500, 3006), "count": 1000},
            *UNHEARD,
        ]
    )
    said = [hurried.say(beeps(count), chat) for count in (1, 2)]
    answers = hurried.wait_until_over(said)
    assert [answer.state for answer in answers] == ["uncertain", "sent"]
    assert answers[0].reason == "unknown_outcome"
    assert "history" in (answers[0].detail or "")
    assert len(hurried.memos(chat)) == memos + 1
    assert not hurried.texts(chat)


@pytest.mark.parametrize(("kind", "memos"), [("accept_then_500", 1), ("drop_before", 0)])
def test_where_linq_keeps_no_history_nothing_is_sent_again(
    shared: FaultHarness, kind: str, memos: int
) -> None:
    chat = f"no history {kind}"
    shared.wait_until_over([shared.say("Do you keep this?", chat, zero_retention=True)])
    assert len(shared.memos(chat)) == 1
    shared.sandbox.faults([{"endpoint": "voicememo", "kind": kind}])
    [answer] = shared.wait_until_over([shared.say("And this?", chat, zero_retention=True)])
    assert answer.state == "uncertain"
    assert len(shared.memos(chat)) == 1 + memos
    assert not shared.texts(chat)


@pytest.mark.parametrize("kind", ["accept_then_500", "drop_before"])
def test_the_same_clip_twice_in_a_row_is_not_confused(shared: FaultHarness, kind: str) -> None:
    chat = f"the same clip {kind}"
    shared.sandbox.faults(UNHEARD)
    [first] = shared.wait_until_over([shared.say("Good morning", chat)])
    shared.sandbox.faults([{"endpoint": "voicememo", "kind": kind}])
    [second] = shared.wait_until_over([shared.say("Good morning", chat)])
    assert [first.state, second.state] == ["sent", "sent"]
    one, two = shared.memos(chat)
    assert one["memo"]["attachment_id"] == two["memo"]["attachment_id"]
    assert [first.memo_message_id, second.memo_message_id] == [one["id"], two["id"]]


@pytest.mark.parametrize("kind", ["accept_then_500", "drop_before"])
def test_the_same_clip_after_one_of_unknown_fate_is_not_confused(
    hurried: FaultHarness, kind: str
) -> None:
    chat = f"unknown fate, then {kind}"
    hurried.sandbox.faults(
        [
            {"endpoint": "voicememo", "kind": "accept_then_500"},
            {"endpoint": "messages_list", **status(500, 3006), "count": 1000},
            *UNHEARD,
        ]
    )
    [first] = hurried.wait_until_over([hurried.say("Good morning", chat)])
    hurried.sandbox.clear_faults()
    hurried.sandbox.faults([{"endpoint": "voicememo", "kind": kind}, *UNHEARD])
    [second] = hurried.wait_until_over([hurried.say("Good morning", chat)])
    assert [first.state, second.state] == ["uncertain", "sent"]
    one, two = hurried.memos(chat)
    assert one["memo"]["attachment_id"] == two["memo"]["attachment_id"]
    assert second.memo_message_id == two["id"]


@pytest.mark.parametrize("kind", ["accept_then_500", "accept_then_hang", "drop_after", "hang"])
def test_a_text_goes_out_once_by_its_idempotency_key(shared: FaultHarness, kind: str) -> None:
    chat = f"text {kind}"
    before = shared.calls().get("messages_send", 0)
    shared.sandbox.faults([{"endpoint": "messages_send", "kind": kind, "seconds": 2}])
    [answer] = shared.wait_until_over([shared.say("Hello", chat, service="SMS")])
    assert answer.state == "sent"
    assert shared.texts(chat) == ["You said: Hello"]
    assert shared.calls()["messages_send"] >= before + 2, "nothing went wrong"


def seconds_between(earlier: dict[str, Any], later: dict[str, Any]) -> float:
    from datetime import datetime

    began, ended = (datetime.fromisoformat(one["at"]) for one in (earlier, later))
    return (ended - began).total_seconds()
