"""Debian's Chromium, driven headless through Playwright.

The build without windows is preferred: the same pages take a third less of the processor.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_WITHOUT = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
    "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter",
    "PaintHolding", "OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "AimEnabled",
)  # fmt: skip
_ARGUMENTS = (
    "--no-sandbox",  # Containers forbid the sandbox, and the pages are our own.
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # Without the two pages that wait behind the address bar of each window, a second of work. The
    # rest of the list is that of Playwright, which ours replaces.
    f"--disable-features={','.join(_WITHOUT)}",
)


def find_chromium() -> str | None:
    """The path of the browser, or None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A running browser whose microphone is a beeping fake."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield browser
        browser.close()
