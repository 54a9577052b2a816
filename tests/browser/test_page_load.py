"""The page's weight, its policy, and how steady it is under many messages."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Response, expect

from tests.browser.phone_page import OpenPhone, converse, wait_until
from tests.browser.scripted_bot import ScriptedBot
from tests.sandbox_server import SandboxServer

WEIGHT = 68_000  # bytes, uncompressed


def test_the_page_is_light_and_asks_nobody_else(
    browser: Browser, sandbox: SandboxServer, bot: ScriptedBot
) -> None:
    responses: list[Response] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("response", lambda response: responses.append(response))
    page.goto(sandbox.url)
    expect(page.locator("#intro")).to_be_visible()
    own = [one for one in responses if "/_sandbox/" not in one.url]
    assert all(one.url.startswith(sandbox.url) and one.status == 200 for one in own)
    weight = sum(len(one.body()) for one in own)
    assert weight < WEIGHT
    assert len(own) > 10
    context.close()


def test_the_page_works_under_the_strictest_policy(
    bot: ScriptedBot, sandbox: SandboxServer, open_phone: OpenPhone
) -> None:
    page = open_phone()

    def with_policy(route: Any) -> None:
        answer = route.fetch()
        headers = {**answer.headers, "content-security-policy": "default-src 'self'"}
        route.fulfill(response=answer, headers=headers)

    page.route(sandbox.url + "/", with_policy)
    page.reload()
    converse(page, bot)
    wait_until(page, "document.querySelector('audio').currentTime > 0")
    page.get_by_text("What shall go wrong?").click()
    expect(page.locator("#faults").get_by_role("switch")).to_have_count(12)
    width = page.locator(".memo").evaluate("node => node.style.getPropertyValue('--progress')")
    assert width  # The page's own styles by script are allowed, others would be reported.


def test_nothing_jumps_while_it_loads_and_answers(open_phone: OpenPhone, bot: ScriptedBot) -> None:
    page = open_phone(own=True, reduced_motion="no-preference")
    page.add_init_script(
        """window.shifts = 0;
           new PerformanceObserver(list => {
             for (const one of list.getEntries()) if (!one.hadRecentInput) shifts += one.value;
           }).observe({ type: "layout-shift", buffered: true });"""
    )
    page.reload()
    expect(page.locator("#intro")).to_be_visible()
    assert page.evaluate("shifts") < 0.02


def test_an_answer_below_five_hundred_messages_touches_only_the_last_rows(
    open_phone: OpenPhone, sandbox: SandboxServer
) -> None:
    for number in range(500):
        chat = sandbox.inbound(f"message {number}", sender="+13125550177")["chat_id"]
    page = open_phone()
    expect(page.locator(".row").last).to_contain_text("message 499")
    page.get_by_role("button", name="Show earlier messages").click()
    expect(page.locator(".row")).to_have_count(500)
    expect(page.locator(".row").first).to_contain_text("message 0")
    page.locator("#scroller").evaluate("node => node.scrollTop = node.scrollHeight")
    page.evaluate(
        """window.touched = new Set();
           new MutationObserver(records => {
             for (const { target, addedNodes, removedNodes } of records)
               for (const node of [target, ...addedNodes, ...removedNodes]) {
                 const row = (node.closest ? node : node.parentElement)?.closest(".row");
                 if (row) touched.add(row);
               }
           }).observe(document.body,
             { subtree: true, childList: true, attributes: true, characterData: true });"""
    )
    with ScriptedBot(sandbox) as bot:
        for number in range(5):
            bot.send_text(chat, f"answer {number}")
    expect(page.locator(".row").last).to_contain_text("answer 4")
    assert 5 <= page.evaluate("touched.size") <= 10  # of 505
