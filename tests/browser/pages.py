"""Pages that tests use one after the other.

A profile of its own, its window and its first page take twice the processor time of a page that is
loaded anew: what a page keeps is cleared instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

DESK: ViewportSize = {"width": 1180, "height": 860}


@dataclass
class _Shared:
    page: Page
    profile: dict[str, Any]
    is_taken: bool = True


class Pages:
    """The pages of a browser, and what went wrong in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._shared: list[_Shared] = []
        self._own: list[Page] = []
        self._problems: list[str] = []

    def take(
        self,
        url: str,
        *,
        own: bool = False,
        cookies: Any = (),
        viewport: ViewportSize = DESK,
        color_scheme: Any = "light",
        reduced_motion: Any = "reduce",
        **profile: Any,
    ) -> Page:
        """A page that has loaded this address and knows nothing of earlier ones.

        own: whether it is closed at the end of the test, as one must be that got a script for every
        page. profile: Playwright's options for a profile.
        """
        page = self._new_page(profile) if own else self._free_page(profile)
        if own:
            self._own.append(page)
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        if cookies:
            page.context.add_cookies(cookies)
        page.goto(url)
        return page

    def give_back(self) -> list[str]:
        """Ends the use of all pages. What went wrong in them: errors and breaches of the content
        security policy."""
        for page in self._own:
            page.context.close()
        for shared in self._shared:
            if shared.is_taken:
                _clear(shared.page)
                shared.is_taken = False
        self._own = []
        problems, self._problems = self._problems, []
        return problems

    def close(self) -> None:
        for shared in self._shared:
            shared.page.context.close()

    def _free_page(self, profile: dict[str, Any]) -> Page:
        for shared in self._shared:
            if not shared.is_taken and shared.profile == profile:
                shared.is_taken = True
                return shared.page
        self._shared.append(_Shared(self._new_page(profile), profile))
        return self._shared[-1].page

    def _new_page(self, profile: dict[str, Any]) -> Page:
        page = self._browser.new_context(**profile).new_page()
        page.on("pageerror", lambda error: self._problems.append(f"{error.message}\n{error.stack}"))
        page.on("console", self._record)
        return page

    def _record(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self._problems.append(message.text)


def _clear(page: Page) -> None:
    page.unroute_all()
    page.context.set_offline(False)
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.context.clear_cookies()
    page.goto("about:blank")
