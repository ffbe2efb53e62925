"""axe-core: what in a page keeps somebody from reading or using it.

It is installed once, as locked in `tests/axe`. Called by the tests of pages in a real browser.
"""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from support.npm import installed

WIDTHS = {"desktop": (1366, 768), "phone": (360, 740)}
"""What pages are looked at in: a school's PC and a child's phone, in CSS pixels."""

_STICKS_OUT = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.body.querySelectorAll("*")]
        .filter((one) => one.getBoundingClientRect().right > width + 1)
        .map((one) => one.outerHTML.slice(0, 160));
}"""


def faults(page: Page) -> list[str]:
    """What axe-core finds in the page, and what has to be scrolled to sideways, at any width."""
    found = []
    for name, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{name}: {one}" for one in (*_violations(page), *_wide(page))]
    return found


def _violations(page: Page) -> list[str]:
    page.evaluate(_program())
    result: dict[str, Any] = page.evaluate("() => axe.run()")
    return [
        f"{each['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for each in result["violations"]
        for node in each["nodes"]
    ]


def _wide(page: Page) -> list[str]:
    return [f"sticks out: {one}" for one in page.evaluate(_STICKS_OUT)]


@cache
def _program() -> str:
    program = installed("axe") / "node_modules" / "axe-core" / "axe.min.js"
    return program.read_text("utf-8")
