"""Calendars that look at the park see what is on, in the zone of the school."""

from datetime import timedelta

import icalendar
from support.noticeboard import NOW, ZONE, post

from technopark.noticeboard import feed_keys, feeds, postings, taking_part
from technopark.people import rights
from technopark.store import FeedKey, Person, Posting, Site, Store

ADDRESS = "https://park.example/services/portal/board/"


def events(park: Store, name: str = "", site: str = "") -> list[icalendar.Event]:
    with park.read() as session:
        if name:
            found = feeds.of_person(session, name, NOW, ZONE)
        elif site:
            found = feeds.of_site(session, site, NOW, ZONE)
        else:
            found = feeds.of_park(session, NOW, ZONE)
    text = feeds.calendar("Технопарк", found, ADDRESS, "park.example")
    return icalendar.Calendar.from_ical(text).walk("VEVENT")


def test_an_event_is_at_its_time_on_the_clock_of_the_school(park: Store) -> None:
    with park.write() as session:
        session.get_one(Site, "north").timezone = "Asia/Omsk"
    number = post(park, place="каб. 7", ends_at=NOW + timedelta(days=1, hours=3))
    (event,) = events(park)
    assert event["DTSTART"].params["TZID"] == "Asia/Omsk"
    assert event["DTSTART"].dt == NOW + timedelta(days=1, hours=2)
    assert event["DTSTART"].dt.hour == 15
    assert str(event["SUMMARY"]) == "День генома"
    assert str(event["LOCATION"]) == "каб. 7, north"
    assert str(event["DESCRIPTION"]) == "Читаем вирус."
    assert str(event["URL"]) == f"{ADDRESS}{number}"
    assert str(event["UID"]) == f"posting-{number}@park.example"


def test_a_change_has_a_higher_number_and_what_is_withdrawn_is_struck_out(park: Store) -> None:
    number = post(park)
    (before,) = events(park)
    with park.write() as session:
        postings.withdraw(session.get_one(Posting, number), NOW + timedelta(minutes=1))
    (after,) = events(park)
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_drafts_and_what_has_no_day_are_in_no_calendar(park: Store) -> None:
    post(park, is_published=False)
    post(park, kind="project", starts_at=None)
    assert events(park) == []


def test_a_module_has_its_own_alone(park: Store) -> None:
    post(park)
    post(park, title="На юге", site="south")
    assert [str(one["SUMMARY"]) for one in events(park, site="south")] == ["На юге"]
    assert len(events(park)) == 2


def test_ones_own_has_what_was_joined_and_says_what_is_not_sure(park: Store) -> None:
    number = post(park, seats=1)
    post(park, title="Не моё")
    for name in ("petya", "masha"):
        with park.write() as session:
            who = rights.standing(session, name)
            assert who
            taking_part.join(session, who, session.get_one(Posting, number), NOW)
    assert [one["STATUS"] for one in events(park, "petya")] == ["CONFIRMED"]
    assert [one["STATUS"] for one in events(park, "masha")] == ["TENTATIVE"]


def test_a_secret_opens_one_persons_feed_until_it_is_renewed(park: Store) -> None:
    def owner(secret: str) -> str | None:
        with park.read() as session:
            found = feed_keys.owner(session, secret)
            return found.name if found else None

    with park.write() as session:
        first = feed_keys.renew(session, "masha", NOW)
    assert owner(first) == "masha"
    with park.read() as session:
        assert first not in str(session.get_one(FeedKey, "masha").secret_hash)
    with park.write() as session:
        second = feed_keys.renew(session, "masha", NOW)
    assert (owner(first), owner(second), owner("")) == (None, "masha", None)
    with park.write() as session:
        session.get_one(Person, "masha").active = False
    assert owner(second) is None, "who left the park has no feed"
