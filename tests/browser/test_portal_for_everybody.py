"""Every page of the portal can be read and used by everybody: axe-core, at a PC and on a phone.

The portal runs in this process over a made-up village; it needs neither engine nor images here. A
page that `portal_pages` does not name fails a test, and so is walked from its first day on.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from support.axe import faults
from support.live_class import Hub, Server
from support.portal_here import pages_of, portal_here
from support.service import running

from technopark.bench.portal_pages import NO_PAGES, PAGES, Cast, Look, cast
from technopark.language import LANGUAGES
from technopark.made_up.city import city
from technopark.made_up.fill import fill
from technopark.people import audit, finding, join_codes, keeping, moves
from technopark.people.audit import Did
from technopark.portal.app import pages
from technopark.portal.frame import PREFIX
from technopark.safety import deletion
from technopark.settings import SOURCE, Settings
from technopark.store import Classroom, Store, open_store

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
LOCALES = {"ru": "ru-RU", "en": "en-GB"}
in_both_languages = pytest.mark.parametrize("language", LANGUAGES)


@dataclass(frozen=True)
class Portal:
    """Where it is, and who is there."""

    url: str
    cast: Cast
    closed: str
    """A classroom that is closed."""
    gone: str
    """Somebody who has left."""
    works: Callable[[], None]
    """Pupils of the class report what they are at; such a report is good for a short time."""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A village in which somebody has left, a class is closed, and one works just now."""
    folder = tmp_path_factory.mktemp("portal")
    settings = Settings(data=folder, sites=SOURCE / "config" / "sites.yaml")
    town, hub = city(seed=7, scale=0.02), Hub()
    people = cast(town)
    closed = next(room.id for room in town.rooms if room.id != people.room)
    gone = next(one.name for one in town.pupils if one.name != people.pupil)
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(settings.database_url)))
        fill(settings, store, town)
        _something_happens(store, people, closed, gone)
        hub_url = stack.enter_context(running(hub.app()))
        stack.callback(setattr, hub, "is_away", True)  # its streams end
        app = portal_here(settings, store, f"{hub_url}/hub/api", lambda: NOW)
        url = stack.enter_context(running(app))
        [room] = [one for one in town.rooms if one.id == people.room]
        pupils = [name for name in room.pupils if name != gone]
        works = _class_at_work(hub, url, room.id, pupils)
        yield Portal(url, people, closed, gone, works)


def _something_happens(store: Store, people: Cast, closed: str, gone: str) -> None:
    with store.write() as session:
        admin = people.names["admin"]
        room = session.get_one(Classroom, people.room)
        join_codes.make(session, room, admin, NOW, timedelta(days=1))
        audit.note(session, admin, Did.CODE_MADE, room=room)
        audit.note(session, people.names["teacher"], Did.PERSON_SEEN, whom=people.pupil)
        keeping.close(session, session.get_one(Classroom, closed))
        moves.leave(session, finding.person(session, gone))
        pupils = finding.members(session, people.room, "pupil")
        deletion.ask(session, admin, next(one for one in pupils if one.name != people.pupil))


def _class_at_work(hub: Hub, url: str, room: str, pupils: list[str]) -> Callable[[], None]:
    """Pupils are in every state that the page of a class knows."""
    states = [("waiting", 2), ("starting", None), ("refused", None), *[("ready", None)] * 5]
    for name, (state, place) in zip(pupils, states, strict=False):
        hub.put(name, state, place, room)
    work = {"notebook": "Первые шаги.ipynb", "task": "2", "passed": 1, "tests": 3}
    stuck, hands = {"error": "NameError", "error_seconds": 3600}, count(1)

    def report() -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as http:
            more = ({}, {"hand": next(hands)}, stuck, {"error": "KeyError"})
            for name, also in zip(pupils[3:], more, strict=False):
                Server(http, name, room).report(**work, **also)

    return report


@pytest.fixture
def sit_down(portal: Portal, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Sits somebody down at a browser, signed in."""
    portal.works()
    with ExitStack() as stack:

        def sit(name: str, language: str) -> Page:
            context = chromium.new_context(
                locale=LOCALES[language], base_url=portal.url, extra_http_headers={"X-Name": name}
            )
            stack.callback(context.close)
            return context.new_page()

        yield sit


def see(page: Page, path: str, status: int = 200) -> None:
    answer = page.goto(f"{PREFIX}{path}")
    assert answer
    assert answer.status == status, path


LOOKS = [look for looks in PAGES.values() for look in looks]


@in_both_languages
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.who}:{look.path}")
def test_a_page_can_be_read_and_used_by_everybody(
    portal: Portal, sit_down: Callable[..., Page], look: Look, language: str
) -> None:
    page = sit_down(portal.cast.names[look.who], language)
    see(page, portal.cast.path(look))
    assert page.locator("html").get_attribute("lang") == language
    assert faults(page) == []


def test_no_page_is_forgotten() -> None:
    assert pages_of(pages()) == PAGES.keys() | NO_PAGES


def _made_without_days(page: Page, portal: Portal) -> None:
    see(page, "classrooms/new")
    page.fill("[name=title]", "6А")
    page.fill("[name=first_day]", "2026-09-01")
    page.fill("[name=last_day]", "2026-01-01")
    page.click("main form button")
    expect(page.locator("[aria-invalid]")).to_be_visible()


def _list_to_be_mended(page: Page, portal: Portal) -> None:
    see(page, f"classrooms/{portal.cast.room}/pupils")
    page.fill("[name=people]", f"Маша П.\n123\n{portal.cast.pupil}\nМаша П.")
    page.click("button[value=check]")
    expect(page.locator("table.plan")).to_be_visible()


def _wrong_code(page: Page, portal: Portal) -> None:
    see(page, "join")
    page.fill("[name=code]", "AAAA-AAAA")
    page.click("main form button")
    expect(page.locator("[aria-invalid]")).to_be_visible()


def _deadline_that_is_none(page: Page, portal: Portal) -> None:
    see(page, f"classrooms/{portal.cast.room}/deadlines")
    page.locator("summary").first.click()
    page.locator("form[action$='/one'] button").first.click()
    expect(page.locator("[aria-invalid]").first).to_be_visible()


def _code_was_made(page: Page, portal: Portal) -> None:
    see(page, f"classrooms/{portal.cast.room}")
    page.click("form[action$='/code'] button")
    expect(page.locator(".notice")).to_be_visible()


def _hand_was_lowered(page: Page, portal: Portal) -> None:
    see(page, f"classrooms/{portal.cast.room}/live")
    page.locator("button[form=lower]").first.click()
    expect(page.locator(".notice")).to_be_visible()


def _name_not_typed(page: Page, portal: Portal) -> None:
    see(page, f"people/{portal.cast.pupil}/data")
    page.click("button.danger")
    expect(page.locator("[aria-invalid]")).to_be_visible()


def _form_of_another_day(page: Page, portal: Portal) -> None:
    see(page, "join")
    page.eval_on_selector("[name=form]", "(field) => { field.value = 'old'; }")
    page.fill("[name=code]", "AAAA-AAAA")
    page.click("main form button")
    expect(page.locator("form button")).to_be_visible()


STATES: dict[str, Callable[[Page, Portal], None]] = {
    "a classroom that ends before it begins": _made_without_days,
    "a list that has to be mended": _list_to_be_mended,
    "a wrong code": _wrong_code,
    "longer, but until when": _deadline_that_is_none,
    "a code was made": _code_was_made,
    "a hand was lowered": _hand_was_lowered,
    "a deletion without the name": _name_not_typed,
    "a form that was open for too long": _form_of_another_day,
    "a closed classroom": lambda page, portal: see(page, f"classrooms/{portal.closed}"),
    "who has left": lambda page, portal: see(page, f"people/{portal.gone}"),
    "nothing was found": lambda page, _portal: see(page, "people?q=zzzz"),
    "there is no such page": lambda page, _portal: see(page, "nowhere", 404),
}


@in_both_languages
@pytest.mark.parametrize("state", STATES)
def test_what_comes_after_a_click_can_be_read_by_everybody(
    portal: Portal, sit_down: Callable[..., Page], state: str, language: str
) -> None:
    page = sit_down(portal.cast.names["admin"], language)
    STATES[state](page, portal)
    assert faults(page) == []


@in_both_languages
def test_a_page_that_is_not_ones_own_can_be_read_by_everybody(
    portal: Portal, sit_down: Callable[..., Page], language: str
) -> None:
    page = sit_down(portal.cast.names["pupil"], language)
    see(page, "people", 403)
    assert faults(page) == []
