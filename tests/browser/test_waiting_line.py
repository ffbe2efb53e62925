"""A class waits in line: what pupils and their teacher see in their browsers, and that it moves.

Hub, proxy and portal are real; engine and servers are stand-ins that can be held still.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect
from support.hub_with_stand_ins import TEACHER, hub_with_stand_ins
from support.lesson import MINUTE
from support.park import Park
from support.portal import portal_beside

from technopark.bench.hub.people import Visit
from technopark.bench.hub.place import Place

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

ROOM = "room-0000"
PUPILS = ("masha", "petya", "olya")


@pytest.fixture
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Park, Place]]:
    """A hub with the test's own rules for the line."""
    coming = [Visit(name, ROOM) for name in PUPILS]
    folder = tmp_path_factory.mktemp("hub")
    with (
        hub_with_stand_ins(folder, coming, admission=request.param) as (park, place),
        portal_beside(place),
    ):
        yield park, place


@pytest.fixture
def park(hub: tuple[Park, Place]) -> Park:
    return hub[0]


@contextmanager
def held_still(place: Place) -> Iterator[None]:
    """Whoever has the turn has it until the end of the block."""
    os.kill(place.pids["stand-ins"], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(place.pids["stand-ins"], signal.SIGCONT)


def come(page: Page, park: Park, name: str) -> None:
    page.goto(f"{park.address}/hub/spawn/{name}/{ROOM}")


def look_on(teacher: Page, park: Park) -> None:
    """Opens the page of the class as it is now."""
    teacher.goto(f"{park.settings.web.service_address('portal')}classrooms/{ROOM}/live")


def state_of(teacher: Page, name: str) -> Locator:
    return teacher.locator(f"#pupil-{name} .state")


@pytest.mark.parametrize("hub", [{"at_a_time": 1}], indirect=True)
def test_everybody_sees_the_place_and_the_teacher_sees_the_class_fill_up(
    hub: tuple[Park, Place], sit_down: Open
) -> None:
    park, place = hub
    teacher = sit_down(TEACHER + ROOM)
    look_on(teacher, park)
    expect(teacher.get_by_text("Готовы: 0 из 3")).to_be_visible()
    pages = {
        name: sit_down(name, locale, may_log=r"status of 404")  # stand-ins have no Lab
        for name, locale in zip(PUPILS, ("ru-RU", "ru-RU", "en-GB"), strict=True)
    }
    with held_still(place):
        for name, page in pages.items():
            come(page, park, name)
        said = {name: page.locator("#message") for name, page in pages.items()}
        expect(said["masha"]).to_contain_text("Твоя очередь!", timeout=MINUTE)
        expect(said["petya"]).to_contain_text("Следующая очередь — твоя!", timeout=MINUTE)
        expect(said["olya"]).to_contain_text("Your place in line: 2 of 2.", timeout=MINUTE)
        for name, state in zip(
            PUPILS, ("включается", "в очереди, место 1", "в очереди, место 2"), strict=True
        ):
            expect(state_of(teacher, name)).to_have_text(state, timeout=MINUTE)
    for name, page in pages.items():
        page.wait_for_url(f"**/user/{name}/{ROOM}/**", timeout=MINUTE)
    expect(teacher.get_by_text("Готовы: 3 из 3")).to_be_visible(timeout=MINUTE)


@pytest.mark.parametrize("hub", [{"keep_free": "1000T"}], indirect=True)
def test_a_refusal_says_why_and_whom_to_tell_and_the_teacher_sees_it(
    hub: tuple[Park, Place], sit_down: Open
) -> None:
    park, _ = hub
    teacher = sit_down(TEACHER + ROOM)
    look_on(teacher, park)
    masha = sit_down("masha", may_log=r"status of 503")
    come(masha, park, "masha")
    expect(masha.get_by_text("слишком мало памяти")).to_be_visible(timeout=MINUTE)
    expect(masha.get_by_text("Скажи об этом учителю")).to_be_visible()
    expect(state_of(teacher, "masha")).to_have_text("не включился", timeout=MINUTE)
