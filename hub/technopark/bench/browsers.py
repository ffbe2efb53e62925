"""Real browsers for a bench: Debian's Chromium, driven by playwright, and what a pupil does in it.

Called by the bench `page`. It needs the environment of the tests, in which playwright is.
"""

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from technopark.bench.pupil import Seat
from technopark.machine.debian import ensure_packages
from technopark.problem import Problem

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOTEBOOK = "bench.ipynb"
CODE, RESULT = "6 * 7", "42"
PATIENCE_MS = 600_000
"""A class at a stock hub takes two minutes and more."""
_KERNEL_IS_KNOWN = re.compile(r"\| (Idle|Простаивает)$")

NEW_CABLES = Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")
"""Whether network interfaces that appear from now on go without IPv6."""


class BrowserError(Problem):
    """There is no browser to measure with, or it did not show what it must."""


@contextmanager
def steady_network() -> Iterator[None]:
    """Within the block containers come and go without a change of this machine's addresses.

    Chromium drops its requests (ERR_NETWORK_CHANGED) when an address of its machine comes or goes,
    and the host's end of each container's cable gets an IPv6 address of its own. Pupils' PCs run no
    containers.
    """
    if not NEW_CABLES.exists():  # a machine without IPv6
        yield
        return
    before = NEW_CABLES.read_text(encoding="ascii")
    NEW_CABLES.write_text("1", encoding="ascii")
    try:
        yield
    finally:
        NEW_CABLES.write_text(before, encoding="ascii")


@asynccontextmanager
async def chromium() -> "AsyncIterator[Browser]":
    """A Chromium without a window, for as long as the block runs.

    Raises:
        BrowserError: playwright is not installed.
    """
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        raise BrowserError(
            "This bench drives a real browser with playwright, which comes with the tests' "
            "libraries: call `./park test lint` once, then this again."
        ) from None
    ensure_packages(["chromium"], "the browser that the bench `page` measures with")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def new_pc(browser: "Browser") -> "AsyncIterator[BrowserContext]":
    """A PC on which nobody has been yet: a context with a cache and cookies of its own.

    It is as quick as one core of this machine, if that has nothing else to do.
    """
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        await context.close()


async def first_cell(
    pc: "BrowserContext", address: str, seat: Seat, rest_ms: float = 0, slower: float = 1
) -> float:
    """Signs in, opens the notebook and runs its cell.

    Args:
        pc: the PC.
        address: of the park.
        seat: who sits down.
        rest_ms: so much longer the page stays open, in which Lab fetches what it has put off.
        slower: how many times longer the page's scripts take than on a core of this machine.

    Returns:
        When the result was on the screen, in Unix seconds.

    Raises:
        BrowserError: the cell has another result.
    """
    from playwright.async_api import TimeoutError as NotInTime

    page = await pc.new_page()
    await (await pc.new_cdp_session(page)).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    try:
        await _sign_in(page, address, seat)
        said = await _run_cell(page)
        shown = time.time()
    except NotInTime as error:
        raise BrowserError(f"The page of {seat.name} ({page.url}) came too late: {error}") from None
    if said.strip() != RESULT:
        raise BrowserError(f"The cell {CODE!r} of {seat.name} says {said!r}.")
    await page.wait_for_timeout(rest_ms)
    await page.close()
    return shown


async def _sign_in(page: "Page", address: str, seat: Seat) -> None:
    server = "/".join(filter(None, ("/user", seat.name, seat.classroom)))
    await page.goto(f"{address}/hub/login?next={quote(f'{server}/lab/tree/{NOTEBOOK}', safe='')}")
    await page.fill("input[name=username]", seat.name)
    await page.fill("input[name=password]", seat.words)
    await page.press("input[name=password]", "Enter")


async def _run_cell(page: "Page") -> str:
    # A cell that is run before Lab knows the kernel is forgotten; the line at the foot shows when.
    await page.get_by_text(_KERNEL_IS_KNOWN).first.wait_for()
    cell = page.locator(".jp-Notebook .jp-CodeCell").first
    await cell.locator(".cm-content").click()
    await page.keyboard.press("Shift+Enter")
    return await cell.locator(".jp-OutputArea-output").first.inner_text()


async def sign_out(pc: "BrowserContext") -> None:
    """The PC knows nobody any more; what it has downloaded stays, as it does in a school."""
    await pc.clear_cookies()


def notebook() -> dict[str, object]:
    """A notebook with one cell."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "first",
        "source": CODE,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
