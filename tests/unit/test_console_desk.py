"""The desk in the console: who has a chat, what colleagues wrote, taking over and handing back."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.console.canned_answers import MOST, CannedAnswers
from app.console.desk import MAX_RECORDING_BYTES
from app.responders.protocol import HandOverReason
from app.store import changes, conversations, desk, retention
from app.store.desk import HandOverPlan
from tests.console import ConsoleClient, csrf_of, store_exchange

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
CHAT = "/console/chats/chat-1"


@pytest.fixture
def console(database_url: str) -> Iterator[ConsoleClient]:
    client = ConsoleClient.on(database_url)
    client.database.write_sync(lambda c: store_exchange(c, 1, 1))
    client.log_in()
    yield client
    client.close()


def store(console: ConsoleClient, number: int, chat: int, **changes: object) -> str:
    return console.database.write_sync(lambda c: store_exchange(c, number, chat, **changes))


def hand_over(
    console: ConsoleClient,
    chat: int = 1,
    reason: HandOverReason = "asked",
    summary: str = "Wants to talk to somebody",
    seconds: float = 3_600,
    **options: float,
) -> None:
    plan = HandOverPlan(reason, summary, seconds)
    now = options.get("now", time.time())
    console.database.write_sync(
        lambda c: desk.hand_over(c, f"chat-{chat}", f"answer:h-{chat}", plan, now=now)
    )


def colleague(console: ConsoleClient, text: str, chat: int = 1, message: str = "c-1") -> None:
    now = time.time()
    console.database.write_sync(
        lambda c: desk.colleague_wrote(c, f"chat-{chat}", message, text, now=now, seconds=1_800)
    )


def post(console: ConsoleClient, path: str, **fields: str) -> int:
    data = {"csrf": csrf_of(console.get(CHAT)), **fields}
    return int(console.http.post(f"{CHAT}/{path}", data=data).status_code)


def shown(console: ConsoleClient, state: str = "") -> list[str]:
    html = console.get(f"/console?state={state}")
    return re.findall(r'id="chat-(chat-\d+)"', html)


def counts(console: ConsoleClient) -> dict[str, int]:
    found = re.findall(r'state=(\w+)"[^>]*>[^<]*<b>(\d+)</b>', console.get("/console"))
    return {state: int(count) for state, count in found}


# The inbox ---------------------------------------------------------------------------------------


def test_a_chat_is_with_whoever_has_it(console: ConsoleClient) -> None:
    store(console, 2, 2)
    store(console, 3, 3, state="failed", reason="text_not_sent")
    store(console, 4, 4)
    hand_over(console, 1)
    colleague(console, "On my way", chat=4)
    states = ("waiting", "person", "failed", "bot")
    assert {state: shown(console, state) for state in states} == {
        "waiting": ["chat-1"], "person": ["chat-4"], "failed": ["chat-3"], "bot": ["chat-2"]
    }  # fmt: skip
    assert counts(console) == dict.fromkeys(states, 1)
    html = console.get("/console")
    assert "Asked for a person" in html
    assert "<title>(1) Inbox" in html
    assert "Colleague: On my way" in html


def test_a_hand_over_and_a_colleagues_message_move_a_chat_to_the_top(
    console: ConsoleClient,
) -> None:
    for number in (2, 3):
        store(console, number, number)
    assert shown(console)[-1] == "chat-1"
    hand_over(console, 1)
    assert shown(console)[0] == "chat-1"
    colleague(console, "Hello", chat=2)
    assert shown(console)[0] == "chat-2"


def test_a_chat_is_with_the_bot_again_when_the_time_is_over(console: ConsoleClient) -> None:
    hand_over(console, 1, now=time.time() - 7_200)
    assert shown(console, "bot") == ["chat-1"]
    assert "The bot answers here" in console.get(CHAT)


def test_an_answer_that_failed_before_somebody_took_the_chat_is_no_failure_any_more(
    console: ConsoleClient,
) -> None:
    store(console, 2, 1, state="failed", reason="text_not_sent")
    assert shown(console, "failed") == ["chat-1"]
    assert post(console, "take") == 303
    assert shown(console, "person") == ["chat-1"]
    store(console, 3, 1, state="failed", reason="recording_unusable", created_at=time.time() + 1)
    assert shown(console, "failed") == ["chat-1"]


def test_a_chat_in_which_only_a_colleague_wrote_is_there(console: ConsoleClient) -> None:
    colleague(console, "Your parcel is here.", chat=9)
    assert shown(console, "person") == ["chat-9"]
    assert "Your parcel is here." in console.get("/console/chats/chat-9")


def test_what_changes_at_the_desk_is_seen_by_open_pages(console: ConsoleClient) -> None:
    def changed() -> set[str]:
        found = console.database.read_sync(lambda c: changes.since(c, began))
        return {one.chat_id for one in found}

    store(console, 2, 2)
    began = time.time() + 0.001
    while time.time() <= began:
        pass
    assert changed() == set()
    hand_over(console, 1)
    assert changed() == {"chat-1"}
    colleague(console, "", chat=2)
    assert changed() == {"chat-1", "chat-2"}


# One chat ----------------------------------------------------------------------------------------


def test_the_chat_says_who_has_it_why_since_when_and_until_when(console: ConsoleClient) -> None:
    hand_over(console, reason="complaint", summary="The gears slip again")
    html = console.get(CHAT)
    for told in ("Waiting for a person", "A complaint", "The gears slip again", "Since <time"):
        assert told in html
    assert "the bot answers again at <time" in html
    assert f'action="{CHAT}/take"' in html


def test_taken_over_and_handed_back(console: ConsoleClient) -> None:
    hand_over(console)
    assert post(console, "take") == 303
    html = console.get(CHAT)
    assert "A colleague has this chat" in html
    assert "Wants to talk to somebody" in html
    assert f'action="{CHAT}/take"' not in html
    assert post(console, "return") == 303
    html = console.get(CHAT)
    assert "The bot answers here" in html
    assert "Wants to talk" not in html
    assert f'action="{CHAT}/return"' not in html


@pytest.mark.parametrize("path", ["take", "return", "memos"])
def test_nobody_is_taken_over_who_has_not_written(console: ConsoleClient, path: str) -> None:
    data = {"csrf": csrf_of(console.get(CHAT)), "text": "Hello", "key": "k"}
    assert console.http.post(f"/console/chats/nobody/{path}", data=data).status_code == 404


def test_what_a_colleague_wrote_past_the_bot_is_shown_as_theirs(console: ConsoleClient) -> None:
    colleague(console, "I am looking at your order.")
    colleague(console, "", message="c-2")
    html = console.get(CHAT)
    assert html.count("Sent past the bot") == 2
    assert '<span class="sr">Colleague: </span>I am looking at your order.' in html
    assert "Words that are not kept" in html


def test_what_was_sent_from_the_console_is_shown_as_a_colleagues(console: ConsoleClient) -> None:
    store(console, 2, 1, origin="colleague", text="I will call you.", reply_as="voice")
    html = console.get(CHAT)
    assert '<p class="who" aria-hidden="true">Colleague</p>' in html
    assert "Voice memo from a colleague" in html
    assert "Colleague: I will call you." in console.get("/console")


def test_messages_collected_for_the_desk_show_their_words_and_no_failure(
    console: ConsoleClient,
) -> None:
    store(console, 2, 1, question="hello??", text=None, state="silent", reason="hand_over",
          memo_message_id=None)  # fmt: skip
    console.database.write_sync(
        lambda c: conversations.remember(c, "chat-1", "answer:m-2", "user", "hello??")
    )
    html = console.get(CHAT)
    assert "hello??" in html
    assert "A person has this chat, or is waited for." in html
    assert "Silent:" not in html


@pytest.mark.parametrize(("rating", "told"), [(1, "liked this"), (-1, "disliked this")])
def test_what_the_person_thinks_of_an_answer_is_told_to_everybody(
    console: ConsoleClient, rating: int, told: str
) -> None:
    store(console, 2, 1, rating=rating)
    assert f'<span class="sr">The person {told}.</span>' in console.get(CHAT)


def test_a_recording_that_could_not_be_used_says_why_and_is_not_tried_again(
    console: ConsoleClient,
) -> None:
    store(console, 2, 1, origin="colleague", state="failed", reason="recording_unusable",
          reply_as="recording", detail="only silence", text="(a voice memo)")  # fmt: skip
    html = console.get(CHAT)
    assert "The recording could not be used; nothing was sent. (only silence)" in html
    assert "Try again" not in html


def test_no_word_of_a_hand_over_is_taken_for_a_page(console: ConsoleClient) -> None:
    hand_over(console, summary=HOSTILE)
    colleague(console, HOSTILE)
    for path in (CHAT, "/console"):
        html = console.get(path)
        assert "&lt;script&gt;" in html
        assert "<script>" not in html
        assert "<img" not in html


def test_a_chat_of_which_nothing_is_kept_shows_no_word_of_the_desk(console: ConsoleClient) -> None:
    hand_over(console, summary="leaked summary")
    colleague(console, "leaked words")
    console.database.write_sync(
        lambda c: conversations.keep_nothing(c, "chat-1", zero_retention=True)
    )
    for path in (CHAT, "/console"):
        assert "leaked" not in console.get(path)
    assert "Words that nobody keeps" in console.get(CHAT)


def test_a_forgotten_person_leaves_no_word_at_the_desk(console: ConsoleClient) -> None:
    hand_over(console, summary="leaked summary")
    colleague(console, "leaked words")
    console.database.write_sync(lambda c: retention.forget_handle(c, "+13125550001"))
    for path in (CHAT, "/console"):
        html = console.get(path)
        assert "leaked" not in html
        assert "Erased" in html


# What is recorded -------------------------------------------------------------------------------


def upload(
    console: ConsoleClient, token: str, data: bytes = b"x", site: str = "same-origin"
) -> int:
    headers = {"x-form-token": token, "sec-fetch-site": site}
    response = console.http.post(f"{CHAT}/recordings?key=k", content=data, headers=headers)
    return int(response.status_code)


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_recording_without_the_token_of_its_page_is_refused(
    console: ConsoleClient, token: str
) -> None:
    assert upload(console, token) == 403


def test_a_recording_from_another_site_is_refused(console: ConsoleClient) -> None:
    token = csrf_of(console.get(CHAT))
    assert upload(console, token, site="cross-site") == 403


def test_a_recording_without_a_session_is_refused(console: ConsoleClient) -> None:
    token = csrf_of(console.get(CHAT))
    console.http.cookies.clear()
    assert upload(console, token) == 401


def test_a_recording_that_is_too_large_is_refused(console: ConsoleClient) -> None:
    token = csrf_of(console.get(CHAT))
    assert upload(console, token, bytes(MAX_RECORDING_BYTES + 1)) == 413
    assert upload(console, token, b"") == 400


def test_a_page_may_use_the_microphone_and_no_other_site_may(console: ConsoleClient) -> None:
    policy = console.http.get(CHAT).headers["permissions-policy"]
    assert "microphone=(self)" in policy
    assert "camera=()" in policy


# Ready answers -----------------------------------------------------------------------------------


def ready(folder: Path, text: str, language: str | None = None) -> list[tuple[str, str]]:
    file = folder / "rules.yaml"
    file.write_text(text)
    found = asyncio.run(CannedAnswers(file).in_language(language))
    return [(one.name, one.text) for one in found]


def test_rules_are_ready_answers_in_the_language_of_the_chat(tmp_path: Path) -> None:
    text = (
        "languages: [en, de]\nname: Velo\ndefault: {en: Pardon?, de: Bitte?}\nrules:\n"
        "  parking: {keywords: [park], answer: {en: Park at {name}., de: Parken bei {name}.}}\n"
        "  person: {keywords: [person], answer: {en: Wait., de: Warte.}, hand_over: 1h}\n"
    ).replace("Park at {name}.", "'Park at {name}.'").replace(
        "Parken bei {name}.", "'Parken bei {name}.'"
    )  # fmt: skip
    assert ready(tmp_path, text) == [("parking", "Park at Velo.")]
    assert ready(tmp_path, text, "de-AT") == [("parking", "Parken bei Velo.")]
    assert ready(tmp_path, text, "fr") == [("parking", "Park at Velo.")]


def test_ready_answers_are_bounded_and_none_without_a_file(tmp_path: Path) -> None:
    rules = "".join(
        f"  rule-{number}: {{keywords: [word{number}], answer: Answer {number}.}}\n"
        for number in range(MOST + 20)
    )
    assert len(ready(tmp_path, f"default: Pardon?\nrules:\n{rules}")) == MOST
    assert ready(tmp_path, "nonsense: [") == []
    assert asyncio.run(CannedAnswers(None).in_language("en")) == ()


# Questions ---------------------------------------------------------------------------------------


def test_wrong_answers_and_hand_overs_are_grouped_with_drafts(console: ConsoleClient) -> None:
    store(console, 2, 2, question="do you sell unicycles", responder_code="rule:default")
    store(console, 3, 3, question="when are you closed", rating=-1)
    store(console, 4, 4, question="i want to talk to Anna", summary="Wants Anna")
    store(console, 5, 5, question="where can i park", rating=1)
    html = console.get("/console/questions")
    found = {
        kind: re.findall(rf'<h2 id="{kind}-\d+">([^<]*) <span', html)
        for kind in ("not_known", "wrong", "handed_over")
    }
    assert found == {
        "not_known": ["do you sell unicycles"],
        "wrong": ["when are you closed"],
        "handed_over": ["i want to talk to Anna"],
    }
    assert html.count("Draft an answer") == 3
