"""A teacher moves deadlines: for everybody, or for one pupil."""

from datetime import UTC, datetime

import pytest

from technopark.people import dues
from technopark.portal.seals import Seals
from technopark.store import Assignment, Store

from .conftest import Open

DUE = datetime(2026, 11, 25, 15, tzinfo=UTC)
"""Six in the evening in Moscow."""


@pytest.fixture
def penguins(park: Store) -> int:
    """The number of an assignment that is handed out."""
    with park.write() as session:
        made = Assignment(classroom_id="data-6a", name="penguins", due=DUE, gradebook_due=DUE)
        session.add(made)
        session.add(Assignment(classroom_id="data-6a", name="taken-back", released=False))
        session.flush()
        return made.id


def due_of(park: Store, number: int, pupil: str) -> datetime | None:
    with park.read() as session:
        return dues.due_of(session, session.get_one(Assignment, number), pupil)


def test_everybody_gets_longer_and_that_is_undone(
    sit_down: Open, park: Store, penguins: int
) -> None:
    anna = sit_down("anna")
    page = anna.see("classrooms/data-6a/deadlines")
    assert "Deadline: Wed 25 November 2026, 18:00" in page
    assert "taken-back" not in page
    anna.press("Move for everybody", due="2026-11-27T18:00")
    assert "“penguins”: the deadline is moved." in anna.page
    assert due_of(park, penguins, "masha") == DUE.replace(day=27)
    anna.press("Undo")
    assert due_of(park, penguins, "masha") == DUE
    anna.press("Move for everybody", due="")
    assert "There is no deadline." in anna.page
    anna.press("Move for everybody", due="25.11.2026 18:00")
    assert due_of(park, penguins, "masha") == DUE


def test_one_pupil_gets_longer(sit_down: Open, park: Store, penguins: int) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/data-6a/deadlines")
    anna.press("Give longer", pupil="masha", longer="2026-11-26T18:00")
    assert "“penguins”: Masha has longer now." in anna.page
    assert due_of(park, penguins, "masha") == DUE.replace(day=26)
    assert due_of(park, penguins, "petya") == DUE
    anna.press("Give longer", pupil="masha", longer="2026-11-28T18:00")
    anna.press("Undo")
    assert due_of(park, penguins, "masha") == DUE.replace(day=26)
    anna.press("Take back Masha")
    assert due_of(park, penguins, "masha") == DUE
    anna.press("Undo")
    assert due_of(park, penguins, "masha") == DUE.replace(day=26)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"pupil": ""}, "Choose a pupil of this class."),
        ({"pupil": "passer-by"}, "Choose a pupil of this class."),
        ({"longer": ""}, "Until when?"),
        ({"longer": "later"}, "Write day and time as in"),
        ({"longer": "2026-11-25T18:00"}, "Everybody has as long as that"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(
    sit_down: Open, park: Store, penguins: int, typed: dict[str, str], words: str
) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/data-6a/deadlines")
    filled = {"pupil": "masha", "longer": "2026-11-26T18:00"} | typed
    page = anna.press("Give longer", 422, **filled)
    assert words in page
    assert "<details open>" in page
    assert due_of(park, penguins, "masha") == DUE


def test_a_deadline_of_another_class_stays(sit_down: Open, park: Store, penguins: int) -> None:
    oleg = sit_down("oleg")
    oleg.see("classrooms/robots-5b/deadlines")
    assert "No assignment is handed out yet." in oleg.page
    form = {"form": Seals("secret").form("session of oleg"), "due": ""}
    path = f"/services/portal/classrooms/robots-5b/deadlines/{penguins}/all"
    assert oleg.http.post(path, data=form).status_code == 404
    assert due_of(park, penguins, "masha") == DUE


def test_the_gradebook_says_the_same_again_and_the_moved_deadline_stands(
    park: Store, penguins: int
) -> None:
    with park.write() as session:
        assignment = session.get_one(Assignment, penguins)
        dues.move(assignment, DUE.replace(day=27))
        dues.say(assignment, DUE)
        assert assignment.due == DUE.replace(day=27)
        dues.say(assignment, DUE.replace(day=30))
        assert assignment.due == DUE.replace(day=30)
