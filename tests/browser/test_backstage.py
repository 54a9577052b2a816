"""Behind the scenes: the exchange step by step, the faults, a fresh start."""

from __future__ import annotations

import re

from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.phone_page import OpenPhone, wait_for, write
from tests.browser.scripted_bot import ScriptedBot
from tests.sandbox_server import SandboxServer


def test_the_exchange_is_told_step_by_step(phone: Page, bot: ScriptedBot) -> None:
    steps = phone.locator("#timeline li")
    expect(phone.locator("#timeline .coming")).to_have_count(6)
    write(phone, "Hi")
    chat = bot.next_message()["chat"]["id"]
    expect(steps.nth(1)).to_contain_text("Webhook acknowledged, 200")
    expect(phone.locator("#figure")).to_contain_text("Waiting")
    bot.type(chat)
    expect(steps.nth(2)).to_contain_text("Bot is typing")
    bot.send_memo(chat)
    expect(phone.locator("#figure")).to_contain_text("s to the voice memo")
    expect(steps.last).to_contain_text("Delivered")
    expect(phone.locator("#timeline .coming")).to_have_count(0)
    told = steps.locator("span").all_inner_texts()
    assert told == [
        "You wrote",
        "Webhook acknowledged, 200",
        "Bot is typing",
        "Audio uploaded",
        "Voice memo posted",
        "Delivered",
    ]
    expect(steps.nth(4)).to_contain_text(re.compile(r"1\.[01] s · AAC-LC · mono · 24 kHz"))
    times = [float(text.split()[0]) for text in steps.locator("time").all_inner_texts()]
    assert times == sorted(times)


def test_a_repeated_webhook_is_told(phone: Page, bot: ScriptedBot) -> None:
    bot.receiver.answer = lambda count: 503 if count == 1 else 200
    write(phone, "Hi")
    steps = phone.locator("#timeline li")
    expect(steps.nth(1)).to_contain_text("Webhook failed, 503")
    expect(steps.nth(2)).to_contain_text("Webhook acknowledged, 200")
    expect(steps.nth(2)).to_contain_text("attempt 2")
    expect(phone.locator(".row.mine .state")).to_have_text("Delivered")


def test_without_a_bot_the_panel_says_so(open_phone: OpenPhone) -> None:
    page = open_phone()
    expect(page.locator("#figure")).to_have_text("No bot is subscribed to the webhooks yet.")
    expect(page.locator("#timeline li")).to_have_count(0)


def test_a_fault_is_switched_on_strikes_once_and_goes_off(
    phone: Page, bot: ScriptedBot, sandbox: SandboxServer
) -> None:
    phone.get_by_text("What shall go wrong?").click()
    twice = phone.get_by_label("The webhook arrives twice")
    twice.check()
    expect(phone.locator("#armed")).to_have_text("1 to come")
    [fault] = sandbox.state()["faults"]
    assert (fault["endpoint"], fault["kind"], fault["count"]) == ("webhook", "duplicate", 1)
    write(phone, "Hi")
    first, second = bot.receiver.wait_for(2)
    assert first.event["event_id"] == second.event["event_id"]
    expect(twice).not_to_be_checked()
    expect(phone.locator("#armed")).to_be_empty()
    expect(phone.locator("#timeline")).to_contain_text("sent twice")
    hangs = phone.get_by_label("Linq accepts the memo, then hangs")
    expect(hangs).not_to_be_checked()
    sandbox.faults([{"endpoint": "voicememo", "kind": "accept_then_hang"}])
    expect(hangs).to_be_checked()  # One that was set elsewhere shows, too.
    sandbox.clear_faults()
    expect(hangs).not_to_be_checked()


def test_every_switch_sets_a_fault_and_takes_it_back(phone: Page, sandbox: SandboxServer) -> None:
    sandbox.faults([{"endpoint": "*", "kind": "delay", "probability": 0.1, "seconds": 0.1}])
    phone.get_by_text("What shall go wrong?").click()
    switches = phone.locator("#faults").get_by_role("switch")
    expect(switches).to_have_count(12)
    for number in range(12):
        switches.nth(number).check()
        expect(phone.locator("#armed")).to_have_text(f"{number + 2} to come")
    for number in range(12):
        switches.nth(number).uncheck()
        expect(phone.locator("#armed")).to_have_text(f"{12 - number} to come")
    [left] = sandbox.state()["faults"]
    assert (left["endpoint"], left["probability"]) == ("*", 0.1)  # A script's fault stays.


def test_older_news_do_not_set_a_switch_back(phone: Page, sandbox: SandboxServer) -> None:
    phone.get_by_text("What shall go wrong?").click()
    switch = phone.get_by_label("The webhook arrives twice")
    expect(switch).not_to_be_checked()
    answers: list[tuple[Route, APIResponse]] = []
    phone.route("**/_sandbox/state?*", lambda route: answers.append((route, route.fetch())))
    sandbox.faults([{"endpoint": "*", "kind": "delay", "seconds": 0.1}])
    wait_for(phone, lambda: len(answers) == 1, "the state before")
    switch.check()
    before, state_before = answers[0]
    before.fulfill(response=state_before)
    wait_for(phone, lambda: len(answers) == 2, "the state after")
    expect(phone.locator("#armed")).to_have_text("1 to come")
    assert switch.is_checked()
    after, state_after = answers[1]
    after.fulfill(response=state_after)
    expect(phone.locator("#armed")).to_have_text("2 to come")
    assert switch.is_checked()


def test_switches_that_are_changed_at_once_are_all_set(phone: Page, sandbox: SandboxServer) -> None:
    phone.get_by_text("What shall go wrong?").click()
    switches = phone.locator("#faults").get_by_role("switch")
    switches.nth(3).check()
    expect(phone.locator("#armed")).to_have_text("1 to come")
    waiting: list[Route] = []
    phone.route("**/_sandbox/faults*", lambda route: waiting.append(route))
    switches.nth(0).check()
    switches.nth(3).uncheck()
    switches.nth(7).check()
    wait_for(phone, lambda: bool(waiting), "a change was sent")
    phone.route("**/_sandbox/faults*", lambda route: route.continue_())
    for route in waiting:
        route.continue_()

    def are_set() -> bool:
        kinds = [fault["kind"] for fault in sandbox.state()["faults"]]
        return kinds == ["duplicate", "accept_then_500"]

    wait_for(phone, are_set, "two faults set")
    expect(phone.locator("#armed")).to_have_text("2 to come")


def test_starting_over_empties_the_phone(phone: Page, bot: ScriptedBot) -> None:
    write(phone, "Hi")
    bot.send_memo(bot.next_message()["chat"]["id"])
    expect(phone.locator(".memo")).to_be_visible()
    phone.get_by_role("button", name="New customer").click()
    write(phone, "I am another")
    expect(phone.locator("#chats li")).to_have_count(2)
    phone.get_by_role("button", name="Start over").click()
    expect(phone.locator(".row")).to_have_count(0)
    expect(phone.locator("#chats li")).to_have_count(1)
    expect(phone.locator("#intro")).to_be_visible()
    write(phone, "Again")
    expect(phone.locator(".row.mine")).to_contain_text("Again")


def test_the_panel_stays_as_it_was_left(phone: Page) -> None:
    panel = phone.get_by_role("complementary", name="Behind the scenes")
    toggle = phone.get_by_role("button", name="Behind the scenes")
    expect(panel).to_be_visible()
    phone.get_by_role("button", name="Hide").click()
    expect(panel).to_be_hidden()
    expect(toggle).to_be_focused()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    phone.reload()
    expect(panel).to_be_hidden()
    toggle.click()
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="New group").focus()
    phone.keyboard.press("Escape")
    expect(panel).to_be_hidden()
