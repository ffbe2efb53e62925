"""A real browser: Debian's Chromium, a context for each person, a picture where a test fails."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from support.park import Park

from technopark.bench.browsers import steady_network

PICTURES = Path(__file__).resolve().parents[2] / "var" / "test-pictures"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # WebGL without a graphics card.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
# What the packages we show write into the console themselves, and nobody sees.
KNOWN_CONSOLE_ERRORS = (
    re.compile(r"t\.on is not a function"),  # pythreejs 2.4.2 in Lab 4
)
Open = Callable[..., Page]


@pytest.fixture(scope="session", autouse=True)
def quiet_network() -> Iterator[None]:
    with steady_network():
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def sit_down(request: pytest.FixtureRequest, chromium: Browser, park: Park) -> Iterator[Open]:
    """Sits somebody down at a PC of their own and signs them in; checks the console at the end."""
    pages: dict[str, Page] = {}
    errors: list[str] = []
    expected = list(KNOWN_CONSOLE_ERRORS)

    def open_page(name: str, locale: str = "ru-RU", may_log: str = "") -> Page:
        if may_log:
            expected.append(re.compile(may_log))
        context = chromium.new_context(locale=locale, viewport={"width": 1366, "height": 768})
        context.set_default_timeout(60_000)
        pages[name] = page = context.new_page()
        watch(page)
        context.on("page", watch)
        page.goto(park.address)
        page.fill("#username", name)
        page.fill("#password", park.words[name])
        page.click("button.big")
        page.wait_for_url("**/hub/home")
        return page

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: note(str(error)))
        page.on("console", listen)

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            note(f"{message.text} ({message.location['url']})")

    def note(error: str) -> None:
        if not any(known.search(error) for known in expected):
            errors.append(error)

    yield open_page
    failed = getattr(request.node, "failed", True)
    for name, page in pages.items():
        if failed:
            PICTURES.mkdir(parents=True, exist_ok=True)
            for number, shown in enumerate(page.context.pages):
                shown.screenshot(path=PICTURES / f"{request.node.name}-{name}-{number}.png")
        page.context.close()
    assert errors == [], "the browser's console has errors"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if call.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report
