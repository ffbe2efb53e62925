"""A guest from abroad: the park in English, and a computer that goes off in mid-lesson."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Page, expect
from support.lesson import MINUTE
from support.park import Park
from support.waiting import eventually

from technopark.engine.client import open_engine
from technopark.engine.parent import find_parent

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@contextmanager
def a_slow_start(park: Park) -> Iterator[None]:
    """The parent of servers stands still: whoever waits sees the waiting page for a while."""
    with closing(open_engine(park.settings.engine)) as engine:
        parent = find_parent(engine, park.settings.network.name)
        assert parent, "the park forks its servers"
        engine.pause(parent.id)
        try:
            yield
        finally:
            engine.unpause(parent.id)


def test_a_lesson_in_english_goes_on_after_the_computer_went_off(
    park: Park, sit_down: Open
) -> None:
    page = sit_down("kirill", locale="en-GB", may_log=r"status of (424|503)")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="My classes")).to_be_visible()
    with a_slow_start(park):
        page.get_by_role("link", name="Start the lesson").click()
        # Not by its words alone: they stand there twice, the second time for screen readers.
        expect(page.locator("#message")).to_have_text(
            "Your turn! Your computer is switching on.", timeout=MINUTE
        )
        expect(page.get_by_role("link", name="Try again")).to_be_hidden()
    page.wait_for_url("**/lab**", timeout=2 * MINUTE)
    expect(page.get_by_role("menuitem", name="Run")).to_be_visible(timeout=2 * MINUTE)
    expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
    page.locator("[data-id=filebrowser]").first.click()
    expect(page.get_by_text("materials")).to_be_visible()
    lab = page.url
    home = f"{park.address}/hub/home"
    page.goto(home)
    open_engine(park.settings.engine).kill(park.container("kirill", "bio-7v")["Id"])
    start = page.get_by_role("link", name="Start the lesson")
    eventually(lambda: page.goto(home) and start.is_visible(), 20, "the hub notices")
    page.goto(lab)
    expect(
        page.get_by_role("heading", name=re.compile("computer in the park is off"))
    ).to_be_visible()
    page.get_by_role("link", name="Start again").click()
    expect(page.get_by_role("menuitem", name="Run")).to_be_visible(timeout=2 * MINUTE)
