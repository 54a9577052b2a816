"""The bot subscribes itself: one subscription, one secret, whoever dies where and however many."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import app.subscription
from tests.bot import Bot
from tests.harness import FaultHarness, beeps
from tests.prepared_databases import new_sqlite

Json = dict[str, Any]

HOLD = "1"  # seconds
AT_ONCE = 4
EVENTS = {
    "message.received", "message.sent", "message.delivered", "message.read", "message.failed",
    "message.edited", "chat.typing_indicator.started", "chat.typing_indicator.stopped",
    "reaction.added", "reaction.removed",
}  # fmt: skip
# In the order in which a first start passes them.
FIRST = (
    "subscription.held",
    "subscription.create",
    "subscription.created",
    "subscription.kept",
    "subscription.mended",
    "subscription.done",
)


class SelfSubscribing(FaultHarness):
    """Bots that know their public address and no secret; nobody has subscribed them."""

    def __enter__(self) -> SelfSubscribing:
        super().__enter__()
        self.sandbox.point_at(None)
        public = self.webhook_url.removesuffix("/webhooks/linq")
        self.environment |= {
            "MEMO_PUBLIC_URL": public,
            "LINQ_WEBHOOK_SECRET": "",
            "TEST_SUBSCRIPTION_HOLD_SECONDS": HOLD,
        }
        return self

    def subscriptions(self) -> list[Json]:
        """As Linq lists them."""
        listed = self.sandbox.api("GET", "/webhook-subscriptions").json()
        found: list[Json] = listed["subscriptions"]
        return found

    def change(self, **values: Any) -> None:
        [one] = self.subscriptions()
        path = f"/webhook-subscriptions/{one['id']}"
        self.sandbox.api("PUT", path, values).raise_for_status()

    def subscribed_once(self) -> Json:
        """The one subscription, as it must be, once it is."""

        def found() -> Json | None:
            ours = self.subscriptions()
            well = [one for one in ours if set(one["subscribed_events"]) == EVENTS]
            return ours[0] if well == ours and len(ours) == 1 else None

        one = self.wait(found)
        assert one["is_active"]
        assert "version=2026-02-03" in one["target_url"]
        return one

    def refusals(self) -> set[int]:
        """The statuses, other than 2xx and 5xx, that webhooks got: those are never repeated."""
        statuses = {one["status"] for one in self.sandbox.state()["deliveries"]}
        return {status for status in statuses if status and 300 <= status < 500}


def secrets_in(bot: Bot) -> list[str]:
    return re.findall(r"whsec_\S+", bot.log)


def test_every_point_is_in_the_list() -> None:
    points = set()
    for source in Path(app.subscription.__path__[0]).glob("*.py"):
        points |= set(re.findall(r'_at\("([a-z. ]+)"\)', source.read_text()))
    assert points == {*FIRST, "subscription.delete"}


def test_with_only_a_key_and_an_address_it_answers(database_url: str) -> None:
    with SelfSubscribing(database_url) as harness:
        bot = harness.start_bot()
        harness.subscribed_once()
        harness.wait_until_over([harness.say(beeps(1))])
        assert len(harness.memos()) == 1
        assert not secrets_in(bot)
        # At the next start everything is as it must be: nothing is changed at Linq.
        before = harness.subscriptions()
        bot.stop()
        bot.start()
        harness.wait(lambda: len(bot.events("subscribed to webhooks")) == 2)
        assert harness.subscriptions() == before
        harness.wait_until_over([harness.say(beeps(2))])
        assert harness.refusals() == set()


def test_the_secret_stands_nowhere_in_the_clear(sqlite_url: str) -> None:
    with SelfSubscribing(sqlite_url) as harness:
        harness.start_bot().stop()
        for file in Path(sqlite_url.removeprefix("sqlite:///")).parent.glob("test.db*"):
            assert b"whsec_" not in file.read_bytes()


def test_killed_at_every_point_of_the_first_start(tmp_path: Path) -> None:
    at_each(FIRST, lambda point: _killed_at_first_start(point, tmp_path / point))


def test_killed_while_a_lost_secret_is_replaced(sqlite_url: str, tmp_path: Path) -> None:
    kill_file = tmp_path / "kill-at"
    with SelfSubscribing(sqlite_url) as harness:
        bot = harness.start_bot(TEST_KILL_FILE=str(kill_file))
        for point in (*FIRST, "subscription.delete"):
            before = harness.subscribed_once()
            bot.stop()
            harness.ledger.execute("UPDATE memo_subscriptions SET secret = 'sealed:gAAAAAbroken'")
            kill_file.write_text(point)
            bot.start(ready=False)
            assert bot.wait() == -signal.SIGKILL, point
            bot.start()
            assert harness.subscribed_once()["id"] != before["id"], point
            harness.over(harness.say(beeps(1), point))
            assert len(harness.memos(point)) == 1, point


def at_each(points: Sequence[str], case: Callable[[str], None]) -> None:
    """A few cases at a time, because each waits a lot. All run; the first failure is told."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for point, result in zip(points, [pool.submit(case, one) for one in points], strict=True):
            try:
                result.result()
            except Exception as error:
                error.add_note(f"killed at {point}")
                raise


def _killed_at_first_start(point: str, folder: Path) -> None:
    folder.mkdir()
    with SelfSubscribing(new_sqlite(folder / "test.db")) as harness:
        bot = harness.add_bot(TEST_KILL_AT=point, TEST_KILL_ONCE=str(folder / "killed"))
        bot.start(ready=False)
        assert bot.wait() == -signal.SIGKILL
        # Said now, it is answered later, or Linq never delivered it.
        said = harness.say(beeps(1))
        delivered = bool(harness.sandbox.state()["deliveries_underway"])
        bot.start()
        harness.subscribed_once()
        harness.wait_until_over([said] if delivered else [harness.say(beeps(1))])
        assert len(harness.memos()) == 1
        assert harness.refusals() == set()


def test_several_at_once_agree_on_one(database_url: str) -> None:
    with SelfSubscribing(database_url) as harness:
        bots = [harness.add_bot() for _ in range(4)]
        for bot in bots:
            bot.start(ready=False)
        for bot in bots:
            bot.wait_ready()
        harness.subscribed_once()
        for number, bot in enumerate(bots, start=1):
            harness.route_to(bot)
            harness.wait_until_over([harness.say(beeps(number))])
        assert len(harness.memos()) == 4
        assert harness.refusals() == set()


def test_one_that_stood_still_while_another_took_over_leaves_nothing_behind(
    sqlite_url: str, tmp_path: Path
) -> None:
    with SelfSubscribing(sqlite_url) as harness:
        once = str(tmp_path / "stopped")
        slow = harness.add_bot(TEST_STOP_AT="subscription.created", TEST_KILL_ONCE=once)
        slow.start(ready=False)
        harness.wait(lambda: harness.subscriptions())
        quick = harness.start_bot()
        taken = harness.subscribed_once()
        assert slow.process
        slow.process.send_signal(signal.SIGCONT)
        slow.wait_ready()
        assert harness.subscribed_once()["id"] == taken["id"]
        for bot in (slow, quick):
            harness.route_to(bot)
            harness.wait_until_over([harness.say(beeps(1))])
        assert harness.refusals() == set()


def test_what_was_changed_at_linq_is_mended_and_the_secret_stays(sqlite_url: str) -> None:
    with SelfSubscribing(sqlite_url) as harness:
        bot = harness.start_bot()
        before = harness.subscribed_once()
        old = before["target_url"].replace("2026-02-03", "2025-01-01")
        harness.change(is_active=False, subscribed_events=["message.read"], target_url=old)
        bot.stop()
        bot.start()
        harness.wait(lambda: len(bot.events("subscribed to webhooks")) == 2)
        assert harness.subscribed_once()["id"] == before["id"]
        harness.wait_until_over([harness.say(beeps(1))])


def test_one_deleted_at_linq_is_made_anew_and_others_are_left_alone(sqlite_url: str) -> None:
    with SelfSubscribing(sqlite_url) as harness:
        bot = harness.start_bot()
        bot.stop()
        before = harness.subscribed_once()
        harness.sandbox.api("DELETE", f"/webhook-subscriptions/{before['id']}")
        by_hand = {
            "target_url": f"{harness.webhook_url}?version=2026-02-03",
            "subscribed_events": ["message.received"],
        }
        harness.sandbox.api("POST", "/webhook-subscriptions", by_hand).raise_for_status()
        bot.start()
        harness.wait(lambda: len(bot.events("subscribed to webhooks")) == 2)
        targets = [one["target_url"] for one in harness.subscriptions()]
        assert len(targets) == 2
        assert by_hand["target_url"] in targets
        harness.over(harness.say(beeps(1)))  # the other's webhooks, signed otherwise, come again


def test_a_replaced_secret_reaches_the_process_that_runs(sqlite_url: str) -> None:
    with SelfSubscribing(sqlite_url) as harness:
        old = harness.start_bot()
        before = harness.subscribed_once()
        harness.sandbox.api("DELETE", f"/webhook-subscriptions/{before['id']}")
        harness.start_bot()
        harness.subscribed_once()
        harness.route_to(old)
        harness.wait_until_over([harness.say(beeps(1))])
        assert harness.refusals() == set()


def test_a_secret_in_the_environment_wins(sqlite_url: str) -> None:
    with SelfSubscribing(sqlite_url) as harness:
        harness.start_bot(LINQ_WEBHOOK_SECRET=harness.sandbox.secret)
        assert harness.subscriptions() == []


def test_linq_away_at_the_start_and_a_key_refused(sqlite_url: str) -> None:
    with SelfSubscribing(sqlite_url) as harness:
        away = {"endpoint": "subscription_list", "kind": "status", "status": 503, "count": 2}
        harness.sandbox.faults([away])
        harness.start_bot().stop()
        harness.subscribed_once()
        refused = harness.add_bot(LINQ_API_V3_API_KEY="wrong").start(ready=False)
        told = harness.wait(lambda: refused.events("no webhooks yet"))
        assert told[0]["missing"].startswith("Linq refuses the API key")
        assert "wrong" not in refused.log
