"""A pupil drives the first robot and sees it in 3D."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from support.lesson import MINUTE, Lesson, PupilDesk, TeacherDesk
from support.park import Park

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

FIRST_DRIVE = Lesson(
    "robots-5b", "5Б · Первый робот", "robotics-start", "first-drive", "timur", "Журавлёв, Тимур"
)
COLOURS_OF_A_SCENE = 50
"""A blank canvas has one colour; floor, grid, robot and shadows have hundreds."""


def test_the_robot_really_shows(park: Park, sit_down: Open) -> None:
    teacher = TeacherDesk(sit_down("oleg-ivanovich"), FIRST_DRIVE)
    timur = PupilDesk(sit_down(FIRST_DRIVE.pupil), park, FIRST_DRIVE)
    teacher.open_grading()
    teacher.generate_and_release()
    timur.open_lesson()
    timur.fetch()
    timur.solve()
    scene = timur.page.locator(".jp-OutputArea canvas").first
    scene.scroll_into_view_if_needed()
    expect(scene).to_be_visible(timeout=MINUTE)
    assert colours(scene) > COLOURS_OF_A_SCENE


def colours(canvas: Locator) -> int:
    """How many colours the browser really paints there."""
    picture = Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")
    return len(picture.getcolors(maxcolors=1 << 24) or [])
