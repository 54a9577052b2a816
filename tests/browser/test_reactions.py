"""Reactions on the phone, and a colleague who writes past the bot."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.accessibility import SMALL, violations_at_both_sizes
from tests.browser.phone_page import OpenPhone, write
from tests.browser.scripted_bot import ScriptedBot
from tests.sandbox_server import SandboxServer


def answered(page: Page, bot: ScriptedBot) -> str:
    """A question with a memo for an answer; the id of the chat."""
    write(page, "Are you open?")
    chat = str(bot.next_message()["chat"]["id"])
    bot.send_memo(chat)
    expect(page.locator(".memo")).to_be_visible()
    return chat


def react(page: Page, name: str) -> None:
    page.locator(".row.theirs").last.hover()
    page.get_by_role("button", name="React to Voice Memo Bot").last.click()
    page.get_by_role("group", name="Reactions").get_by_role("button", name=name, exact=True).click()


def test_a_memo_is_liked_and_the_bot_hears_of_it(phone: Page, bot: ScriptedBot) -> None:
    answered(phone, bot)
    react(phone, "Like")
    (received,) = bot.receiver.wait_for(1, "reaction.added")
    assert received.event["data"]["reaction_type"] == "like"
    assert received.event["data"]["is_from_me"] is False
    badge = phone.locator(".row.theirs .reactions")
    expect(badge).to_have_accessible_name("Maya: Like")
    react(phone, "Dislike")
    expect(badge).to_have_accessible_name("Maya: Dislike")
    react(phone, "Dislike")
    expect(badge).to_have_count(0)
    bot.receiver.wait_for(1, "reaction.removed")


def test_a_playing_memo_goes_on_when_either_side_reacts(
    phone: Page, bot: ScriptedBot, sandbox: SandboxServer
) -> None:
    write(phone, "Tell me everything")
    message = bot.next_message()
    bot.send_memo(message["chat"]["id"], seconds=20)
    phone.get_by_role("button", name="Play voice memo").click()
    expect(phone.get_by_role("button", name="Pause")).to_be_visible()
    react(phone, "Love")
    expect(phone.locator(".row.theirs .reactions")).to_be_visible()
    body = {"operation": "add", "type": "love"}
    sandbox.api("POST", f"/messages/{message['id']}/reactions", body).raise_for_status()
    badge = phone.locator(".row.mine .reactions")
    expect(badge).to_have_accessible_name("Voice Memo Bot: Love")
    expect(phone.get_by_role("button", name="Pause")).to_be_visible()


def test_reactions_are_chosen_with_the_keyboard(phone: Page, bot: ScriptedBot) -> None:
    answered(phone, bot)
    button = phone.get_by_role("button", name="React to Voice Memo Bot")
    button.focus()
    expect(button).to_have_css("opacity", "1")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("button", name="Love", exact=True)).to_be_focused()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.locator(".reactions")).to_have_accessible_name("Maya: Like")
    button.press("Enter")
    expect(phone.get_by_role("button", name="Like", exact=True)).to_be_focused()
    expect(phone.get_by_role("button", name="Like", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    phone.keyboard.press("Escape")
    expect(phone.get_by_role("group", name="Reactions")).to_be_hidden()
    expect(button).to_be_focused()


def test_a_colleague_writes_past_the_bot_until_it_is_refused(phone: Page, bot: ScriptedBot) -> None:
    field = phone.get_by_label("Write as a colleague")
    expect(field).to_be_disabled()
    answered(phone, bot)
    field.fill("Anna here. Shall I call you?")
    field.press("Enter")
    row = phone.locator(".row.theirs").last
    expect(row).to_contain_text("A colleague: Anna here. Shall I call you?")
    expect(row.locator(".who")).to_have_text("A colleague")
    expect(field).to_have_value("")
    sent = bot.receiver.wait_for(2, "message.sent")[-1].event["data"]
    assert (sent["direction"], sent["idempotency_key"]) == ("outbound", None)
    expect(phone.locator("#figure")).to_contain_text("to the voice memo")
    expect(phone.locator("#timeline")).to_contain_text("A colleague wrote")

    write(phone, "STOP")
    bot.next_message()
    field.fill("One more thing")
    phone.get_by_role("button", name="Send as a colleague").click()
    expect(phone.get_by_role("alert")).to_contain_text("Recipient has opted out")
    expect(field).to_have_value("One more thing")


def test_outside_imessage_a_memo_is_a_file(phone: Page, bot: ScriptedBot) -> None:
    phone.get_by_role("radio", name="SMS").check(force=True)
    write(phone, "Are you open?")
    bot.send_memo(bot.next_message()["chat"]["id"])
    link = phone.locator(".row.theirs").get_by_role("link", name="memo.m4a")
    expect(link).to_be_visible()
    expect(phone.locator(".memo")).to_have_count(0)


def test_axe_finds_nothing_while_reacting(
    open_phone: OpenPhone, bot: ScriptedBot, sandbox: SandboxServer
) -> None:
    page = open_phone(**SMALL)
    chat = answered(page, bot)
    sandbox.outbound(chat, "Anna here.")
    expect(page.locator(".who")).to_be_visible()
    for name in ("Love", "Question"):
        page.locator(".row.theirs").first.hover()
        page.locator(".react").first.click()
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator(".reactions")).to_have_accessible_name(f"Maya: {name}")
        assert violations_at_both_sizes(page) == []
    page.locator(".react").first.click()
    expect(page.get_by_role("group", name="Reactions")).to_be_visible()
    assert violations_at_both_sizes(page) == []
    expect(page.get_by_role("group", name="Reactions")).to_be_visible()
