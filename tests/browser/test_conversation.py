"""Writing on the phone, and what comes back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.phone_page import OpenPhone, wait_until, write
from tests.browser.scripted_bot import ScriptedBot
from tests.sandbox_audio import tone
from tests.sandbox_server import SandboxServer


def test_what_is_written_reaches_the_webhook_and_stands_on_the_right(
    phone: Page, bot: ScriptedBot
) -> None:
    field = phone.get_by_label("Message", exact=True)
    field.fill("Hello, are you open?")
    phone.get_by_role("button", name="Send", exact=True).click()
    message = bot.next_message()
    assert message["parts"][0]["value"] == "Hello, are you open?"
    assert message["sender_handle"]["handle"] == "+13125550177"
    own = phone.locator(".row.mine")
    expect(own).to_contain_text("Hello, are you open?")
    expect(own.locator(".state")).to_have_text("Delivered")
    expect(field).to_have_value("")


def test_a_suggestion_is_sent_with_one_click_and_a_text_with_enter(
    phone: Page, bot: ScriptedBot, sandbox: SandboxServer
) -> None:
    phone.get_by_role("button", name="Hello, are you open today?").click()
    assert bot.next_message()["parts"][0]["value"] == "Hello, are you open today?"
    expect(phone.locator("#intro")).to_be_hidden()

    field = phone.get_by_label("Message", exact=True)
    field.fill("  \n ")
    field.press("Enter")  # Nothing is sent for an empty field.
    field.fill("")
    height = field.bounding_box()
    field.press_sequentially("one")
    field.press("Shift+Enter")
    field.press_sequentially("two")
    grown = field.bounding_box()
    assert height
    assert grown
    assert grown["height"] > height["height"] + 10
    field.press("Enter")
    assert bot.next_message()["parts"][0]["value"] == "one\ntwo"
    expect(phone.locator(".row.mine")).to_have_count(2)
    assert len(sandbox.state()["messages"]) == 2


def test_typing_shows_live_and_the_memo_takes_its_place(phone: Page, bot: ScriptedBot) -> None:
    write(phone, "Hi")
    chat = bot.next_message()["chat"]["id"]
    expect(phone.locator("#typing")).to_be_empty()
    bot.type(chat)
    expect(phone.locator("#typing")).to_contain_text("Voice Memo Bot is typing…")
    bot.send_memo(chat)
    expect(phone.locator(".row.theirs .memo")).to_be_visible()
    expect(phone.locator("#typing")).to_be_empty()


def test_the_bot_can_answer_with_text_and_read_what_was_written(
    phone: Page, bot: ScriptedBot
) -> None:
    evil = "<img src=x onerror=\"document.title='broken'\"><script>alert(1)</script> & <b>bold</b>"
    write(phone, evil)
    chat = bot.next_message()["chat"]["id"]
    bot.read(chat)
    bot.send_text(chat, evil)
    expect(phone.locator(".row.mine .bubble")).to_contain_text(evil)
    expect(phone.locator(".row.theirs .bubble")).to_contain_text(evil)
    expect(phone.locator(".row.mine .state")).to_have_text("Read")
    assert phone.locator("#log img, #log script").count() == 0  # Markup stays text.
    assert phone.title() != "broken"


def test_a_link_opens_only_addresses_of_the_web(phone: Page, sandbox: SandboxServer) -> None:
    for value in ("https://example.com/a?b=1&c=2", "javascript:alert(1)"):
        sandbox.inbound(sender="+13125550177", parts=[{"type": "link", "value": value}])
    expect(phone.locator(".bubble")).to_have_count(2)
    expect(phone.locator(".bubble a")).to_have_count(1)
    expect(phone.locator(".bubble a")).to_have_attribute("href", "https://example.com/a?b=1&c=2")


def test_an_edit_shows(phone: Page, sandbox: SandboxServer, bot: ScriptedBot) -> None:
    sent = sandbox.inbound("Hallo", sender="+13125550177")
    expect(phone.locator(".row.mine")).to_contain_text("Hallo")
    sandbox.inbound(
        "Hello",
        chat=sent["chat_id"],
        event_type="message.edited",
        target=sent["message_id"],
    )
    expect(phone.locator(".row.mine .bubble")).to_have_text(re.compile("Hello"))
    expect(phone.locator(".row")).to_have_count(1)


def test_a_refused_webhook_is_said_under_the_message(phone: Page, bot: ScriptedBot) -> None:
    bot.receiver.answer = lambda _: 401
    write(phone, "Hi")
    state = phone.locator(".row.mine .state")
    expect(state).to_have_text("Not delivered: the bot answered 401")
    expect(phone.locator("#timeline .bad")).to_contain_text("signature refused")


def test_what_cannot_be_sent_comes_back_into_the_field(phone: Page) -> None:
    phone.route("**/_sandbox/inbound", lambda route: route.abort())
    write(phone, "Do not lose me")
    expect(phone.get_by_role("alert")).to_contain_text("Not sent")
    expect(phone.get_by_label("Message", exact=True)).to_have_value("Do not lose me")
    phone.unroute("**/_sandbox/inbound")
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.locator(".row.mine")).to_contain_text("Do not lose me")
    expect(phone.get_by_role("alert")).to_be_hidden()


def test_words_arrive_in_the_order_in_which_they_were_written(
    phone: Page, bot: ScriptedBot
) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    phone.route("**/_sandbox/inbound", hold_the_first)
    write(phone, "first")
    write(phone, "second")
    expect(phone.get_by_label("Message", exact=True)).to_have_value("")
    wait_until(phone, "document.querySelectorAll('.row').length === 0")
    held[0].continue_()
    expect(phone.locator(".row.mine")).to_have_count(2)
    assert [bot.next_message()["parts"][0]["value"] for _ in range(2)] == ["first", "second"]


def test_a_reload_brings_the_conversation_back(phone: Page, bot: ScriptedBot) -> None:
    write(phone, "Remember me")
    bot.send_memo(bot.next_message()["chat"]["id"])
    expect(phone.locator(".memo")).to_be_visible()
    phone.reload()
    expect(phone.locator(".row")).to_have_count(2)
    expect(phone.locator(".row.mine")).to_contain_text("Remember me")
    expect(phone.locator(".row.theirs .memo")).to_be_visible()


def test_two_customers_have_two_chats(phone: Page, bot: ScriptedBot) -> None:
    write(phone, "I am Maya")
    maya = bot.next_message()
    phone.get_by_role("button", name="New customer").click()
    expect(phone.locator(".row")).to_have_count(0)
    write(phone, "I am Jonas")
    jonas = bot.next_message()
    assert jonas["sender_handle"]["handle"] == "+13125550178"
    assert jonas["chat"]["id"] != maya["chat"]["id"]
    bot.send_text(maya["chat"]["id"], "Hello Maya")
    chats = phone.locator("#chats button")
    expect(chats.filter(has_text="Maya")).to_contain_text("1 new")
    expect(phone.locator(".row")).to_have_count(1)
    chats.filter(has_text="Maya").click()
    expect(phone.locator(".row.theirs")).to_contain_text("Hello Maya")
    expect(chats.filter(has_text="Maya")).not_to_contain_text("1 new")
    phone.reload()
    expect(phone.locator(".row.mine")).to_contain_text("I am Maya")


def test_a_group_has_names_and_mentions_the_bot_when_told(phone: Page, bot: ScriptedBot) -> None:
    phone.get_by_role("button", name="New group").click()
    write(phone, "are you open?")
    first = bot.next_message()
    assert first["chat"]["is_group"] is True
    assert first["parts"][0]["mentions"][0]["is_me"] is True
    phone.get_by_label("Mention the bot").uncheck()
    phone.get_by_label("Who writes").select_option("Jonas")
    write(phone, "only for us")
    second = bot.next_message()
    assert second["chat"]["id"] == first["chat"]["id"]
    assert second["sender_handle"]["handle"] == "+13125550178"
    assert not second["parts"][0].get("mentions")
    expect(phone.locator(".row.mine")).to_contain_text("only for us")
    expect(phone.locator(".row.theirs .who")).to_have_text("Maya")


def test_the_service_is_chosen_and_has_its_colour(phone: Page, bot: ScriptedBot) -> None:
    def colour() -> str:
        bubble = phone.locator(".row.mine .bubble").last
        return str(bubble.evaluate("node => getComputedStyle(node).backgroundColor"))

    write(phone, "blue")
    assert bot.next_message()["service"] == "iMessage"
    expect(phone.locator(".row.mine")).to_have_count(1)
    blue = colour()
    phone.get_by_role("radio", name="SMS").check(force=True)
    expect(phone.locator("#subtitle")).to_contain_text("SMS")
    write(phone, "green")
    assert bot.next_message()["service"] == "SMS"
    expect(phone.locator(".row.mine")).to_have_count(2)
    assert colour() != blue


def test_an_audio_file_is_sent_as_a_voice_memo_and_another_as_a_file(
    phone: Page, bot: ScriptedBot
) -> None:
    file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no audio"}
    phone.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    assert bot.next_message()["parts"][0]["mime_type"] == "text/plain"
    expect(phone.locator(".row.mine .bubble a")).to_contain_text("notes.txt")
    assert phone.locator(".memo").count() == 0
    file = {"name": "hello.m4a", "mimeType": "audio/x-m4a", "buffer": tone("m4a", 1.2)}
    phone.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    part = bot.next_message()["parts"][0]
    assert part["type"] == "media"
    assert part["filename"] == "hello.m4a"
    expect(phone.locator(".row.mine .memo")).to_be_visible()


def test_a_memo_is_recorded_with_the_microphone_and_a_discarded_one_is_not_sent(
    sandbox: SandboxServer, bot: ScriptedBot, open_phone: OpenPhone
) -> None:
    page = open_phone(permissions=["microphone"])
    page.get_by_role("button", name="Record a voice memo").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Record a voice memo")).to_be_focused()
    assert sandbox.state()["messages"] == []
    page.get_by_role("button", name="Record a voice memo").click()
    expect(page.locator("#elapsed")).to_have_text("0:01")
    page.get_by_role("button", name="Stop and send").click()
    part = bot.next_message()["parts"][0]
    assert part["mime_type"] in ("audio/mp4", "audio/webm")
    assert part["size_bytes"] > 1000
    expect(page.locator(".row.mine .memo")).to_be_visible()
    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    assert len(sandbox.state()["messages"]) == 1
