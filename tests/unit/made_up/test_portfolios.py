"""A made-up city has portfolios: works with pages, consents, and letters where parents agreed."""

from datetime import date

from sqlalchemy import select

from technopark.made_up.plan import City
from technopark.made_up.portfolios import portfolios
from technopark.path import shelf, works
from technopark.path.consents import Purpose, holding
from technopark.settings import Settings
from technopark.store import Letter, ShownWork, Store


def test_the_same_city_shows_the_same_works(village: City) -> None:
    assert portfolios(village) == portfolios(village)


def test_curators_find_works_of_pupils_whose_parents_agreed(
    settings: Settings, store: Store, village: City
) -> None:
    with store.read() as session:
        found = works.search(session, [], "", None, 1, date(village.year + 1, 5, 1))
        every = session.scalars(select(ShownWork)).all()
        assert 0 < found.total < len(every)
        for row in found.rows:
            assert Purpose.WORKS in holding(session, row.work.person_name)
            assert shelf.read(settings, row.work)


def test_an_age_finds_pupils_of_this_age(store: Store, village: City) -> None:
    spring = date(village.year + 1, 5, 1)
    grades = {pupil.name: pupil.grade for pupil in village.pupils}
    with store.read() as session:
        every = works.search(session, [], "", None, 1, spring)
        grade = grades[every.rows[0].work.person_name]
        found = works.search(session, [], "", grade + 6, 1, spring)
    assert found.rows
    assert {grades[row.work.person_name] for row in found.rows} == {grade}


def test_nobody_is_written_to_whose_parents_did_not_agree(store: Store, village: City) -> None:
    with store.read() as session:
        for letter in session.scalars(select(Letter)):
            assert Purpose.LETTERS in holding(session, letter.person_name)
