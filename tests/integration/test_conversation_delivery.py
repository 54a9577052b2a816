"""What becomes of a memo after Linq has it: in the ledger, whatever the order of the receipts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pytest

from app.linq.events import DeliveryUpdate, UpdateKind
from app.sandbox import SandboxConfig
from app.store import deliveries, ledger
from app.store.database import Database
from tests.harness import BotHarness, audible

POSTED = "posted"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('delivery') / 'test.db'}")
    database.migrate()
    yield database
    database.close()


def told(database: Database, name: str, receipts: tuple[str, ...]) -> tuple[str | None, int]:
    """The status of a memo after `receipts` in this order, and how often a text is to replace it.

    `posted` is the moment at which the post's answer is stored.
    """
    answer_id, message_id, writings = f"memo:{name}", f"message-{name}", 0
    database.write_sync(lambda c: ledger.open_answer(c, answer_id, "chat", "api", text="Hello"))
    for kind in receipts:
        if kind == POSTED:
            status = database.write_sync(
                lambda c: deliveries.attach(c, answer_id, "memo", message_id, "queued", "iMessage")
            )
            writings += status == "failed"
        else:
            update_kind: UpdateKind = kind  # type: ignore[assignment]
            update = DeliveryUpdate("event", update_kind, message_id, "chat")
            writings += (
                database.write_sync(lambda c: deliveries.update_delivery(c, update)) is not None
            )
    record = database.read_sync(lambda c: ledger.show(c, answer_id))
    return (record.memo_status if record else None), writings


@pytest.mark.parametrize(
    ("receipts", "status"),
    [
        (("sent",), "sent"),
        (("sent", "delivered", "read"), "read"),
        (("sent", "failed"), "failed"),
    ],
)
def test_in_any_order_also_before_the_post_s_answer_is_stored(
    database: Database, receipts: tuple[str, ...], status: str
) -> None:
    for order in permutations((POSTED, *receipts)):
        writings = int(status == "failed")
        assert (order, *told(database, "-".join(order), order)) == (order, status, writings)


def test_told_twice_is_told_once(database: Database) -> None:
    receipts = (POSTED, "failed", "failed", "sent", "failed")
    assert told(database, "twice", receipts) == ("failed", 1)


def test_what_was_delivered_after_all_has_not_failed(database: Database) -> None:
    for order in permutations((POSTED, "sent", "failed", "delivered")):
        status, writings = told(database, "after-all-" + "-".join(order), order)
        assert (order, status) == (order, "delivered")
        assert writings == int(_failed_at_some_time(order))


def _failed_at_some_time(order: tuple[str, ...]) -> bool:
    """Whether there was a moment at which the memo was posted, failed, and not yet delivered."""
    return max(order.index(POSTED), order.index("failed")) < order.index("delivered")


# The whole bot ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    config = SandboxConfig(read_after=0.05, retry_delays=(0.1,) * 50)
    with BotHarness(tmp_path_factory.mktemp("bot"), config) as bot:
        yield bot


def status(bot: BotHarness, message_id: str) -> tuple[str | None, str | None]:
    """Where memo and text stand."""
    record = bot.over(message_id)
    return record.memo_status, record.text_status


def test_a_memo_is_followed_until_it_is_read(bot: BotHarness) -> None:
    message = bot.say("Hello", "read")
    bot.wait(lambda: status(bot, message) == ("read", None))


def test_a_memo_that_cannot_be_delivered_is_written_instead(bot: BotHarness) -> None:
    bot.sandbox.faults([{"endpoint": "voicememo", "kind": "fail", "code": 4005}])
    message = bot.say("Hello", "undeliverable")
    bot.wait(lambda: status(bot, message) == ("failed", "read"))
    assert bot.texts("undeliverable") == ["You said: Hello"]
    assert bot.turns("undeliverable") == [("user", "Hello"), ("assistant", "You said: Hello")]
    lost = bot.bot.events("message not delivered")
    assert [one["code"] for one in lost] == [4005]


def test_news_of_a_memo_whose_post_was_never_answered_is_taken_in(bot: BotHarness) -> None:
    bot.sandbox.faults([{"endpoint": "voicememo", "kind": "drop_after"}])
    message = bot.say("Hello", "unanswered")
    bot.wait(lambda: status(bot, message) == ("read", None))
    assert len(bot.sent("unanswered")) == 1
    assert audible(bot.memos("unanswered"))
