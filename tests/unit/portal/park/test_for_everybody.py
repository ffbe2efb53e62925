"""Modules, courses and what is on are for everybody to read: parents do not sign in."""

import re
from collections.abc import Iterator

import httpx
import icalendar
import pytest
from support.noticeboard import NOW, add_partners, post

from technopark.portal.frame import PREFIX
from technopark.portal.visits import FORM_FIELD
from technopark.store import CourseVersion, Store


@pytest.fixture
def parent(url: str, park: Store) -> Iterator[httpx.Client]:
    """A mother's browser, not signed in."""
    add_partners(park)
    with park.write() as session:
        session.add(
            CourseVersion(
                course="data-start",
                version="2.0.0",
                title={"ru": "Данные, ещё лучше", "en": "Data, better"},
                summary={"ru": "Измеряем пингвинов.", "en": "We measure penguins."},
                skills=[{"ru": "строить график", "en": "drawing a plot"}],
                age_from=11,
                age_to=14,
                hours=4,
                search_text="данные, ещё лучше\nизмеряем пингвинов.\nстроить график",
                image="sha256:1",
                grader_image="sha256:2",
                content="data-start/2.0.0",
                published_at=NOW,
            )
        )
    headers = {"Accept-Language": "ru"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        yield client


def see(parent: httpx.Client, path: str, status: int = 200) -> str:
    answer = parent.get(f"{PREFIX}{path}")
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def test_a_module_says_what_it_does_who_helps_and_how_to_come(
    parent: httpx.Client, park: Store
) -> None:
    post(park)
    assert "north" in see(parent, "modules")
    page = see(parent, "modules/north")
    assert "Читаем геномы." in page
    assert "Институт" in page
    assert "Завод" not in page
    assert "Данные, ещё лучше" in page
    assert "1 класс" in page
    assert "День генома" in page
    assert "Спросите учителя" in page
    see(parent, "modules/nowhere", 404)


def test_the_catalogue_shows_the_newest_version_by_words_age_and_place(
    parent: httpx.Client,
) -> None:
    assert "Данные, ещё лучше" in see(parent, "courses")
    for found in ("q=ГРАФИК", "q=график+пингвинов", "age=11", "site=north", "age=&q="):
        assert "Данные, ещё лучше" in see(parent, f"courses?{found}"), found
    for missed in ("q=робот", "age=10", "site=nowhere"):
        assert "Ничего не нашлось" in see(parent, f"courses?{missed}"), missed
    page = see(parent, "courses/data-start")
    assert "11–14 лет" in page
    assert "строить график" in page
    assert "north south" in page
    see(parent, "courses/nothing", 404)


def test_nobody_is_named_and_nothing_is_personal(parent: httpx.Client, park: Store) -> None:
    number = post(park, seats=5)
    page = see(parent, f"board/{number}")
    assert "Войти и записаться" in page
    assert "Мои объявления" not in see(parent, "board")
    html = parent.get(f"{PREFIX}board/{number}").text
    assert f'href="{PREFIX}sign-in?to=board/{number}"' in html
    assert "<form" not in html.split("<main")[1]


def test_a_draft_is_not_there(parent: httpx.Client, park: Store) -> None:
    see(parent, f"board/{post(park, is_published=False)}", 404)


def test_the_way_to_join_leads_by_the_sign_in_back_to_the_page(parent: httpx.Client) -> None:
    answer = parent.get(f"{PREFIX}sign-in?to=board/7")
    assert answer.headers["Location"].startswith("/sign-in?")
    signed_in = parent.get(f"{PREFIX}sign-in?to=board/7", headers={"X-Name": "masha"})
    assert signed_in.headers["Location"] == f"{PREFIX}board/7"
    for elsewhere in ("https://elsewhere.example", "..%2f..%2fhub", "%0d%0aSet-Cookie"):
        answer = parent.get(f"{PREFIX}sign-in?to={elsewhere}", headers={"X-Name": "masha"})
        assert answer.status_code == 422


def test_a_guest_chooses_the_language_of_the_browser(parent: httpx.Client) -> None:
    parent.get(f"{PREFIX}language/en")
    assert "What’s on in the park" in see(parent, "board")


@pytest.mark.parametrize("path", ["board/1/join", "board/1/leave", "mine/feed", "board/new"])
def test_a_guest_changes_nothing(parent: httpx.Client, park: Store, url: str, path: str) -> None:
    post(park)
    answer = parent.post(f"{PREFIX}{path}", headers={"Origin": url}, data={FORM_FIELD: "x"})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["mine", "board/new", "board/kept", "board/1/participants"])
def test_what_is_somebodys_own_needs_the_sign_in(parent: httpx.Client, path: str) -> None:
    assert parent.get(f"{PREFIX}{path}").headers["Location"].startswith("/sign-in?")


def test_calendars_come_without_signing_in(parent: httpx.Client, park: Store) -> None:
    post(park)
    for feed in ("park", "modules/north"):
        answer = parent.get(f"{PREFIX}calendars/{feed}.ics")
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert "public" in answer.headers["Cache-Control"]
        calendar = icalendar.Calendar.from_ical(answer.text)
        assert [str(one["SUMMARY"]) for one in calendar.walk("VEVENT")] == ["День генома"]
    for feed in ("modules/nowhere", "mine/made-up"):
        assert parent.get(f"{PREFIX}calendars/{feed}.ics").status_code == 404
    assert "calendars/park.ics" in see(parent, "calendars")


def test_searching_for_anything_is_answered(parent: httpx.Client) -> None:
    for asked in ("kind=party&age=x&site=%27", "q=%25_%5C", "page=0", "page=999", "over=1"):
        see(parent, f"board?{asked}")
        see(parent, f"courses?{asked}")
