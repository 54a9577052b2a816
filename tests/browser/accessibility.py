"""What makes a page hard to use, as axe-core finds it, and a small screen."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
SMALL: dict[str, Any] = {
    "viewport": {"width": 360, "height": 640},
    "has_touch": True,
    "is_mobile": True,
}
_WIDTHS = (320, 390, 768, 1280)
_RUN = """async () => {
  await Promise.all(document.getAnimations().map(one => one.finish?.call(one)));
  return (await axe.run({ resultTypes: ['violations'] })).violations;
}"""


def violations(page: Page) -> list[str]:
    """What axe-core finds in the light and in the dark, once nothing moves any more."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [
            f"{scheme}: {one['id']}: {node['html'][:120]}"
            for one in page.evaluate(_RUN)
            for node in one["nodes"]
        ]
    return found


def cut_off(page: Page) -> list[int]:
    """The widths of a screen, in pixels, at which the page would have to be scrolled sideways."""
    found = []
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(width)
    return found
