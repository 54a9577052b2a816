"""Voice memos in the browser: heard to the end, sought, hastened, one at a time."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.phone_page import wait_until
from tests.browser.scripted_bot import ScriptedBot
from tests.sandbox_server import SandboxServer

HEAR_THE_END = "audio => new Promise(heard => audio.addEventListener('ended', heard))"


@pytest.fixture
def chat(phone: Page, sandbox: SandboxServer, bot: ScriptedBot) -> str:
    """A chat that the page shows."""
    chat_id: str = sandbox.inbound("Hi", sender="+13125550177")["chat_id"]
    expect(phone.locator(".row.mine")).to_be_visible()
    return chat_id


def memo(page: Page, number: int = 0) -> Locator:
    return page.locator(".memo").nth(number)


def play_button(bubble: Locator) -> Locator:
    return bubble.locator(".play")


def number(locator: Locator, name: str) -> float:
    return float(locator.evaluate(f"node => node.{name}"))


def test_a_memo_shows_its_sound_and_plays_to_the_end_after_a_click(
    phone: Page, bot: ScriptedBot, chat: str
) -> None:
    bot.send_memo(chat, seconds=1.5)
    bubble = memo(phone)
    expect(bubble).to_have_attribute("aria-label", "Voice memo from Voice Memo Bot, 2 seconds")
    path = bubble.locator("path.played").get_attribute("d")
    assert path
    heights = [float(piece.rpartition("v")[2]) for piece in path.split("M")[1:]]
    assert len(heights) == 44
    assert max(heights) == pytest.approx(29, abs=1)  # A steady tone fills the picture.
    audio = bubble.locator("audio")
    assert audio.evaluate("audio => audio.paused")  # Nothing plays by itself.
    audio.evaluate(f"audio => {{ window.end = ({HEAR_THE_END})(audio) }}")
    play_button(bubble).click()
    expect(play_button(bubble)).to_have_accessible_name("Pause voice memo, 2 seconds")
    wait_until(phone, "document.querySelector('audio').currentTime > 0.3")
    assert float(bubble.evaluate("node => parseFloat(node.style.getPropertyValue('--progress'))"))
    phone.evaluate("window.end")
    assert number(audio, "duration") == pytest.approx(1.5, abs=0.1)
    expect(play_button(bubble)).to_have_accessible_name("Play voice memo, 2 seconds")
    expect(bubble.locator(".meta span")).to_have_text("0:02")


def test_caf_plays_too(phone: Page, bot: ScriptedBot, chat: str) -> None:
    bot.send_memo(chat, seconds=0.6, ending="caf")
    audio = memo(phone).locator("audio")
    audio.evaluate(f"audio => {{ window.end = ({HEAR_THE_END})(audio) }}")
    play_button(memo(phone)).click()
    phone.evaluate("window.end")


def test_one_memo_plays_at_a_time_and_goes_on_while_messages_come(
    phone: Page, bot: ScriptedBot, chat: str
) -> None:
    for _ in range(2):
        bot.send_memo(chat, seconds=20)
    expect(phone.locator(".memo")).to_have_count(2)
    play_button(memo(phone, 0)).click()
    wait_until(phone, "document.querySelector('audio').currentTime > 0")
    play_button(memo(phone, 1)).click()
    expect(play_button(memo(phone, 1))).to_have_accessible_name("Pause voice memo, 20 seconds")
    expect(play_button(memo(phone, 0))).to_have_accessible_name("Play voice memo, 20 seconds")
    assert phone.evaluate("[...document.querySelectorAll('audio')].map(a => a.paused)") == [
        True,
        False,
    ]
    bot.send_text(chat, "and a text")
    expect(phone.locator(".row")).to_have_count(4)
    at = number(phone.locator("audio").last, "currentTime")
    wait_until(phone, f"[...document.querySelectorAll('audio')].at(-1).currentTime > {at}")
    assert not phone.locator("audio").last.evaluate("audio => audio.paused")


def test_a_memo_is_sought_by_click_and_by_keys(phone: Page, bot: ScriptedBot, chat: str) -> None:
    bot.send_memo(chat, seconds=20)
    bubble = memo(phone)
    slider = bubble.get_by_role("slider")
    slider.click()  # In the middle.
    assert number(bubble.locator("audio"), "currentTime") == pytest.approx(10, abs=0.4)
    expect(slider).to_have_attribute("aria-valuetext", "10 seconds of 20 seconds")
    expect(bubble.locator(".meta span")).to_have_text("0:10")
    slider.press("ArrowRight")
    slider.press("PageUp")
    slider.press("ArrowLeft")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "16 seconds of 20 seconds")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0 seconds of 20 seconds")
    slider.press("End")
    slider.press("PageDown")
    slider.press(" ")
    expect(play_button(bubble)).to_have_accessible_name("Pause voice memo, 20 seconds")
    wait_until(phone, "document.querySelector('audio').currentTime > 15")


def test_the_speed_is_changed_and_kept(phone: Page, bot: ScriptedBot, chat: str) -> None:
    bot.send_memo(chat, seconds=20)
    rate = memo(phone).locator(".rate")
    expect(rate).to_be_hidden()
    play_button(memo(phone)).click()
    expect(rate).to_have_accessible_name("Speed 1×")
    rate.click()
    expect(rate).to_have_accessible_name("Speed 1.5×")
    assert number(phone.locator("audio"), "playbackRate") == 1.5
    phone.reload()
    play_button(memo(phone)).click()
    expect(memo(phone).locator(".rate")).to_have_accessible_name("Speed 1.5×")
    assert number(phone.locator("audio"), "playbackRate") == 1.5


def test_a_memo_that_cannot_be_played_says_so_and_can_be_tried_again(
    phone: Page, bot: ScriptedBot, chat: str
) -> None:
    phone.route("**/_sandbox/play/*", lambda route: route.fulfill(status=404))
    bot.send_memo(chat)
    bubble = memo(phone)
    play_button(bubble).click()
    expect(bubble).to_contain_text("Can’t be played")
    expect(play_button(bubble)).to_have_accessible_name("Try to play the voice memo again")
    phone.unroute("**/_sandbox/play/*")
    play_button(bubble).click()
    expect(play_button(bubble)).to_have_accessible_name("Pause voice memo, 1 second")
    expect(bubble).not_to_contain_text("Can’t be played")
