"""The inbox of a process that lives shows what others answer, while they die and calls fail."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.console_pages import TOKEN, log_in, wait_for_stream
from tests.harness import FaultHarness, Json, assert_answered_once_in_order, beeps

CHATS = [f"chat {number}" for number in range(4)]
ROUNDS = 3
FAULTS: list[Json] = [
    {"endpoint": "voicememo", "kind": "accept_then_500"},
    {"endpoint": "voicememo", "kind": "drop_before"},
    {"endpoint": "upload", "kind": "status", "status": 503},
    {"endpoint": "webhook", "kind": "duplicate", "count": 3},
]


def test_the_list_is_live_while_processes_die(browser: Browser, postgres_url: str) -> None:
    with FaultHarness(postgres_url) as harness:
        mortal = harness.start_bot(MEMO_ADMIN_TOKEN=TOKEN)
        steady = harness.start_bot(MEMO_ADMIN_TOKEN=TOKEN)
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{steady.url}/console")
        log_in(page)
        wait_for_stream(page)
        page.evaluate("window.isTheSame = true")
        said = []
        for number in range(1, ROUNDS + 1):
            harness.sandbox.faults(FAULTS)
            said += [harness.say(beeps(number), chat) for chat in CHATS]
            expect(
                page.locator(".chats li .preview", has_text=beeps(number).strip())
            ).not_to_have_count(0)
            mortal.kill()
            mortal.start()
        harness.wait_until_over(said)
        for chat in CHATS:
            assert_answered_once_in_order(harness.memos(chat), ROUNDS)
        expect(page.locator(".chats li")).to_have_count(len(CHATS))
        expect(page.locator(".chats li", has_text="Answered")).to_have_count(len(CHATS))
        last = page.locator(".chats li .preview", has_text=f"You said: {beeps(ROUNDS).strip()}")
        expect(last).to_have_count(len(CHATS))
        assert page.evaluate("window.isTheSame"), "the page was not loaded again"
        context.close()
