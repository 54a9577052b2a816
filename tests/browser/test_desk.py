"""A person at the desk, in a real browser: takes a chat over, answers it, and gives it back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import SMALL, problems
from tests.browser.console_pages import TOKEN, OpenConsole, wait_for_stream
from tests.browser.pages import DESK, Pages
from tests.browser.phone_page import write
from tests.harness import BotHarness
from tests.integration.local_server import Reply, Server, running

RULES = """
default: I do not know that.
rules:
  hours: {keywords: [open], answer: We are open until six.}
  parking: {keywords: [park], answer: There is a car park behind the house.}
"""


@pytest.fixture(scope="module")
def alerts() -> Iterator[Server]:
    """Where the bot announces chats that wait for a person."""
    with running() as server:
        server.reply("/alerts", Reply())
        yield server


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory, alerts: Server) -> Iterator[BotHarness]:
    folder: Path = tmp_path_factory.mktemp("desk")
    (folder / "rules.yaml").write_text(RULES)
    with BotHarness(
        folder,
        MEMO_ADMIN_TOKEN=TOKEN,
        MEMO_ALERT_URL=f"{alerts.address}/alerts",
        MEMO_RESPONDER="rules",
        MEMO_RULES_FILE=str(folder / "rules.yaml"),
    ) as harness:
        yield harness


def path_of(harness: BotHarness, chat: str) -> str:
    return f"/console/chats/{harness.chat(chat)['id']}"


def wait_for_a_person(harness: BotHarness, chat: str) -> None:
    harness.ask("Are you open today?", chat)
    harness.ask("Can I talk to a person, please?", chat)


def state(page: Page) -> Any:
    return page.get_by_label("Who has this chat")


def press(page: Page, name: str) -> None:
    """Presses a button on a small screen, which on a desk could be pressed, too."""
    button = page.get_by_role("button", name=name, exact=True)
    page.set_viewport_size(DESK)
    button.click(trial=True)
    page.set_viewport_size(SMALL["viewport"])
    button.click()


def test_a_chat_is_handed_over_answered_by_a_person_and_given_back(
    open_console: OpenConsole, pages: Pages, harness: BotHarness, alerts: Server
) -> None:
    alerts.requests.clear()
    inbox = open_console(**SMALL)
    wait_for_stream(inbox)
    phone = pages.take(harness.sandbox.url + "/")
    expect(phone.locator("#subtitle")).not_to_have_text("Connecting…")
    before = phone.locator(".row").count()
    write(phone, "I want to talk to a person, please")
    waiting = inbox.locator(".chats li", has_text="Asked for a person").first
    expect(waiting).to_contain_text("Waiting")
    expect(inbox.locator("#filters .waiting.some")).to_be_visible()
    expect(phone.locator(".row")).to_have_count(before + 2)
    harness.wait(lambda: alerts.requests)
    (alert,) = alerts.requests
    said = json.loads(alert.body)["text"]
    assert said.startswith("A chat waits for a person: the person asked for one.")
    assert "I want to talk" not in said
    assert "5550177" not in said

    waiting.click()
    desk = inbox
    wait_for_stream(desk)
    expect(state(desk)).to_contain_text("Waiting for a person")
    press(desk, "Take over")
    expect(state(desk)).to_contain_text("A colleague has this chat")

    desk.get_by_label("Write to").fill("Hello, this is Anna.")
    press(desk, "Send as text")
    expect(phone.locator(".row").last).to_contain_text("Hello, this is Anna.")

    memos = phone.locator(".memo").count()
    desk.get_by_label("Write to").fill("I am looking at your order right now.")
    press(desk, "Send as voice memo")
    expect(phone.locator(".memo")).to_have_count(memos + 1)

    expect(desk.get_by_role("log")).to_contain_text("I am looking at your order right now.")
    wait_for_stream(desk)
    press(desk, "Record")
    expect(desk.locator("#elapsed")).to_have_text(re.compile("0:0[2-9]"))
    press(desk, "Send recording")
    expect(phone.locator(".memo")).to_have_count(memos + 2)
    expect(desk.locator(".exchange").last).to_contain_text("Colleague, recorded")
    expect(desk.locator(".exchange").last.locator(".memo")).to_be_visible()

    rows = phone.locator(".row").count()
    write(phone, "Thank you, Anna!")
    expect(desk.locator(".exchange").last).to_contain_text("Thank you, Anna!")
    expect(phone.locator(".row")).to_have_count(rows + 1)

    press(desk, "Hand back to the bot")
    expect(state(desk)).to_contain_text("The bot answers here")
    write(phone, "Are you open today?")
    expect(phone.locator(".memo")).to_have_count(memos + 3)
    expect(desk.locator(".exchange").last).to_contain_text("We are open until six.")


def test_what_a_colleague_sends_from_elsewhere_appears_live(
    open_console: OpenConsole, harness: BotHarness
) -> None:
    harness.ask("Are you open today?", "elsewhere")
    page = open_console(path_of(harness, "elsewhere"))
    wait_for_stream(page)
    expect(state(page)).to_contain_text("The bot answers here")
    wait_for_a_person(harness, "elsewhere")
    expect(state(page)).to_contain_text("Waiting for a person")


def test_it_works_without_javascript(open_console: OpenConsole, harness: BotHarness) -> None:
    wait_for_a_person(harness, "plain")
    page = open_console(path_of(harness, "plain"), java_script_enabled=False)
    page.get_by_role("button", name="Take over").click()
    expect(state(page)).to_contain_text("A colleague has this chat")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Insert")).to_be_hidden()
    page.get_by_label("Write to").fill("Written without a script.")
    page.get_by_role("button", name="Send as text").click()
    expect(page.get_by_role("log")).to_contain_text("Written without a script.")
    harness.wait(lambda: "Written without a script." in harness.texts("plain"))
    page.get_by_role("button", name="Hand back to the bot").click()
    expect(state(page)).to_contain_text("The bot answers here")


def test_it_works_with_the_keyboard_alone(open_console: OpenConsole, harness: BotHarness) -> None:
    wait_for_a_person(harness, "keys")
    page = open_console(path_of(harness, "keys"))

    def go_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "document.activeElement.id || document.activeElement.textContent.trim()"
            )
            if focused == name:
                return
        raise AssertionError(f"{name} is never reached")

    go_to("Take over")
    page.keyboard.press("Enter")
    expect(state(page)).to_contain_text("A colleague has this chat")
    go_to("canned-text")
    page.keyboard.type("park")
    go_to("insert")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Write to")).to_be_focused()
    expect(page.get_by_label("Write to")).to_have_value("There is a car park behind the house.")
    go_to("Send as text")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("There is a car park behind the house.")
    harness.wait(lambda: "There is a car park behind the house." in harness.texts("keys"))


def test_the_person_sees_that_somebody_types(
    open_console: OpenConsole, pages: Pages, harness: BotHarness
) -> None:
    phone = pages.take(harness.sandbox.url + "/")
    expect(phone.locator("#subtitle")).not_to_have_text("Connecting…")
    phone.get_by_role("button", name=re.compile("^Maya")).click()
    memos = phone.locator(".memo").count()
    write(phone, "A person, please")
    expect(phone.locator(".memo")).to_have_count(memos + 1)
    page = open_console()
    theirs = page.locator(".chats li", has_text="+13125550177")
    theirs.filter(has_text="Asked for a person").click()
    wait_for_stream(page)
    field, bubble = page.get_by_label("Write to"), phone.locator("#typing .bubble")
    for _ in range(12):  # what ends the bot's own typing may come a moment later
        field.press_sequentially("Hello ")
        phone.wait_for_timeout(2_500)
        if bubble.is_visible():
            return
    raise AssertionError("nobody is seen to type")


def test_a_recording_can_be_discarded(open_console: OpenConsole, harness: BotHarness) -> None:
    wait_for_a_person(harness, "discarded")
    page = open_console(path_of(harness, "discarded"))
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("button", name="Send recording")).to_be_focused()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="Send as voice memo")).to_be_visible()
    assert not [one for one in harness.ledger.answers() if one.reply_as == "recording"
                and one.chat_id == harness.chat("discarded")["id"]]  # fmt: skip


def test_without_a_microphone_it_is_said(open_console: OpenConsole, harness: BotHarness) -> None:
    wait_for_a_person(harness, "mute")
    page = open_console(own=True)
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none'))"
    )
    page.goto(harness.bot.url + path_of(harness, "mute"))
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The microphone cannot be used here.")
    page.add_init_script("delete window.MediaRecorder")
    page.reload()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_hidden()


def test_every_page_is_accessible_and_fits_every_width(
    open_console: OpenConsole, harness: BotHarness
) -> None:
    wait_for_a_person(harness, "axe")
    page = open_console(**SMALL)
    assert problems(page) == []
    page.goto(harness.bot.url + path_of(harness, "axe"))
    wait_for_stream(page)
    assert problems(page) == []
    page.get_by_role("button", name="Take over").click()
    page.get_by_label("Write to").fill("Hello")
    page.get_by_role("button", name="Send as text").click()
    expect(page.get_by_role("log")).to_contain_text("Hello")
    wait_for_stream(page)
    expect(page.locator(".exchange").last).to_contain_text(re.compile("Delivered|Sent"))
    assert problems(page) == []
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("button", name="Send recording")).to_be_visible()
    assert problems(page) == []
    page.get_by_role("button", name="Discard").click()
