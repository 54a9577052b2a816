"""The live feed when the network or the sandbox goes away and comes back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from app.sandbox import SandboxConfig, SandboxUvicorn
from tests.browser.phone_page import OpenPhone, write
from tests.sandbox_server import SandboxServer

LOST = "Connection lost – trying again…"


@contextmanager
def sandbox_at(port: int) -> Iterator[None]:
    """A sandbox on this port, for as long as the block lasts."""
    server = SandboxUvicorn(SandboxConfig(public_url=f"http://127.0.0.1:{port}"), port=port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=15)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_restarted_sandbox_is_found_again(open_phone: OpenPhone) -> None:
    port = free_port()
    with sandbox_at(port):
        page = open_phone(f"http://127.0.0.1:{port}")
        write(page, "before")
        expect(page.locator(".row.mine")).to_contain_text("before")
        expect(page.locator("#connection")).to_be_empty()
    expect(page.get_by_role("status").filter(has_text=LOST)).to_be_visible()
    with sandbox_at(port):
        expect(page.locator("#connection")).to_be_empty()
        expect(page.locator(".row")).to_have_count(0)  # A new sandbox remembers nothing.
        write(page, "after")
        expect(page.locator(".row.mine")).to_contain_text("after")


def test_what_was_missed_is_fetched(phone: Page, sandbox: SandboxServer) -> None:
    write(phone, "before")
    expect(phone.locator(".row.mine")).to_be_visible()
    phone.context.set_offline(True)
    phone.evaluate("fetch('/_sandbox/state').catch(() => {})")
    sandbox.inbound("meanwhile", sender="+13125550177")
    expect(phone.locator(".row")).to_have_count(1)
    phone.context.set_offline(False)
    sandbox.inbound("after", sender="+13125550177")
    expect(phone.locator(".row")).to_have_count(3)
    expect(phone.locator(".row").nth(1)).to_contain_text("meanwhile")


def test_a_broken_answer_of_the_sandbox_is_overcome(phone: Page, sandbox: SandboxServer) -> None:
    phone.route("**/_sandbox/state*", lambda route: route.fulfill(status=502, body="bad gateway"))
    sandbox.inbound("unseen", sender="+13125550177")
    expect(phone.locator("#connection")).to_have_text(LOST)
    phone.unroute("**/_sandbox/state*")
    sandbox.inbound("seen", sender="+13125550177")
    expect(phone.locator(".row")).to_have_count(2)
    expect(phone.locator("#connection")).to_be_empty()
