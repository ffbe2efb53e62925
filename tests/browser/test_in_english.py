"""A guest from abroad: the park in English, and a computer that goes off in mid-lesson."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.lesson import MINUTE
from support.park import Park
from support.waiting import eventually

from technopark.engine.client import open_engine

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
EVENTS = "text/event-stream"


def test_a_lesson_in_english_goes_on_after_the_computer_went_off(
    park: Park, sit_down: Open
) -> None:
    page = sit_down("kirill", locale="en-GB", may_log=r"status of (424|503)")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="My classes")).to_be_visible()
    hold = 'data: {"progress": 30}\n\n'
    page.route("**/progress*", lambda asked: asked.fulfill(body=hold, content_type=EVENTS))
    page.get_by_role("link", name="Start the lesson").click()
    expect(page.get_by_text("Getting your class ready")).to_be_visible()
    expect(page.get_by_role("link", name="Try again")).to_be_hidden()
    page.unroute("**/progress*")
    page.reload()
    page.wait_for_url("**/lab**", timeout=2 * MINUTE)
    expect(page.get_by_role("menuitem", name="Run")).to_be_visible(timeout=2 * MINUTE)
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
