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
from playwright.sync_api import Browser

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
    """Writes the pictures of the phone page and of the console beside this file."""
    path = find_chromium()
    if path is None:
        sys.exit("Chromium is not installed.")
    for scheme, ending in (("light", ".png"), ("dark", "-dark.png")):
        phone, console = DOCS / f"phone{ending}", DOCS / f"console{ending}"
        with demo() as url, chromium(path) as browser:
            take(browser, url, scheme, phone)
            take_console(browser, url, scheme, console)
        for picture in (phone, console):
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
    page = browser.new_page(
        viewport={"width": 1000, "height": 770},
        device_scale_factor=1.5,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    host, _, port = url.rstrip("/").rpartition(":")
    page.goto(f"{host}:{int(port) - 1}/console")
    log_in(page)
    page.locator(".chat").first.click()
    page.get_by_text("How it came about").last.click()
    page.locator(".memo .play").last.click()
    wait_until(page, "[...document.querySelectorAll('audio')].at(-1).currentTime > 2", timeout=30)
    page.locator(".memo").last.evaluate("node => node.scrollIntoView({ block: 'center' })")
    page.screenshot(path=target)
    page.close()


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
