"""The figures of the practice: an admin reads them, saves them, and types in what nobody counts."""

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from technopark.people import figures, rights
from technopark.people.figures import Counts
from technopark.store import Assignment, AuditEntry, Classroom, Posting, Resource, Store, Submission

from .conftest import NOW, Open

TODAY = NOW.date()
PRINTER = {"title": "Big printer", "number": "3", "since": "2026-09-01"}


def counted(park: Store, who: str = "chief") -> dict[str, Counts]:
    """The figures of the last year and of the whole time, all sites together."""
    with park.read() as session:
        standing = rights.standing(session, who)
        assert standing
        year, whole = figures.figures(session, standing, TODAY)
    return {"year": year.total, "whole": whole.total}


@pytest.fixture
def works(park: Store) -> None:
    """Masha handed in two works, one of them years ago, in a class that is long over."""
    with park.write() as session:
        old = session.get_one(Classroom, "robots-5b")
        old.active, old.last_day = False, date(2024, 5, 30)
        for room, at in (("data-6a", NOW), ("robots-5b", datetime(2024, 3, 1, tzinfo=UTC))):
            task = Assignment(classroom_id=room, name="penguins")
            session.add(task)
            session.flush()
            session.add(
                Posting(
                    kind="event",
                    state="published",
                    title=room,
                    text="",
                    starts_at=at,
                    written_by="chief",
                    changed_at=at,
                )
            )
            session.add(
                Submission(
                    id=f"r-{room}",
                    assignment_id=task.id,
                    person_name="masha",
                    manifest="0" * 64,
                    files=1,
                    size=1,
                    received_at=at,
                    signature="",
                )
            )


@pytest.mark.usefixtures("works")
def test_the_last_year_and_the_whole_time_differ(park: Store) -> None:
    found = counted(park)
    year, whole = found["year"], found["whole"]
    assert (year["pupils"], whole["pupils"]) == (2, 2), "a pupil of two classes is one pupil"
    assert (year["teachers"], whole["teachers"]) == (1, 2)
    assert (year["classrooms"], whole["classrooms"]) == (1, 2)
    assert (year["courses"], whole["courses"]) == (1, 1)
    assert (year["works"], whole["works"]) == (1, 2)
    assert (year["events"], whole["events"]) == (1, 2), "what is to come was not held yet"


@pytest.mark.usefixtures("works")
def test_the_admin_of_a_site_sees_that_site_alone(sit_down: Open, park: Store) -> None:
    assert counted(park, "south-admin")["year"]["pupils"] == 0
    assert counted(park, "south-admin")["whole"]["works"] == 1
    page = sit_down("south-admin").see("figures")
    assert "south" in page
    assert "north" not in page
    sit_down("anna").see("figures", 403)
    sit_down("anna").see("figures/table.csv", 403)
    sit_down("masha").see("figures/resources", 403)


def test_what_is_typed_in_is_counted_until_its_last_day(sit_down: Open, park: Store) -> None:
    admin = sit_down("north-admin")
    admin.see("figures/resources")
    admin.press("Add", kind="equipment", site="north", **PRINTER)
    assert "“Big printer” is counted now." in admin.page
    admin.press("Add", kind="agreement", site="north", title="Institute", since="2020-01-01")
    old = {"title": "Laser", "since": "2020-01-01", "until": "2021-01-01"}
    admin.press("Add", kind="equipment", site="north", **old)
    found = counted(park)
    assert (found["year"]["equipment"], found["whole"]["equipment"]) == (3, 4)
    assert found["year"]["agreements"] == 1
    assert counted(park, "south-admin")["whole"]["equipment"] == 0


def test_a_mistake_is_taken_away_and_that_is_undone(sit_down: Open, park: Store) -> None:
    admin = sit_down("chief")
    admin.see("figures/resources")
    admin.press("Add", kind="equipment", site="", **PRINTER)
    admin.press("Undo")
    assert counted(park)["whole"]["equipment"] == 0
    admin.press("Add", kind="equipment", site="", **PRINTER)
    admin.press("Take away: Big printer")
    assert counted(park)["whole"]["equipment"] == 0
    admin.press("Undo")
    assert counted(park)["whole"]["equipment"] == 3
    with park.read() as session:
        did = list(session.scalars(select(AuditEntry.did).order_by(AuditEntry.id)))
    assert did.count("resource-in") == 3
    assert did.count("resource-out") == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "What is it?"),
        ({"number": "0"}, "Expected a number from 1 to 10000."),
        ({"number": "three"}, "Expected a number from 1 to 10000."),
        ({"since": ""}, "Since when is it there?"),
        ({"since": "yesterday"}, "Write the day as in"),
        ({"until": "2026-08-31"}, "It would end before it begins."),
        ({"site": "south"}, "Choose one of your schools."),
        ({"site": ""}, "Choose one of your schools."),
        ({"kind": "person"}, "Say whether it is equipment or an agreement."),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    sit_down: Open, park: Store, typed: dict[str, str], words: str
) -> None:
    admin = sit_down("north-admin")
    admin.see("figures/resources")
    page = admin.press("Add", 422, **({"kind": "equipment", "site": "north"} | PRINTER | typed))
    assert words in page
    [field] = re.findall(r'name="(\w+)"[^>]*aria-invalid="true"', page)
    assert field == next(iter(typed))
    assert field == "title" or 'value="Big printer"' in page
    with park.read() as session:
        assert list(session.scalars(select(Resource))) == []


def test_another_sites_equipment_is_nobody_elses_to_take_away(sit_down: Open, park: Store) -> None:
    chief, south = sit_down("chief"), sit_down("south-admin")
    chief.see("figures/resources")
    chief.press("Add", kind="equipment", site="north", **PRINTER)
    with park.read() as session:
        [printer] = session.scalars(select(Resource))
    assert "Big printer" not in south.see("figures/resources")
    fields = {"form": re.findall(r'name="form" value="([^"]+)"', south.page)[0]}
    path = f"/services/portal/figures/resources/{printer.id}/out"
    assert south.http.post(path, data=fields).status_code == 404
    assert counted(park)["whole"]["equipment"] == 3


def test_the_figures_are_saved_as_a_table(sit_down: Open) -> None:
    admin = sit_down("chief", "ru")
    answer = admin.http.get("/services/portal/figures/table.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="figures-{TODAY}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [(row["Когда"], row["Школа"]) for row in rows] == [
        ("За последний год", "north"),
        ("За последний год", "south"),
        ("За последний год", "Всего"),
        ("За всё время", "north"),
        ("За всё время", "south"),
        ("За всё время", "Всего"),
    ]
    assert rows[-1]["Ученики"] == "2"


@pytest.mark.slow
def test_the_figures_are_drawn_on_paper(sit_down: Open) -> None:
    answer = sit_down("chief").http.get("/services/portal/figures/paper.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
