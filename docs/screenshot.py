"""Takes the README's pictures: a real conversation of the demo in a real browser.

Run by `make screenshot`; needs Chromium. The voice is espeak, so that it works offline.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium, find_chromium
from tests.browser.console_pages import TOKEN, log_in
from tests.browser.phone_page import wait_until

DOCS = Path(__file__).parent
LARGEST = 200_000  # bytes of a picture
WORDS = (
    "Hello, are you open today?",
    "Great! My gears are slipping. Can you repair that, and how long would it take?",
)


def main() -> None:
    """Writes the pictures of the phone page, the console and the desk beside this file."""
    path = find_chromium()
    if path is None:
        sys.exit("Chromium is not installed.")
    for scheme, ending in (("light", ".png"), ("dark", "-dark.png")):
        phone, console, desk = (DOCS / f"{name}{ending}" for name in ("phone", "console", "desk"))
        with demo() as url, chromium(path) as browser:
            take(browser, url, scheme, phone)
            take_console(browser, url, scheme, console)
            take_desk(browser, url, scheme, desk)
        for picture in (phone, console, desk):
            size = picture.stat().st_size
            print(f"{picture}: {size} bytes")
            if size > LARGEST:
                sys.exit(f"{picture.name} is larger than {LARGEST} bytes.")


@contextmanager
def demo() -> Iterator[str]:
    """`voicememo demo` as a support desk; the address of its phone page."""
    port = _free_pair()
    environment = {
        **os.environ,
        "MEMO_VOICES": "espeak",
        "MEMO_RESPONDER": "rules",
        "MEMO_RULES_FILE": str(DOCS / "support.rules.yaml"),
        "MEMO_LOG_LEVEL": "error",
        "MEMO_ADMIN_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "app", "demo", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=DOCS.parent)  # noqa: S603 - our own
    url = f"http://127.0.0.1:{port + 1}/"
    try:
        _wait_for(url, process)
        _wait_for(f"http://127.0.0.1:{port}/readyz", process)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def take(browser: Browser, url: str, scheme: str, target: Path) -> None:
    """Writes, waits for the memos, plays the last one, and takes the picture meanwhile."""
    page = browser.new_page(
        viewport={"width": 1000, "height": 770},
        device_scale_factor=1.5,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(url)
    for number, words in enumerate(WORDS, start=1):
        page.get_by_label("Message", exact=True).press_sequentially(words)
        page.keyboard.press("Enter")
        page.locator(".memo").nth(number - 1).wait_for()
    page.locator("#timeline").get_by_text("Delivered", exact=True).wait_for()
    page.locator(".memo .play").last.click()
    wait_until(page, "[...document.querySelectorAll('audio')].at(-1).currentTime > 3.2", timeout=30)
    page.mouse.move(480, 600)
    page.screenshot(path=target)
    page.close()


def take_console(browser: Browser, url: str, scheme: str, target: Path) -> None:
    """Logs in to the console of the same demo, and plays the last memo of its chat."""
    page = _console(browser, url, scheme)
    page.get_by_text("How it came about").last.click()
    page.locator(".memo .play").last.click()
    wait_until(page, "[...document.querySelectorAll('audio')].at(-1).currentTime > 2", timeout=30)
    page.locator(".memo").last.evaluate("node => node.scrollIntoView({ block: 'center' })")
    page.screenshot(path=target)
    page.close()


def take_desk(browser: Browser, url: str, scheme: str, target: Path) -> None:
    """The person asks for a person, who takes the chat, writes, records, and begins to write."""
    phone = browser.new_page()
    phone.goto(url)
    page = _console(browser, url, scheme)
    _say(phone, "Can I talk to a person about my order, please?")
    page.get_by_text("Waiting for a person").wait_for()
    page.get_by_role("button", name="Take over").click()
    page.get_by_label("Write to").fill("Hello, this is Anna from the workshop. What is it about?")
    page.get_by_role("button", name="Send as text").click()
    phone.get_by_text("Hello, this is Anna").first.wait_for()
    _say(phone, "The new chain is too long, I think.")
    page.get_by_text("The new chain is too long").wait_for()
    page.locator("html[data-connected]").wait_for()
    page.get_by_role("button", name="Record").click()
    page.get_by_text("0:03").wait_for()
    page.get_by_role("button", name="Send recording").click()
    page.get_by_text("Colleague, recorded").wait_for()
    page.locator(".exchange").last.locator(".memo").wait_for()
    page.locator(".exchange").last.get_by_text("Delivered", exact=True).wait_for()
    page.get_by_label("Write to").fill("Bring it in tomorrow morning, and I will shorten it")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.mouse.move(500, 40)
    page.screenshot(path=target)
    page.close()
    phone.close()


def _say(phone: Page, words: str) -> None:
    phone.get_by_label("Message", exact=True).press_sequentially(words)
    phone.keyboard.press("Enter")


def _console(browser: Browser, url: str, scheme: str) -> Page:
    """The newest chat in the console of the same demo."""
    page = browser.new_page(
        viewport={"width": 1000, "height": 770},
        device_scale_factor=1.5,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    host, _, port = url.rstrip("/").rpartition(":")
    page.goto(f"{host}:{int(port) - 1}/console")
    log_in(page)
    page.locator(".chat").first.click()
    return page


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer")


def _free_pair() -> int:
    """A port that is free, and so is the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


if __name__ == "__main__":
    main()
