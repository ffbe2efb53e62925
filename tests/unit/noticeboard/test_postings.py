"""Who may post where, what is refused, and what a change does to a posting."""

from datetime import timedelta

import pytest
from support.noticeboard import CHIEF, NOW, ZONE, add_partners, post, read, said

from technopark.noticeboard import postings, search
from technopark.noticeboard.search import Wanted
from technopark.people import classrooms, rights
from technopark.people.refused import Refused
from technopark.store import Posting, Store

# who, and whether they may post: for north, for south, for the whole park, for north and south in
# the institute's name; whether they may take part; whether they see who joins something of north
TABLE = [
    ("00 a pupil", "masha", "no no no no no yes no"),
    ("01 a teacher", "anna", "no no no no no no no"),
    ("02 an author", "writer", "no no no no no no no"),
    ("03 the curator of the institute, which helps the north", "mentor", "no no no yes no no no"),
    ("04 a curator of no partner", "idler", "no no no no no no no"),
    ("05 whom the file names, without the role", "impostor", "no no no no no yes no"),
    ("06 the admin of the site", "north-admin", "yes no no yes no no yes"),
    ("07 the admin of another site", "south-admin", "no yes no no yes no no"),
    ("08 the admin of the park", "chief", "yes yes yes yes yes no yes"),
    ("09 somebody of the park", "passer-by", "no no no no no yes no"),
]


@pytest.mark.parametrize(
    ("who", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_who_may_post_where(park: Store, who: str, wanted: str) -> None:
    add_partners(park)
    with park.write() as session:
        for name in ("idler", "impostor"):
            classrooms.ensure_person(session, name, name, "south")
        session.flush()
        classrooms.ensure_grant(session, "idler", "curator")
    with park.read() as session:
        me = rights.standing(session, who)
        assert me
        said_yes = [
            rights.may_post(me, "north", None),
            rights.may_post(me, "south", None),
            rights.may_post(me, None, None),
            rights.may_post(me, "north", "institute"),
            rights.may_post(me, "south", "institute"),
            rights.may_take_part(me),
            rights.may_see_who_joins(me, "north"),
        ]
        offered = {desk.key for desk in search.desks(session, me)}
    assert said_yes == [word == "yes" for word in wanted.split()]
    keys = {"north/": said_yes[0], "south/": said_yes[1], "/": said_yes[2]}
    keys |= {"north/institute": said_yes[3]}
    assert offered - {"south/works"} == {key for key, may in keys.items() if may}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"title": ""}, "title"),
        ({"title": "д" * 121}, "title"),
        ({"text": " \n"}, "text"),
        ({"text": "д" * 10_001}, "text"),
        ({"place": "д" * 201}, "place"),
        ({"site": "nowhere"}, "where"),
        ({"partner": "works"}, "where"),
        ({"partner": "nobody"}, "where"),
        ({"starts_at": None}, "starts"),
        ({"ends_at": NOW}, "ends"),
        ({"age_from": 4}, "age_from"),
        ({"age_to": 40}, "age_to"),
        ({"age_from": 12, "age_to": 10}, "age_to"),
        ({"seats": 0}, "seats"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(
    park: Store, more: dict[str, object], field: str
) -> None:
    add_partners(park)
    with pytest.raises(Refused) as refused:
        post(park, **more)
    assert refused.value.field == field


def test_what_is_past_is_not_published(park: Store) -> None:
    with pytest.raises(Refused, match="time is over"):
        post(park, starts_at=NOW - timedelta(days=2))
    assert post(park, starts_at=NOW - timedelta(hours=1)), "today it may have begun"


def test_what_is_over_may_still_be_told_of(park: Store) -> None:
    number, later = post(park), NOW + timedelta(days=9)
    with park.write() as session:
        one = session.get_one(Posting, number)
        postings.change(session, CHIEF, one, said(text="Было здорово."), one.number, later, ZONE)
    assert read(park, number).text == "Было здорово."


def test_what_is_to_come_is_not_moved_into_the_past(park: Store) -> None:
    number, moved = post(park), said(starts_at=NOW - timedelta(days=2))
    with park.write() as session:
        one = session.get_one(Posting, number)
        with pytest.raises(Refused, match="time is over"):
            postings.change(session, CHIEF, one, moved, one.number, NOW, ZONE)


def test_two_who_change_it_at_once_do_not_lose_each_others_words(park: Store) -> None:
    number = post(park)
    with park.write() as session:
        one = session.get_one(Posting, number)
        seen = one.number
        postings.change(session, CHIEF, one, said(title="Первый"), seen, NOW, ZONE)
    with park.write() as session:
        one = session.get_one(Posting, number)
        with pytest.raises(Refused, match="Somebody changed this"):
            postings.change(session, CHIEF, one, said(title="Второй"), seen, NOW, ZONE)
    assert read(park, number).title == "Первый"


def found(park: Store, **wanted: object) -> list[str]:
    with park.read() as session:
        page = search.published(session, Wanted(**wanted), NOW, 1)  # type: ignore[arg-type]
        return [row.posting.title for row in page.rows]


def test_it_is_found_by_words_kind_age_and_site(park: Store) -> None:
    add_partners(park)
    post(park, title="Поздно", starts_at=NOW + timedelta(days=9), site="south", age_from=14)
    post(park, title="Рано", starts_at=NOW + timedelta(hours=1), age_from=8, age_to=10)
    post(park, title="Проект БЕЗ дня", kind="project", starts_at=None, site=None)
    post(park, title="Черновик", is_published=False)
    assert found(park) == ["Рано", "Поздно", "Проект БЕЗ дня"]
    assert found(park, words="проект без") == ["Проект БЕЗ дня"]
    assert found(park, words="ВИРУС рано") == ["Рано"]
    assert found(park, words="100%") == []
    assert found(park, kind="event") == ["Рано", "Поздно"]
    assert found(park, site="south") == ["Поздно"]
    assert found(park, age=9) == ["Рано", "Проект БЕЗ дня"]
    assert found(park, age=15) == ["Поздно", "Проект БЕЗ дня"]
    assert found(park, is_over=True) == []


def test_lists_have_pages_of_fifty(park: Store) -> None:
    for number in range(51):
        post(park, title=f"№ {number}")
    with park.read() as session:
        page = search.published(session, Wanted(), NOW, 2)
    assert (len(page.rows), page.pages, page.total) == (1, 2, 51)
