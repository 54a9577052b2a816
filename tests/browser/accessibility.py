"""What makes a page hard to use, as axe-core finds it, and a small screen."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page, ViewportSize

from tests.browser.pages import DESK

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
SMALL: dict[str, Any] = {
    "viewport": {"width": 360, "height": 640},
    "has_touch": True,
    "is_mobile": True,
}
_WIDTHS = (320, 390, 768, 1280)
_RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
_OPTIONS: dict[Any, Any] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": _RULES_OF_COLOUR},
}
_RUN = """async options => {
  await Promise.all(document.getAnimations().map(one => one.finish?.call(one)));
  return (await axe.run(options)).violations;
}"""


def violations(page: Page) -> list[str]:
    """What axe-core finds in the light, and then in the dark, in which only the colours differ,
    once nothing moves any more."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = []
    for scheme, options in _OPTIONS.items():
        page.emulate_media(color_scheme=scheme)
        found += [
            f"{scheme}: {one['id']}: {node['html'][:120]}"
            for one in page.evaluate(_RUN, options)
            for node in one["nodes"]
        ]
    return found


def violations_at_both_sizes(page: Page) -> list[str]:
    """`violations` on a page as wide as on a desk and then, as it stays, as on a phone."""
    small: ViewportSize = SMALL["viewport"]
    found = []
    for size in (DESK, small):
        page.set_viewport_size(size)
        found += [f"{size['width']} pixels wide: {one}" for one in violations(page)]
    return found


def problems(page: Page) -> list[str]:
    """`violations_at_both_sizes`, and where the page is `cut_off`; it stays as on a phone."""
    cut = [f"cut off at {width} pixels" for width in cut_off(page)]
    return cut + violations_at_both_sizes(page)


def cut_off(page: Page) -> list[int]:
    """The widths of a screen, in pixels, at which the page would have to be scrolled sideways."""
    found = []
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(width)
    return found
