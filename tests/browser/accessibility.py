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


def violations(page: Page) -> list[str]:
    """What axe-core finds, once nothing moves any more."""
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finish?.call(one)))")
    page.evaluate(AXE)
    found = page.evaluate("axe.run({ resultTypes: ['violations'] }).then(all => all.violations)")
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
