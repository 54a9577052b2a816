"""Whatever fails, the person gets the words; and what fails for good can be seen and repeated."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tests import commands
from tests.bot import Bot
from tests.harness import UNHEARD, FaultHarness

NEVER: dict[str, Any] = {"kind": "status", "status": 400, "code": 1005, "count": 1000}


def voicememo(bot: Bot, *arguments: str) -> None:
    """Run a command of the bot with the bot's environment."""
    done = commands.run(*arguments, environment=bot.environment)
    assert done.returncode == 0, done.stderr


def test_no_voice_works_so_the_words_go_out_as_text(sqlite_url: str) -> None:
    with FaultHarness(sqlite_url) as harness:
        harness.start_bot(MEMO_VOICES="command", MEMO_VOICE_COMMAND="/bin/false")
        [answer] = harness.wait_until_over([harness.say("Can you speak?")])
        assert (answer.state, answer.reason) == ("sent", "no_voice")
        assert answer.detail
        assert harness.texts() == ["You said: Can you speak?"]
        assert not harness.memos()


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("attachment_create", {"status": 400, "code": 5004}),
        ("upload", {"status": 403, "code": 2005}),
    ],
)
def test_the_upload_fails_so_the_words_go_out_as_text(
    shared: FaultHarness, endpoint: str, fault: dict[str, int]
) -> None:
    chat = f"{endpoint} fails"
    said = f"Can you {chat}?"  # words of its own: those of a kept clip are not uploaded
    shared.sandbox.faults([{"endpoint": endpoint, **NEVER, **fault}])
    [answer] = shared.wait_until_over([shared.say(said, chat)])
    assert (answer.state, answer.reason) == ("sent", "upload_failed")
    assert shared.texts(chat) == [f"You said: {said}"]


@pytest.mark.parametrize("endpoint", ["attachment_create", "upload"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500, "count": 2},
        {"kind": "drop_before"},
        {"kind": "drop_after"},
        {"kind": "accept_then_500"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_an_upload_that_fails_for_a_moment_is_tried_again(
    shared: FaultHarness, endpoint: str, fault: dict[str, Any]
) -> None:
    chat = f"{endpoint} {fault['kind']}"
    before = shared.calls().get(endpoint, 0)
    shared.sandbox.faults([{"endpoint": endpoint, **fault}])
    [answer] = shared.wait_until_over([shared.say(f"Can you upload after {chat}?", chat)])
    assert answer.state == "sent"
    assert shared.calls()[endpoint] >= before + 2, "nothing was tried again"
    assert len(shared.memos(chat)) == 1
    assert not shared.texts(chat)


@pytest.mark.parametrize("duplicate", [None, "duplicate", "duplicate_new_id"])
def test_an_undelivered_memo_is_followed_by_its_words_once(
    shared: FaultHarness, duplicate: str | None
) -> None:
    chat = f"undelivered {duplicate}"
    faults: list[dict[str, Any]] = [{"endpoint": "voicememo", "kind": "fail", "code": 4001}]
    if duplicate:
        faults.append({"endpoint": "webhook", "kind": duplicate, "event_type": "message.failed"})
    shared.sandbox.faults(faults)
    said = shared.say("Did it arrive?", chat)
    shared.wait(lambda: shared.texts(chat))
    shared.wait_until_over([said])
    # Another message, answered after all that was under way in this chat.
    shared.wait_until_over([shared.say("And this one?", chat)])
    assert [bool(one["memo"]) for one in shared.sent(chat)] == [True, False, True]
    assert shared.texts(chat) == ["You said: Did it arrive?"]
    answer = shared.ledger.answer(said)
    assert answer.memo_status == "failed"
    assert answer.text_message_id == shared.sent(chat)[1]["id"]


@pytest.mark.parametrize("point", ["send.posted", "send.kept"])
def test_a_receipt_of_an_undelivered_memo_comes_before_its_post_is_stored(
    sqlite_url: str, point: str
) -> None:
    with FaultHarness(sqlite_url) as harness:
        bot = harness.start_bot(TEST_KILL_AT=point)
        harness.sandbox.faults([{"endpoint": "voicememo", "kind": "fail", "code": 4001}])
        said = harness.say("Did it arrive?")
        assert bot.wait(30) == -signal.SIGKILL
        del bot.environment["TEST_KILL_AT"]
        bot.start()
        harness.wait(harness.texts)
        harness.wait_until_over([said])
        harness.wait_until_over([harness.say("And this one?")])
        assert [bool(one["memo"]) for one in harness.sent()] == [True, False, True]


def test_what_fails_for_good_says_why_and_is_sent_when_it_is_retried(sqlite_url: str) -> None:
    with FaultHarness(sqlite_url) as harness:
        bot = harness.start_bot()
        harness.sandbox.faults(
            [{"endpoint": endpoint, **NEVER} for endpoint in ("voicememo", "messages_send")]
        )
        said = harness.say("Anybody there?")
        [answer] = harness.wait_until_over([said])
        assert (answer.state, answer.reason) == ("failed", "text_not_sent")
        assert "1005" in (answer.detail or "")
        assert not harness.sent()
        harness.sandbox.clear_faults()
        voicememo(bot, "answers", "retry", said)
        harness.wait(harness.memos)
        [answer] = harness.wait_until_over([said])
        assert answer.state == "sent"
        assert len(harness.sent()) == 1


@pytest.mark.parametrize(("kind", "memos"), [("drop_before", 1), ("accept_then_500", 2)])
def test_an_uncertain_answer_is_sent_when_a_person_says_so(
    hurried: FaultHarness, kind: str, memos: int
) -> None:
    """Where even now nothing tells what became of it, it may go out twice: that was said."""
    chat = f"uncertain {kind}"
    said = uncertain(hurried, kind, chat)
    voicememo(hurried.bot, "answers", "retry", said)
    hurried.wait(lambda: hurried.ledger.answer(said).state == "sent", timeout=15)
    assert len(hurried.memos(chat)) == memos


def test_an_uncertain_answer_that_went_out_is_found_when_it_is_retried(
    hurried: FaultHarness,
) -> None:
    said = uncertain(hurried, "accept_then_500", "found")
    hurried.sandbox.clear_faults()
    voicememo(hurried.bot, "answers", "retry", said)
    hurried.wait(lambda: hurried.ledger.answer(said).state == "sent")
    assert len(hurried.memos("found")) == 1


def uncertain(harness: FaultHarness, kind: str, chat: str) -> str:
    """A message whose answer may have gone out, which neither history nor webhooks tell."""
    harness.sandbox.faults(
        [
            {"endpoint": "voicememo", "kind": kind},
            {"endpoint": "messages_list", "kind": "status", "status": 500, "count": 1000},
            *UNHEARD,
        ]
    )
    said = harness.say("Did it go out?", chat)
    assert harness.over(said).state == "uncertain"
    return said
