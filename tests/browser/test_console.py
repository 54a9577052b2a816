"""The console in a real browser, in front of a real bot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import SMALL, problems
from tests.browser.console_pages import (
    TOKEN,
    OpenConsole,
    log_in,
    wait_for_stream,
)
from tests.browser.phone_page import wait_until
from tests.harness import BotHarness


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotHarness]:
    folder: Path = tmp_path_factory.mktemp("console")
    rules = folder / "rules.yaml"
    rules.write_text(
        "default: I do not know that.\n"
        "rules: {hours: {keywords: [open], answer: We are open until six.}}\n"
    )
    with BotHarness(
        folder, MEMO_ADMIN_TOKEN=TOKEN, MEMO_RESPONDER="rules", MEMO_RULES_FILE=str(rules)
    ) as harness:
        harness.ask("Are you open today?", "first")
        harness.ask("Do you sell unicycles?", "second")
        yield harness


def open_chat(page: Page, words: str) -> None:
    page.locator(".chat", has_text=words).first.click()
    expect(page.get_by_role("log")).to_be_visible()


def test_a_wrong_token_is_refused_and_the_right_one_leads_to_the_page_asked_for(
    open_console: OpenConsole, harness: BotHarness
) -> None:
    page = open_console("/console/questions", logged_in=False)
    log_in(page, "not the token at all")
    expect(page.get_by_role("alert")).to_have_text("That is not the admin token.")
    log_in(page)
    expect(page.get_by_role("heading", name="What is asked and not known")).to_be_visible()
    assert page.evaluate("document.cookie") == ""
    assert TOKEN not in harness.bot.log
    assert "not the token at all" not in harness.bot.log


def test_a_message_and_its_answer_appear_live(
    open_console: OpenConsole, harness: BotHarness
) -> None:
    inbox = open_console()
    wait_for_stream(inbox)
    harness.ask("Are you open for <b>newcomers</b>?", "live")
    expect(inbox.locator(".chats li").first).to_contain_text("We are open until six.")
    open_chat(inbox, "We are open until six.")
    wait_for_stream(inbox)
    expect(inbox.get_by_role("log")).to_contain_text("Are you open for <b>newcomers</b>?")
    before = inbox.locator(".exchange").count()
    harness.ask("And are you open tomorrow?", "live")
    expect(inbox.locator(".exchange")).to_have_count(before + 1)
    expect(inbox.locator(".exchange").last).to_contain_text("We are open until six.")


def test_a_memo_is_played_through_the_bot_and_shows_its_sound(
    open_console: OpenConsole,
) -> None:
    page = open_console()
    open_chat(page, "We are open until six.")
    page.get_by_role("button", name=re.compile("^Play voice memo")).last.click()
    wait_until(page, "[...document.querySelectorAll('audio')].at(-1).currentTime > 0.3")
    assert len(page.locator(".memo .wave path").first.get_attribute("d") or "") > 100


def test_a_memo_sent_from_the_console_arrives_once(
    open_console: OpenConsole, harness: BotHarness
) -> None:
    harness.ask("Are you open at night?", "sending")
    page = open_console(f"/console/chats/{harness.chat('sending')['id']}")
    page.get_by_label("Write to").fill("A colleague will call you.")
    with page.expect_request(lambda request: request.url.endswith("/memos")) as sent:
        page.get_by_role("button", name="Send as voice memo").click()
    expect(page.get_by_role("log")).to_contain_text("A colleague will call you.")
    # The same form again, as after a lost connection.
    again = page.request.post(
        sent.value.url, data=sent.value.post_data,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert again.status == 200
    harness.wait(lambda: len(harness.memos("sending")) == 2)
    ours = [one for one in harness.ledger.answers() if one.origin == "colleague"]
    assert [one.text for one in ours] == ["A colleague will call you."]


def test_everything_but_live_updates_works_without_javascript(
    open_console: OpenConsole,
) -> None:
    page = open_console(logged_in=False, java_script_enabled=False)
    log_in(page)
    page.get_by_role("searchbox").fill("unicycles")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".chats li")).to_have_count(1)
    open_chat(page, "I do not know that.")
    expect(page.locator("audio[controls]").last).to_be_visible()
    page.get_by_text("How it came about").last.click()
    expect(page.get_by_text("Voice memo posted").last).to_be_visible()
    page.get_by_role("link", name="Questions").click()
    expect(page.get_by_role("heading", name=re.compile("Do you sell unicycles"))).to_be_visible()


def test_every_page_is_accessible_and_fits_every_width(open_console: OpenConsole) -> None:
    page = open_console(logged_in=False, **SMALL)
    assert problems(page) == []
    log_in(page)
    wait_for_stream(page)
    assert problems(page) == []
    open_chat(page, "We are open until six.")
    expect(page.locator(".memo").first).to_be_visible()
    page.get_by_text("How it came about").first.click()
    assert problems(page) == []
    page.get_by_role("link", name="Questions").click()
    page.get_by_text("Draft an answer").first.click()
    assert problems(page) == []
    page.get_by_role("link", name="Health").click()
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("table").first).to_be_visible()
    assert problems(page) == []
