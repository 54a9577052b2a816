"""The page for everybody: keyboard, screen readers, small screens, the dark, and its weight."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import SMALL, violations
from tests.browser.phone_page import OpenPhone, converse, wait_until, write
from tests.browser.scripted_bot import ScriptedBot
from tests.sandbox_server import SandboxServer


def test_axe_finds_nothing_on_a_desk(open_phone: OpenPhone, bot: ScriptedBot) -> None:
    page = open_phone()
    converse(page, bot)
    page.get_by_text("What shall go wrong?").click()
    expect(page.locator("#faults").get_by_role("switch")).to_have_count(12)
    for service in ("iMessage", "SMS", "RCS"):
        page.get_by_role("button", name="New group").click()
        expect(page.locator(".row")).to_have_count(0)
        page.get_by_role("radio", name=service).check(force=True)
        write(page, "are you open?")
        expect(page.locator(".row.mine")).to_be_visible()
        page.get_by_label("Who writes").select_option("Jonas")
        expect(page.locator(".row.theirs")).to_be_visible()
        assert violations(page) == [], service


def test_axe_finds_nothing_on_a_small_screen(open_phone: OpenPhone, bot: ScriptedBot) -> None:
    page = open_phone(**SMALL)
    assert violations(page) == []
    converse(page, bot)
    assert violations(page) == []
    page.get_by_role("button", name="Behind the scenes").click()
    assert violations(page) == []


def test_the_page_has_landmarks_a_language_and_a_log_that_reads_out_what_is_new(
    open_phone: OpenPhone, sandbox: SandboxServer
) -> None:
    sandbox.inbound("old", sender="+13125550177")
    page = open_phone()
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("complementary", name="Behind the scenes")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Voice Memo Bot")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.title()
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0
    assert page.locator("[autofocus], audio[autoplay]").count() == 0
    log = page.get_by_role("log", name="Messages")
    expect(log).to_have_count(1)
    expect(log).to_contain_text("You: old")
    expect(log).not_to_have_attribute("aria-busy", "true")
    assert page.locator("#typing").get_attribute("role") == "status"


def test_everything_is_done_with_the_keyboard(phone: Page, bot: ScriptedBot) -> None:
    def tab_to(name: str) -> None:
        """Presses Tab until the control of this name has the focus, which must be seen."""
        for _ in range(40):
            phone.keyboard.press("Tab")
            if re.search(name, focused_label(phone)):
                assert is_outlined(phone), f"the focus on {name} cannot be seen"
                return
        raise AssertionError(f"{name} was never reached")

    tab_to("Behind the scenes")
    tab_to("^Message$")
    phone.keyboard.type("Hello")
    phone.keyboard.press("Enter")
    chat = bot.next_message()["chat"]["id"]
    bot.send_memo(chat, seconds=20)
    expect(phone.locator(".memo")).to_be_visible()
    phone.reload()
    expect(phone.locator(".memo")).to_be_visible()
    tab_to("Play voice memo")
    phone.keyboard.press("Space")
    wait_until(phone, "document.querySelector('audio').currentTime > 0")
    tab_to("Position")
    phone.keyboard.press("ArrowRight")
    tab_to("Speed 1×")
    phone.keyboard.press("Enter")
    expect(phone.locator(".memo .rate")).to_have_accessible_name("Speed 1.5×")
    tab_to("New customer")
    phone.keyboard.press("Enter")
    expect(phone.get_by_label("Message", exact=True)).to_be_focused()
    tab_to("What shall go wrong")
    phone.keyboard.press("Enter")
    tab_to("The webhook arrives twice")
    phone.keyboard.press("Space")
    expect(phone.locator("#armed")).to_have_text("1 to come")
    tab_to("Start over")


def focused_label(page: Page) -> str:
    """Of the element that has the focus; empty where none has it."""
    return str(
        page.evaluate(
            """() => {
              const node = document.querySelector(":focus");
              return node?.ariaLabel || node?.labels?.[0]?.textContent || node?.textContent || "";
            }"""
        )
    ).strip()


def is_outlined(page: Page) -> bool:
    """Whether the focused element, or what stands for it, is drawn with a ring."""
    return bool(
        page.evaluate(
            """() => {
              let node = document.activeElement;
              for (let steps = 0; node && steps < 3; steps += 1, node = node.parentElement) {
                const style = getComputedStyle(node);
                const hasRing = style.outlineStyle !== "none" || style.boxShadow !== "none";
                if (hasRing && style.opacity !== "0") return true;
              }
              return false;
            }"""
        )
    )


def test_the_dots_move_unless_motion_is_not_wanted(open_phone: OpenPhone, bot: ScriptedBot) -> None:
    page = open_phone(reduced_motion="reduce")
    write(page, "Hi")
    bot.type(bot.next_message()["chat"]["id"])
    expect(page.locator("#typing .bubble")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate("document.getAnimations().length") >= 3


def test_nothing_is_cut_off_at_any_width(phone: Page, bot: ScriptedBot) -> None:
    converse(phone, bot)
    for width in (320, 360, 390, 768, 820, 1024):
        phone.set_viewport_size({"width": width, "height": 640})
        sizes = phone.evaluate(
            """[document.documentElement, ...document.querySelectorAll(".scroller, .backstage")]
               .map(node => node.scrollWidth - node.clientWidth)"""
        )
        assert sizes == [0, 0, 0], f"{width} pixels wide"
        composer = phone.locator("#composer").bounding_box()
        assert composer
        assert composer["y"] + composer["height"] <= 640


def test_the_phone_fills_a_small_screen_and_the_panel_comes_below(open_phone: OpenPhone) -> None:
    page = open_phone(**SMALL)
    panel = page.locator("#backstage")
    expect(panel).to_be_hidden()
    assert page.get_by_role("main").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
    page.get_by_role("button", name="Behind the scenes").click()
    main, below = page.get_by_role("main").bounding_box(), panel.bounding_box()
    assert main
    assert below
    assert below["y"] == pytest.approx(main["height"])
    assert main["height"] > 250


def test_the_dark_is_dark(open_phone: OpenPhone) -> None:
    page = open_phone(color_scheme="dark")

    def brightness() -> int:
        colour = page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor")
        return sum(int(part) for part in re.findall(r"\d+", colour))

    assert brightness() < 150
    page.emulate_media(color_scheme="light")
    assert brightness() > 700


def test_one_who_reads_above_is_not_pulled_down(
    open_phone: OpenPhone, sandbox: SandboxServer, bot: ScriptedBot
) -> None:
    for number in range(60):
        chat = sandbox.inbound(f"message {number}", sender="+13125550177")["chat_id"]
    page = open_phone()
    expect(page.locator(".row").last).to_be_in_viewport()
    # As when something arrives before the browser has told the page of the scroll.
    page.evaluate("addEventListener('scroll', event => event.stopImmediatePropagation(), true)")
    page.locator("#scroller").evaluate("node => node.scrollTop = 0")
    expect(page.locator(".row").first).to_be_in_viewport()
    bot.send_memo(chat)
    page.get_by_role("button", name="New message").click()
    expect(page.locator(".memo")).to_be_in_viewport()
    expect(page.get_by_role("button", name="New message")).to_be_hidden()
