"""Alerts at a real receiver: signed, repeated, given up, and never where nobody waits any more."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.answers.queue import AnswerQueue
from app.answers.timing import Timing
from app.desk.alert_job import GIVE_UP_SECONDS, AlertJob
from app.desk.alert_receiver import AlertReceiver, TryLater
from app.settings import Settings, load_settings
from app.store import conversations, desk, ledger, retention
from app.store.database import Database
from app.store.sealing import Sealer
from app.store.tables import alerts, messages, subscriptions
from app.telemetry import Metrics, configure_logging
from tests.desk import NUMBER, hand_over, outcomes
from tests.integration.local_server import Reply, Request, Server, running
from tests.prepared_databases import new_sqlite

TOKEN = "a token of sixteen characters"
SECRET = f"whsec_{base64.b64encode(TOKEN.encode()).decode()}"
PATH = "/services/T000/B000/hook-token"
QUICK = Timing(alert_poll_seconds=0.05, alert_lease_seconds=30.0, alert_retry_seconds=0.1)
OK = Reply(200, b"ok")


@pytest.fixture
def receiver() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logging("console", "debug", stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(new_sqlite(tmp_path / "bot.db"))
    yield database
    database.close()


def settings(receiver: Server, *replies: Reply, **more: Any) -> Settings:
    url = receiver.reply(PATH, *(replies or (OK,)))
    given = {"alert_url": url, "admin_token": TOKEN, "public_url": "https://bot.example.org"}
    return load_settings(**given | more)


def while_working(
    database: Database,
    settings: Settings,
    what: Callable[[], Awaitable[None]],
    metrics: Metrics | None = None,
) -> None:
    """Does something while a job works on the database."""

    async def work() -> None:
        queue = AnswerQueue(database)
        job = AlertJob(settings, database, queue, Sealer("key"), metrics or Metrics(), QUICK)
        job.start()
        try:
            await what()
        finally:
            await job.stop()

    asyncio.run(work())


async def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


def posted(database: Database, settings: Settings, metrics: Metrics | None = None) -> None:
    """Works until every alert has ended."""

    async def ended() -> None:
        await until(lambda: None not in outcomes(database).values())

    while_working(database, settings, ended, metrics)


def verify(request: Request) -> dict[str, Any]:
    told: dict[str, Any] = Webhook(SECRET).verify(request.body, dict(request.headers))
    return told


def test_an_alert_is_posted_once_and_signed(database: Database, receiver: Server) -> None:
    hand_over(database)
    metrics = Metrics()
    posted(database, settings(receiver), metrics)
    (request,) = receiver.requests
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "hand_over:answer:m1"
    told = verify(request)
    assert "<https://bot.example.org/console/chats/chat-1>" in told["text"]
    assert "bike" not in request.body.decode()
    assert NUMBER not in request.body.decode()
    assert outcomes(database) == {"hand_over:answer:m1": "sent"}
    assert 'voicememo_alerts_total{outcome="sent"} 1.0' in metrics.render().decode()


def test_a_signature_is_not_that_of_another_token(database: Database, receiver: Server) -> None:
    hand_over(database)
    posted(database, settings(receiver, admin_token="another token, also long"))
    with pytest.raises(WebhookVerificationError):
        verify(receiver.requests[0])


def test_without_a_token_it_is_not_signed_and_links_to_no_console(
    database: Database, receiver: Server
) -> None:
    hand_over(database)
    posted(database, settings(receiver, admin_token=""))
    (request,) = receiver.requests
    assert "webhook-signature" not in request.headers
    assert "console" not in json.loads(request.body)["text"]


def test_the_console_is_linked_at_the_address_that_the_bot_has_learnt(
    database: Database, receiver: Server
) -> None:
    row = {"address": "https://learnt.example.org/webhooks/linq", "changed_at": time.time()}
    database.write_sync(lambda c: c.execute(subscriptions.insert().values(row)))
    hand_over(database)
    posted(database, settings(receiver, public_url=None))
    told = verify(receiver.requests[0])["text"]
    assert "<https://learnt.example.org/console/chats/chat-1>" in told


def test_an_address_that_cannot_be_used_ends_it(database: Database) -> None:
    hand_over(database)
    posted(database, load_settings(alert_url="https://example.org:port/x", admin_token=TOKEN))
    assert outcomes(database) == {"hand_over:answer:m1": "failed"}


def test_an_alert_that_is_stored_while_the_job_rests_leaves_at_once(
    database: Database, receiver: Server
) -> None:
    found = settings(receiver)
    slow = Timing(alert_poll_seconds=600.0)
    looks: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if "min(memo_alerts.due_at)" in statement:
            looks.append(statement)

    sa.event.listen(database.engine, "after_cursor_execute", count)

    async def work() -> None:
        job = AlertJob(found, database, AnswerQueue(database), Sealer("key"), Metrics(), slow)
        job.start()
        await until(lambda: bool(looks))
        await asyncio.to_thread(hand_over, database)
        await until(lambda: bool(receiver.requests))
        await job.stop()

    asyncio.run(work())


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(500),
        Reply(503),
        Reply(429, headers={"Retry-After": "1"}),
        Reply(408),
        Reply(drops=True),
    ],
    ids=["500", "503", "429", "408", "dropped"],
)
def test_what_may_pass_is_tried_again_under_the_same_id(
    database: Database, receiver: Server, trouble: Reply
) -> None:
    hand_over(database)
    posted(database, settings(receiver, trouble, trouble, OK))
    ids = {request.headers["webhook-id"] for request in receiver.requests}
    assert (len(receiver.requests), ids) == (3, {"hand_over:answer:m1"})
    assert len({request.body for request in receiver.requests}) == 1
    assert outcomes(database) == {"hand_over:answer:m1": "sent"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 302, 307])
def test_a_refusal_is_final_and_one_line_without_the_address(
    database: Database, receiver: Server, log: io.StringIO, status: int
) -> None:
    other = receiver.reply("/elsewhere", OK)
    hand_over(database)
    refusal = Reply(status, headers={"Location": other}, body=b"invalid_token hook-token")
    posted(database, settings(receiver, refusal))
    assert [request.path for request in receiver.requests] == [PATH]
    assert outcomes(database) == {"hand_over:answer:m1": "failed"}
    told = log.getvalue()
    (line,) = [line for line in told.splitlines() if "alert refused" in line]
    assert str(status) in line
    assert "MEMO_ALERT_URL" in line
    assert "hook-token" not in told


def test_a_receiver_that_hangs_is_waited_for_so_long_and_no_longer(receiver: Server) -> None:
    async def post() -> None:
        url = receiver.reply(PATH, Reply(hangs=True))
        hanging = AlertReceiver(url, TOKEN, deadline=0.2)
        try:
            with pytest.raises(TryLater, match=r"within 0\.2 s"):
                await hanging.post("hand_over:answer:m1", b"{}")
        finally:
            await hanging.aclose()

    asyncio.run(post())
    assert len(receiver.requests) == 1


def test_an_endless_response_is_not_read(database: Database, receiver: Server) -> None:
    hand_over(database)
    posted(database, settings(receiver, Reply(200, b"x", endless=True)))
    assert outcomes(database) == {"hand_over:answer:m1": "sent"}


def test_a_receiver_that_is_away_for_a_day_is_given_up(
    database: Database, receiver: Server, log: io.StringIO
) -> None:
    hand_over(database)
    database.write_sync(
        lambda c: c.execute(alerts.update().values(created_at=time.time() - GIVE_UP_SECONDS))
    )
    posted(database, settings(receiver, Reply(503)))
    assert outcomes(database) == {"hand_over:answer:m1": "failed"}
    assert "alert given up" in log.getvalue()


@pytest.mark.parametrize("by", ["take", "give_back"])
def test_a_chat_that_nobody_waits_in_any_more_is_told_of_to_nobody(
    database: Database, receiver: Server, by: str
) -> None:
    hand_over(database)
    now = time.time()
    if by == "take":
        database.write_sync(lambda c: desk.take(c, "chat-1", now=now, seconds=60))
    else:
        database.write_sync(lambda c: desk.give_back(c, "chat-1", now))
    posted(database, settings(receiver))
    assert not receiver.requests
    assert outcomes(database) == {"hand_over:answer:m1": "dropped"}


def test_a_chat_that_is_taken_between_two_attempts_is_told_of_no_more(
    database: Database, receiver: Server
) -> None:
    hand_over(database)

    async def taken_after_the_first() -> None:
        await until(lambda: bool(receiver.requests))
        await database.write(lambda c: desk.take(c, "chat-1", now=time.time(), seconds=60))
        await until(lambda: outcomes(database) == {"hand_over:answer:m1": "dropped"})

    while_working(database, settings(receiver, Reply(503)), taken_after_the_first)


def test_of_a_second_hand_over_the_first_alert_is_dropped(
    database: Database, receiver: Server
) -> None:
    hand_over(database)
    database.write_sync(lambda c: desk.give_back(c, "chat-1", time.time()))
    hand_over(database, answer_id="answer:m2")
    posted(database, settings(receiver))
    assert [request.headers["webhook-id"] for request in receiver.requests] == [
        "hand_over:answer:m2"
    ]


def test_words_go_out_where_that_is_set_but_never_of_a_zero_retention_chat(
    database: Database, receiver: Server
) -> None:
    hand_over(database)
    hand_over(database, "chat-2", "answer:m2", zero_retention=True)
    posted(database, settings(receiver, alert_words=True))
    told = {verify(one)["alert"]["chat_id"]: one.body.decode() for one in receiver.requests}
    assert "bike" in told["chat-1"]
    assert "bike" not in told["chat-2"]


def test_what_is_said_stands_in_no_log(
    database: Database, receiver: Server, log: io.StringIO
) -> None:
    hand_over(database)
    posted(database, settings(receiver, Reply(503), OK, alert_words=True))
    told = log.getvalue()
    assert "alert posted" in told
    for secret in ("hook-token", TOKEN, "bike", NUMBER):
        assert secret not in told


def test_the_retention_erases_alerts(database: Database) -> None:
    hand_over(database)
    database.write_sync(lambda c: retention.delete_rows(c, before=time.time() + 1))
    assert outcomes(database) == {}


def test_forgetting_somebody_erases_the_alerts_of_their_chat(database: Database) -> None:
    hand_over(database)
    hand_over(database, "chat-2", "answer:m2")
    row = {
        "message_id": "m1",
        "event_id": "e1",
        "chat_id": "chat-1",
        "sender": NUMBER,
        "service": "iMessage",
        "is_group": False,
        "sent_at": 1.0,
        "received_at": 1.0,
        "state": "done",
        "reason": "",
    }
    database.write_sync(lambda c: c.execute(messages.insert().values(row)))
    database.write_sync(lambda c: retention.forget_handle(c, NUMBER))
    assert outcomes(database) == {"hand_over:answer:m2": None}


# Reminders ----------------------------------------------------------------------------------


def answered_in(database: Database, chat_id: str, language: str) -> None:
    def store(connection: sa.Connection) -> None:
        ledger.open_answer(connection, "answer:m0", chat_id, "inbound", language=language)
        connection.execute(sa.text("UPDATE memo_answers SET state = 'sent'"))

    database.write_sync(store)


def reminders(database: Database) -> list[ledger.AnswerRecord]:
    found = database.read_sync(lambda c: ledger.recent(c))
    return [one for one in found if one.answer_id.startswith("memo:")]


@pytest.mark.parametrize("url", [True, False])
def test_both_sides_are_reminded_once(database: Database, receiver: Server, url: bool) -> None:
    answered_in(database, "chat-1", "de")
    hand_over(database, alert=False, remind_after=0.05)
    posted(database, settings(receiver) if url else settings(receiver, alert_url=""))
    (memo,) = reminders(database)
    assert memo.answer_id == "memo:reminder:answer:m1"
    assert (memo.origin, memo.state, memo.language) == ("api", "waiting", "de")
    assert memo.text
    assert memo.text.startswith("Noch ist niemand frei")
    told = [verify(request)["alert"]["event"] for request in receiver.requests]
    assert told == (["chat.reminder"] if url else [])
    assert outcomes(database) == {"reminder:answer:m1": "sent"}


def test_who_wants_text_is_reminded_by_text(database: Database, receiver: Server) -> None:
    database.write_sync(lambda c: conversations.set_preference(c, "chat-1", "text", None))
    hand_over(database, alert=False, remind_after=0.05)
    posted(database, settings(receiver))
    assert [memo.reply_as for memo in reminders(database)] == ["text"]


def test_a_person_is_reminded_once_though_the_alert_is_repeated(
    database: Database, receiver: Server
) -> None:
    hand_over(database, alert=False, remind_after=0.05)
    posted(database, settings(receiver, Reply(503), Reply(503), OK))
    assert len(receiver.requests) == 3
    assert len(reminders(database)) == 1


def test_nobody_is_reminded_of_a_chat_that_was_taken(database: Database, receiver: Server) -> None:
    hand_over(database, alert=False, remind_after=0.05)
    database.write_sync(lambda c: desk.take(c, "chat-1", now=time.time(), seconds=60))
    posted(database, settings(receiver))
    assert (receiver.requests, reminders(database)) == ([], [])
    assert outcomes(database) == {"reminder:answer:m1": "dropped"}


# Several processes --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_of_several_processes_one_posts_an_alert(
    request: pytest.FixtureRequest, receiver: Server, kind: str
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    databases = [Database(url) for _ in range(2)]
    found = settings(receiver)
    try:
        databases[0].migrate()
        for number in range(20):
            hand_over(databases[0], f"chat-{number}", f"answer:m{number}")

        async def work() -> None:
            jobs = [
                AlertJob(found, one, AnswerQueue(one), Sealer("key"), Metrics(), QUICK)
                for one in databases
            ]
            for job in jobs:
                job.start()
            await until(lambda: set(outcomes(databases[0]).values()) == {"sent"})
            for job in jobs:
                await job.stop()

        asyncio.run(work())
    finally:
        for one in databases:
            one.close()
    assert len(receiver.requests) == 20
    assert len({one.headers["webhook-id"] for one in receiver.requests}) == 20
