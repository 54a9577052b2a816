"""A database that an earlier version left behind is opened, upgraded, and gone on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.store.upgrade import newest_revision
from tests.faults.old_databases import (
    CHAT,
    FOLDER,
    GIVEN,
    HALF,
    WAITING,
    restore_postgres,
    restore_sqlite,
)
from tests.harness import FaultHarness, assert_answered_once_in_order, beeps

OLD = sorted(FOLDER.glob("*.sql"))


@pytest.mark.parametrize("dump", OLD, ids=lambda file: file.name)
def test_an_old_database_is_gone_on_with(
    request: pytest.FixtureRequest, tmp_path: Path, dump: Path
) -> None:
    if ".postgres." in dump.name:
        server = request.getfixturevalue("postgres_server")
        url = restore_postgres(server, dump.read_text())
    else:
        url = restore_sqlite(tmp_path / "old.db", dump.read_text())
    with FaultHarness(url) as harness:
        # The chat as Linq still knows it; the dump is of some other time.
        harness.say("Sent by hand", chat=CHAT, outbound=True)  # ignored, like what comes again
        # Whatever it composed itself would tell: the words of the half-done one are kept.
        another = "python:tests.faults.another_responder:answer"
        bot = harness.start_bot(
            MEMO_RETENTION_DAYS="36500", MEMO_RESPONDER=another, MEMO_TAKEOVER_SECONDS="0"
        )
        harness.wait(lambda: harness.ledger.states([HALF, WAITING]) == ["sent", "sent"])
        assert (harness.ledger.answer(HALF).text or "").startswith("You said:")
        assert (harness.ledger.answer(WAITING).text or "").startswith("Another said:")
        assert harness.ledger.revision() == newest_revision()
        harness.wait_until_over([harness.say(beeps(4), chat=CHAT)])
        # The half-done one, the waiting one, the new one; not the one that was given before.
        assert_answered_once_in_order(harness.memos(CHAT), 3)
        harness.say(beeps(1), chat=CHAT, message_id=GIVEN)
        harness.wait(lambda: len(bot.events("message ignored")) == 2)
        assert bot.events("message ignored")[-1]["reason"] == "duplicate"
        assert harness.ledger.states([GIVEN]) == ["sent"]
        assert len(harness.memos(CHAT)) == 3


def test_a_database_of_a_newer_version_is_refused(sqlite_url: str) -> None:
    with FaultHarness(sqlite_url) as harness:
        bot = harness.start_bot()
        bot.stop()
        harness.ledger.execute("UPDATE memo_migrations SET version_num = '9999'")
        bot.start(ready=False)
        assert bot.wait() == 1
        assert "upgraded by a newer version" in bot.log
        assert "Traceback" not in bot.log


def test_there_is_an_old_database_of_each_kind() -> None:
    kinds = {file.name.split(".")[-2] for file in OLD}
    assert kinds == {"sqlite", "postgres"}
