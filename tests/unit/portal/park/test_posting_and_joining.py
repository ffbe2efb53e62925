"""A curator posts, pupils join, wait and leave, an admin looks who comes."""

import re

import pytest
from sqlalchemy import select
from support.noticeboard import add_partners, post, read

from technopark.people.audit import Did
from technopark.portal.frame import PREFIX
from technopark.store import AuditEntry, Classroom, FeedKey, Store

from ..conftest import Open


@pytest.fixture(autouse=True)
def partners(park: Store) -> None:
    add_partners(park)


def log(park: Store) -> list[str]:
    with park.read() as session:
        return list(session.scalars(select(AuditEntry.did).order_by(AuditEntry.id)))


def fill(**more: str) -> dict[str, str]:
    return {
        "title": "День генома",
        "text": "Читаем **вирус**.\n\n<script>alert(1)</script>",
        "starts": "25.11.2026 15:00",
        "where": "north/institute",
    } | more


def test_a_curator_posts_a_draft_looks_at_it_and_publishes_it(sit_down: Open, park: Store) -> None:
    mentor = sit_down("mentor")
    assert "Post something" in mentor.see("board")
    mentor.see("board/new")
    page = mentor.press("Keep as a draft and look at it", **fill())
    assert "is kept as a draft" in page
    assert "<strong>вирус</strong>" in page
    assert "<script>" not in page
    assert "Wed 25 November 2026, 15:00" in page, "on the clock of the school"
    number = int(mentor.path.rpartition("/")[2])
    sit_down("masha").see(f"board/{number}", 404)
    assert "Draft" in mentor.see("board/kept")
    mentor.see(f"board/{number}")
    mentor.press("Publish")
    assert "День генома" in sit_down("masha").see("board")
    mentor.press("Undo")
    assert "День генома" not in sit_down("masha").see("board")
    assert log(park)[-2:] == [Did.POSTED, Did.POSTING_WITHDRAWN]


def test_what_was_typed_stays_and_the_field_says_what_is_wrong(sit_down: Open) -> None:
    mentor = sit_down("mentor")
    mentor.see("board/new")
    page = mentor.press(
        "Publish at once", 422, **fill(starts="завтра", seats="много", place="каб. 7")
    )
    assert 'aria-describedby="field-starts-help field-starts-problem"' in page
    assert "Write day and time as in" in page
    for kept in ("завтра", "много", "каб. 7", "Читаем **вирус**."):
        assert kept in page
    page = mentor.press("Publish at once", 422, **fill(seats="много"))
    assert "Write a whole number, or nothing." in page
    mentor.press("Publish at once", **fill(seats="7"))


def test_nobody_posts_where_they_may_not(sit_down: Open, park: Store) -> None:
    for name in ("masha", "anna", "writer"):
        sit_down(name).see("board/new", 403)
        sit_down(name).see("board/kept", 403)
    mentor = sit_down("mentor")
    mentor.see("board/new")
    assert "south" not in mentor.page
    assert "Choose one of your modules" in mentor.press("Publish at once", 422, **fill(where="/"))
    number = post(park, title="Школьное")
    mentor.see(f"board/{number}/edit", 404)
    for what in ("publish", "withdraw", "edit"):
        mentor.see("board/new")
        form = re.findall(r'name="form" value="([^"]+)"', mentor.page)[0]
        answer = mentor.http.post(f"{PREFIX}board/{number}/{what}", data={"form": form})
        assert answer.status_code == 404


def test_a_pupil_joins_another_waits_and_moves_up(sit_down: Open, park: Store) -> None:
    number = post(park, seats=1)
    masha, petya = sit_down("masha"), sit_down("petya")
    assert "1 free seat" in masha.see(f"board/{number}")
    assert "You take part in “День генома”." in masha.press("I take part")
    assert "All seats are taken" in petya.see(f"board/{number}")
    page = petya.press("Wait for a seat")
    assert "You are number 1 of those who wait" in page
    assert "You wait for a seat: number 1 in the line." in petya.see("")
    masha.see(f"board/{number}")
    masha.press("I do not take part")
    assert "You wait" not in petya.see("mine")
    assert "You take part." in petya.see(f"board/{number}")
    assert "You are number 1" in masha.press("Join again"), "the seat is Petya's by now"
    assert log(park).count(Did.TAKES_PART) == 3
    assert log(park).count(Did.TAKES_NO_PART) == 1


def test_who_is_too_young_is_told_so_on_the_page(sit_down: Open, park: Store) -> None:
    with park.write() as session:
        for room in ("data-6a", "robots-5b"):
            session.get_one(Classroom, room).title = "5Б · Роботы"
    number = post(park, age_from=15)
    masha = sit_down("masha")
    assert "This is for older pupils than you are in class 5" in masha.see(f"board/{number}")
    assert "I take part" not in masha.page


def test_names_are_for_the_admins_of_the_school_alone(sit_down: Open, park: Store) -> None:
    number = post(park, partner="institute")
    masha = sit_down("masha")
    masha.see(f"board/{number}")
    masha.press("I take part")
    mentor = sit_down("mentor")
    page = mentor.see(f"board/{number}")
    assert "1 pupil joined: north – 1." in " ".join(re.sub(r"<[^>]*>", "", page).split())
    assert "Masha" not in page
    for name in ("mentor", "anna", "petya", "south-admin"):
        sit_down(name).see(f"board/{number}/participants", 404)
    admin = sit_down("north-admin")
    assert "Masha" in admin.see(f"board/{number}/participants")
    assert log(park)[-1] == Did.PARTICIPANTS_SEEN
    assert "The list of participants was opened" in sit_down("chief").see("log")


def test_a_change_reaches_the_page_and_two_do_not_lose_each_others_words(
    sit_down: Open, park: Store
) -> None:
    number = post(park)
    chief, admin = sit_down("chief"), sit_down("north-admin")
    chief.see(f"board/{number}/edit")
    admin.see(f"board/{number}/edit")
    assert "everybody sees it" in chief.press("Save the changes", title="День РНК")
    page = admin.press("Save the changes", 422, title="День ДНК")
    assert "Somebody changed this while you were writing" in page
    assert "День ДНК" in page
    assert read(park, number).title == "День РНК"


def test_ones_own_calendar_has_an_address_that_is_shown_once(sit_down: Open, park: Store) -> None:
    number = post(park)
    masha = sit_down("masha")
    masha.see(f"board/{number}")
    masha.press("I take part")
    masha.see("mine")
    page = masha.press("Make the address")
    (feed,) = re.findall(r"calendars/mine/[\w-]+\.ics", page)
    assert "SUMMARY:День генома" in sit_down("petya").see(feed), "calendars do not sign in"
    assert "calendars/mine/" not in masha.see("mine/feed")
    page = masha.press("Make a new address")
    sit_down("petya").see(feed, 404)
    (feed,) = re.findall(r"calendars/mine/[\w-]+\.ics", page)
    masha.press("End it")
    sit_down("petya").see(feed, 404)
    with park.read() as session:
        assert session.get(FeedKey, "masha") is None


@pytest.mark.parametrize("who", ["masha", "mentor", "chief"])
@pytest.mark.parametrize(
    "path", ["", "board", "mine", "modules", "courses", "calendars", "modules/north"]
)
def test_pages_are_light_also_when_much_is_on(
    sit_down: Open, park: Store, who: str, path: str
) -> None:
    for number in range(60):
        post(park, title=f"Событие с длинным названием, каких бывает много, № {number}", seats=9)
    assert len(sit_down(who, "ru").see(path).encode()) < 100_000
