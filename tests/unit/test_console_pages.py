"""What the console shows of the ledger, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import yaml

from app.console.audio import audio_type
from app.console.drafts import topic
from app.console.live import LiveUpdates
from app.linq.events import InboundMessage, Part
from app.responders.rules.gaps import grouped
from app.responders.rules.report import check_rules
from app.store import chat_log, conversations, inbox, messages, retention
from app.store.database import Database
from app.store.sealing import Sealer
from app.store.tables import messages as message_table
from tests.console import ConsoleClient, store_exchange

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def console(database_url: str) -> Iterator[ConsoleClient]:
    client = ConsoleClient.on(database_url)
    client.log_in()
    yield client
    client.close()


def store(console: ConsoleClient, number: int, chat: int, **changes: object) -> str:
    return console.database.write_sync(lambda c: store_exchange(c, number, chat, **changes))


def received(
    number: int, *parts: Part, chat: int = 1, zero_retention: bool = False
) -> InboundMessage:
    return InboundMessage(
        f"e-{number}",
        f"m-{number}",
        f"chat-{chat}",
        "+13125550177",
        parts,
        sent_at=datetime.now(UTC),
        zero_retention=zero_retention,
    )


def accept(console: ConsoleClient, message: InboundMessage, ignore: str | None = None) -> None:
    console.database.write_sync(
        lambda c: messages.accept(
            c, message, ignore=ignore, sealer=Sealer("key"), enqueue=lambda *_: None
        )
    )


def order(html: str) -> list[str]:
    return re.findall(r'id="chat-(chat-\d+)"', html)


# The inbox ---------------------------------------------------------------------------------------


def test_chats_stand_in_the_inbox_the_newest_first(console: ConsoleClient) -> None:
    for number, chat in enumerate((1, 2, 3, 1)):
        store(console, number, chat)
    html = console.get("/console")
    assert order(html) == ["chat-1", "chat-3", "chat-2"]
    assert "Bot: answer 3" in html
    assert "+13125550001" in html


def test_a_chat_is_in_the_state_of_its_newest_answer(console: ConsoleClient) -> None:
    store(console, 1, 1, state="failed")
    store(console, 2, 1)
    store(console, 3, 2)
    store(console, 4, 2, state="failed", reason="text_not_sent")
    store(console, 5, 3, state="silent", reason="responder_silent")
    # Answered together with a later message, whose answer counts.
    store(console, 6, 1, state="collected")
    accept(console, received(7, Part("text", "Anybody?"), chat=4))
    counts = {
        state: order(console.get(f"/console?state={state}"))
        for state in ("waiting", "person", "failed", "bot")
    }
    assert counts == {
        "waiting": [], "person": [], "failed": ["chat-2"], "bot": ["chat-4", "chat-3", "chat-1"]
    }  # fmt: skip
    html = console.get("/console")
    assert re.findall(r'class="tag (\w+)"', html) == ["answering", "silent", "failed", "answered"]


SEARCHES: dict[str, list[str] | None] = {
    "unicycle": ["chat-1"],
    "UNICYCLE red": ["chat-1"],
    "unicycle blue": [],
    "Öffnungszeiten": ["chat-2"],
    "öffnungszeiten": ["chat-2"],
    "0002": ["chat-2"],
    "555 00 02": ["chat-2"],
    "+1 (312) 555-0002": ["chat-2"],
    "100%": ["chat-3"],
    "chat-3": ["chat-3"],
    "'; drop table memo_answers; --": [],
    "%": ["chat-3"],
    "_": [],
    "\x00": None,
}


def test_a_search_finds_words_and_the_end_of_a_number(console: ConsoleClient) -> None:
    store(console, 1, 1, question="A red Unicycle, please")
    store(console, 2, 2, question="Eure Öffnungszeiten?")
    store(console, 3, 3, question="100% sure?")
    for query, found in SEARCHES.items():
        response = console.http.get("/console", params={"q": query})
        assert response.status_code == 200, query
        if found is not None:
            assert order(response.text) == found, query


def test_older_chats_are_on_further_pages(console: ConsoleClient) -> None:
    def fill(connection: object) -> None:
        for number in range(inbox.PAGE + 5):
            store_exchange(connection, number, number)  # type: ignore[arg-type]

    console.database.write_sync(fill)
    first = console.get("/console")
    link = re.search(r'href="(/console\?before=[^"]+)"', first)
    assert link
    second = console.get(link[1])
    assert len(order(first)) == inbox.PAGE
    assert order(second) == [f"chat-{number}" for number in (4, 3, 2, 1, 0)]
    assert "Older chats" not in second


def test_an_address_that_makes_no_sense_shows_the_inbox(console: ConsoleClient) -> None:
    store(console, 1, 1)
    for before in ("nan", "inf", "-inf", "x", "1e999", "9" * 400):
        response = console.http.get("/console", params={"before": before})
        assert response.status_code == 200, before


# One chat ----------------------------------------------------------------------------------------


def test_a_chat_shows_both_sides_and_how_the_answer_came_about(console: ConsoleClient) -> None:
    store(console, 1, 1, written="https://example.org/hours", runs=2)
    html = console.get("/console/chats/chat-1")
    for told in (
        "question 1", "answer 1", "https://example.org/hours", "Delivered", "espeak",
        "Voice memo posted", "run 2", 'src="/console/audio/answers/answer%3Am-1"',
    ):  # fmt: skip
        assert told in html


def test_a_chat_that_is_not_known_is_not_there(console: ConsoleClient) -> None:
    for name in ("nobody", "%2e%2e", "a%00b"):
        assert console.http.get(f"/console/chats/{name}").status_code == 404, name


def test_nothing_that_people_send_is_taken_for_a_page(console: ConsoleClient) -> None:
    store(console, 1, 1, question=HOSTILE, text=HOSTILE, written=HOSTILE, sender=HOSTILE,
          detail=HOSTILE, responder_code="default")  # fmt: skip
    accept(console, received(2, Part("text", HOSTILE), Part("media", filename=HOSTILE)))
    for path in ("/console", "/console/chats/chat-1", "/console/questions", "/console?q=%3Cscript"):
        html = console.get(path)
        assert "&lt;script&gt;" in html
        assert "<img" not in html
        assert "<script>" not in html


def test_a_message_that_is_not_answered_yet_shows_what_it_says(console: ConsoleClient) -> None:
    accept(console, received(1, Part("text", "Anybody there?"), Part("media", filename="a.pdf")))
    html = console.get("/console/chats/chat-1")
    assert "Anybody there?" in html
    assert "a.pdf" in html
    assert "Waiting …" in html


def test_a_message_that_is_not_ours_to_answer_shows_why(console: ConsoleClient) -> None:
    store(console, 1, 1)
    accept(console, received(2, Part("text", "STOP")), ignore="opt_out")
    html = console.get("/console/chats/chat-1")
    assert "the person is opted out" in html
    assert "STOP" not in html


def test_voice_memos_that_came_in_can_be_played_as_long_as_their_words_are_kept(
    console: ConsoleClient,
) -> None:
    accept(console, received(1, Part("audio", attachment_id="attachment-7")))
    assert 'src="/console/audio/messages/m-1/0"' in console.get("/console/chats/chat-1")
    find = lambda c: chat_log.audio_id(c, "m-1", 0)  # noqa: E731
    assert console.database.read_sync(find) == "attachment-7"
    console.database.write_sync(lambda c: retention.forget_handle(c, "+13125550177"))
    assert console.database.read_sync(find) is None


def test_voice_memos_that_came_in_go_with_the_retention(console: ConsoleClient) -> None:
    accept(console, received(1, Part("audio", attachment_id="attachment-7")))
    console.database.write_sync(
        lambda c: c.execute(message_table.update().values(state="done", payload=None))
    )
    console.database.write_sync(lambda c: retention.erase_words(c, before=time.time() + 1))
    assert console.database.read_sync(lambda c: chat_log.audio_id(c, "m-1", 0)) is None


def test_a_chat_of_which_nothing_is_kept_shows_that_and_no_word(console: ConsoleClient) -> None:
    store(console, 1, 1, zero_retention=True, text="leaked answer", written="leaked link",
          question="leaked question")  # fmt: skip
    secret = (Part("text", "leaked words"), Part("audio", attachment_id="leaked-audio"))
    accept(console, received(2, *secret, zero_retention=True))
    for path in ("/console", "/console/chats/chat-1", "/console?q=leaked"):
        assert "leaked" not in console.get(path).replace('value="leaked"', "").replace(
            "q=leaked", ""
        )
    assert "Linq keeps nothing of this chat" in console.get("/console/chats/chat-1")
    assert "Nothing of this chat is kept" in console.get("/console")
    key = console.database.read_sync(lambda c: chat_log.memo_key(c, "answer:m-1"))
    assert key is None


def test_sealed_words_are_shown_to_nobody(console: ConsoleClient) -> None:
    sealed = Sealer("key").seal("leaked")
    store(console, 1, 1, text=sealed, written=sealed)
    assert "sealed:" not in console.get("/console/chats/chat-1")
    assert "sealed:" not in console.get("/console")


def test_a_forgotten_person_leaves_an_erased_chat_and_no_word(console: ConsoleClient) -> None:
    store(console, 1, 1, question="leaked question", text="leaked answer", sender="+13125550177")
    console.database.write_sync(lambda c: retention.forget_handle(c, "+13125550177"))
    for path in ("/console", "/console/chats/chat-1"):
        html = console.get(path)
        assert "leaked" not in html
        assert "0177" not in html
        assert "Erased" in html
    assert console.database.read_sync(lambda c: chat_log.memo_key(c, "answer:m-1")) is None


def test_a_chat_that_becomes_zero_retention_loses_its_voice_memos(console: ConsoleClient) -> None:
    accept(console, received(1, Part("audio", attachment_id="attachment-7")))
    console.database.write_sync(
        lambda c: conversations.keep_nothing(c, "chat-1", zero_retention=True)
    )
    assert console.database.read_sync(lambda c: chat_log.audio_id(c, "m-1", 0)) is None


# Questions and health ----------------------------------------------------------------------------


def test_what_was_not_known_is_grouped_with_drafts_to_copy(console: ConsoleClient) -> None:
    for number, words in enumerate(("do you sell unicycles", "unicycles, do you sell them?")):
        store(console, number, number, question=words, responder_code="rule:default")
    store(console, 8, 8, state="failed", reason="text_not_sent")
    html = console.get("/console/questions")
    assert "2 ×" in html
    assert "keywords:" in html
    assert "## " in html
    assert "The text could not be sent, either." in html


@pytest.mark.parametrize(
    "asked",
    [
        ["do you sell unicycles", "do you sell unicycles for children?"],
        ["¿vendéis monociclos?"],
        ["一輪車はありますか"],
        ["🎉"],
        ["yes", "no: [x", "- # @", '"'],
        ["word " * 500],
    ],
)
def test_a_drafted_rule_is_one_that_the_rules_file_takes(
    asked: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    for gap in grouped(asked):
        drafted = yaml.safe_load(topic(gap).rule)
        file = tmp_path_factory.mktemp("rules") / "rules.yaml"
        file.write_text(yaml.safe_dump({"default": "Pardon?", **drafted}, allow_unicode=True))
        check_rules(file)


def test_health_shows_queue_engines_and_charts(console: ConsoleClient) -> None:
    now = time.time()
    for number in range(3):
        store(console, number, number, created_at=now - number * 86_400)
    store(console, 5, 5, state="failed", reason="text_not_sent")
    accept(console, received(9, Part("text", "Anybody?"), chat=9))
    html = console.get("/console/health")
    assert html.count("<rect") >= 4
    assert re.search(r"<dt>Waiting</dt><dd>1</dd>", html)
    assert re.search(r"Failed in 24 hours</dt><dd><a[^>]*>1</a>", html)
    assert "Messages can be stored" in html
    assert "Not checked since" in html


# What it costs -----------------------------------------------------------------------------------


MOST_STATEMENTS = {
    "/console": 5,
    "/console?q=answer&state=bot": 6,
    "/console/chats/chat-1": 9,
    "/console/questions": 4,
    "/console/health": 8,
}


def test_a_page_takes_few_statements_however_many_chats_there_are(console: ConsoleClient) -> None:
    store(console, 1, 1)
    for path in MOST_STATEMENTS:  # what is done once is done
        console.get(path)
    for number in range(2, 30):
        store(console, number, number % 7)
    for path, most in MOST_STATEMENTS.items():
        console.get(path)
        assert len(console.statements) <= most, (path, console.statements)


# Live --------------------------------------------------------------------------------------------


def test_an_open_page_is_told_of_a_change_by_another_process(database_url: str) -> None:
    async def scenario(database: Database) -> None:
        live = LiveUpdates(database)
        events = live._events(time.time() + 60)
        assert "ready" in await anext(events)
        other = Database(database_url)
        await asyncio.to_thread(
            other.write_sync, lambda c: store_exchange(c, 1, 1, created_at=time.time())
        )
        other.close()
        async with asyncio.timeout(20):
            assert "chat-1" in await anext(events)
        live.close()
        async with asyncio.timeout(20):
            assert [event async for event in events] == []

    database = Database(database_url)
    database.migrate()
    asyncio.run(scenario(database))
    database.close()


def test_a_stream_ends_with_its_session(sqlite_url: str) -> None:
    async def scenario(database: Database) -> None:
        live = LiveUpdates(database)
        async with asyncio.timeout(20):
            assert len([event async for event in live._events(time.time() - 1)]) == 1
        live.close()

    database = Database(sqlite_url)
    database.migrate()
    asyncio.run(scenario(database))
    database.close()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\0\0\0\x1cftypM4A ", "audio/mp4"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"#!AMR\n", "audio/amr"),
        (b"<html><script>", None),
        (b"", None),
    ],
)
def test_only_audio_is_given_out_as_audio(data: bytes, media_type: str | None) -> None:
    assert audio_type(data) == media_type
