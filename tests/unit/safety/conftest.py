"""A pupil with traces wherever a park keeps any: store, exchange, gradebook, home, logs, lists."""

import json
import os
import shutil
import sys
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from jupyterhub import orm
from nbgrader.api import Gradebook
from sqlalchemy import MetaData, create_engine, select
from sqlalchemy.exc import SAWarning
from support.service import running

from technopark.bench import rehearsal
from technopark.exchange.app import create_app
from technopark.noticeboard import feed_keys, postings
from technopark.noticeboard.postings import Said
from technopark.path import shelf
from technopark.people import audit, classrooms, join_codes
from technopark.people.audit import Did
from technopark.people.rights import Standing
from technopark.settings import Database, Settings
from technopark.store import (
    Assignment,
    Classroom,
    Consent,
    Extension,
    Identity,
    IssuedCard,
    Joining,
    Lease,
    LeaseUsage,
    Letter,
    NameAtAddress,
    Person,
    ShownWork,
    SignInFailure,
    SignInRecord,
    SignOut,
    Store,
    WarmStart,
)
from technopark_grading.class_run.journal import Event, Journal, What, place

NOW = datetime.now(UTC)
NAME, FULL_NAME = "ivolgina-dasha", "Даша Ивольгина"
WORK, COMMENT = "answer = 'мои сорок семь пингвинов'", "Дашенька, посчитай ещё раз"
SHOWN = "0123456789abcdef"
"""The work in her portfolio."""
OTHERS_WORK = "answer = 'у Пети их сорок'"


@dataclass(frozen=True)
class Traces:
    """The park, and what is Dasha's in it."""

    settings: Settings
    store: Store
    ids: tuple[str, ...]
    """Of her submissions."""

    @property
    def needles(self) -> tuple[str, ...]:
        """What must be nowhere when she is deleted."""
        return (NAME, FULL_NAME, WORK, COMMENT, *self.ids)

    @property
    def data(self) -> Path:
        return self.settings.data


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    url = "" if database_url.startswith("sqlite") else database_url
    return Settings(data=tmp_path, database=Database(url=url.replace("+psycopg", "")))


@pytest.fixture(scope="session")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with marks for her and for Petya, by nbgrader itself; to be copied."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    programs = Path(sys.executable).parent
    with pytest.MonkeyPatch.context() as patch:
        # A new gradebook calls `alembic` by name.
        patch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        _grade(path)
    return path


def _grade(path: Path) -> None:
    with (
        warnings.catch_warnings(action="ignore", category=SAWarning),  # they are nbgrader's
        Gradebook(f"sqlite:///{path}") as book,
    ):
        book.add_assignment("ps1")
        book.add_notebook("ps1", "ps1")
        book.add_grade_cell("test", "ps1", "ps1", max_score=2, cell_type="code")
        book.add_solution_cell("answer", "ps1", "ps1")
        for name, first, last in ((NAME, "Даша", "Ивольгина"), ("petya", "Петя", "С")):
            book.add_student(name, first_name=first, last_name=last, email=f"{name}@park")
            book.add_submission("ps1", name)
            grade = book.find_grade("test", "ps1", "ps1", name)
            grade.manual_score = 1
            comment = book.find_comment("answer", "ps1", "ps1", name)
            comment.manual_comment = COMMENT if name == NAME else "Петя, молодец"
            book.db.commit()


@pytest.fixture
def traces(park: Store, settings: Settings, gradebook: Path) -> Traces:
    with park.write() as session:
        for name, full_name in ((NAME, FULL_NAME), (f"{NAME}-2", "Даша Другая")):
            classrooms.ensure_person(session, name, full_name, "north", "ёжик луна замок")
        session.flush()
        classrooms.add_members(session, "data-6a", "pupil", [NAME, f"{NAME}-2"])
    ids = _hand_in(settings)
    _in_the_store(park)
    _at_the_hub(settings)
    _in_the_gradebook(settings, gradebook, ids[0])
    _in_files(settings, ids[0])
    return Traces(settings, park, ids)


def _hand_in(settings: Settings) -> tuple[str, ...]:
    """An assignment comes out, works come in, feedback goes back: by the real exchange."""
    ps1, ids = "/classrooms/data-6a/assignments/ps1", []
    with rehearsal.hub() as hub, running(create_app(settings, hub)) as url:

        def as_(name: str) -> httpx.Client:
            headers = {"Authorization": f"token {rehearsal.token(name)}"}
            # plain HTTP on loopback; making a TLS context is slow
            return httpx.Client(base_url=url, headers=headers, trust_env=False, verify=False)  # noqa: S501

        with as_("anna") as anna, as_(NAME) as dasha, as_("petya") as petya:
            given = {"ps1.ipynb": b"empty", "penguins.csv": b"1;2"}
            due = (NOW + timedelta(days=1)).isoformat()
            anna.put(ps1, content=rehearsal.archive(given), params={"due": due}).raise_for_status()
            for work in (WORK, WORK + "\nprint(answer)"):
                files = given | {"ps1.ipynb": work.encode()}
                answer = dasha.post(f"{ps1}/submissions", content=rehearsal.archive(files))
                ids.append(answer.json()["id"])
            files = given | {"ps1.ipynb": OTHERS_WORK.encode()}
            petya.post(f"{ps1}/submissions", content=rehearsal.archive(files)).raise_for_status()
            html = rehearsal.archive({"ps1.html": f"{WORK} {COMMENT}".encode()})
            anna.put(
                f"/submissions/{ids[0]}/feedback",
                content=html,
                params={"person": NAME, "assignment": "ps1"},
            ).raise_for_status()
    return tuple(ids)


def _in_the_store(park: Store) -> None:
    with park.write() as session:
        room = session.get_one(Classroom, "data-6a")
        assignment = session.query(Assignment).one()
        lease = dict.fromkeys(("asked_at", "granted_at", "ended_at"), NOW)
        session.add_all(
            [
                Extension(assignment_id=assignment.id, person_name=NAME, due=NOW),
                WarmStart(person_name=NAME, classroom_id="data-6a", asked_at=NOW),
                SignInFailure(key=NAME, count=1, wait_until=NOW),
                SignInFailure(key=f"join:{NAME}", count=1, wait_until=NOW),
                SignInRecord(at=NOW, name=NAME, way="card", address="10.0.0.7", ended="in"),
                NameAtAddress(address="10.0.0.7", name=NAME, failed_at=NOW),
                IssuedCard(person_name=NAME, secret_hash="0" * 64, issued_at=NOW, issued_by=NAME),
                SignOut(person_name=NAME, asked_at=NOW),
                Identity(
                    issuer="https://school.example",
                    subject=f"{NAME}@school.example",
                    person_name=NAME,
                    said={"name": FULL_NAME},
                    given={},
                    first_at=NOW,
                ),
                LeaseUsage(flavour="gpu", level="person", name=NAME, seconds=1, at=NOW),
                Lease(
                    id="1",
                    flavour="gpu",
                    person_name=NAME,
                    classroom_id="data-6a",
                    language="ru",
                    state="ended",
                    **lease,
                ),
            ]
        )
        said = Said("project", "Её проект", "Делаем вместе.", "north")
        own = postings.make(session, Standing(NAME, is_admin=True), said, NOW, "Europe/Moscow")
        session.add(Joining(posting_id=own.id, person_name=NAME, joined_at=NOW))
        feed_keys.renew(session, NAME, NOW)
        session.add(
            ShownWork(
                id=SHOWN,
                person_name=NAME,
                kind="notebook",
                title=FULL_NAME,
                words=WORK,
                classroom_id="data-6a",
                course="data-start",
                size=len(WORK),
                shown_at=NOW,
                hidden_at=NOW,
                hidden_by=NAME,
            )
        )
        session.flush()
        session.add_all(
            [
                Consent(
                    person_name=NAME,
                    purpose="works",
                    way="paper",
                    recorded_by=NAME,
                    recorded_at=NOW,
                    withdrawn_by=NAME,
                    withdrawn_at=NOW,
                ),
                Consent(
                    person_name="petya",
                    purpose="works",
                    way="paper",
                    recorded_by=NAME,
                    recorded_at=NOW,
                ),
                Letter(
                    person_name=NAME,
                    work_id=SHOWN,
                    written_by="chief",
                    written_at=NOW,
                    text=FULL_NAME,
                    state="passed",
                    decided_by=NAME,
                    reason="",
                ),
            ]
        )
        join_codes.make(session, room, NAME, NOW, timedelta(days=1))
        audit.note(session, "anna", Did.PUPIL_IN, whom=NAME, room=room)
        audit.note(session, NAME, Did.JOINED, whom=NAME, room=room)
        # Changed, and so once more in the file: where nothing is wiped, the old row stays there.
        session.get_one(Person, NAME).language = "en"


def _at_the_hub(settings: Settings) -> None:
    """She has signed in and had a server; of its tables those that a hub makes itself."""
    session = orm.new_session_factory(settings.hub_database_url)()
    user = orm.User(name=NAME)
    session.add(user)
    session.flush()
    session.add(orm.Spawner(name="data-6a", user=user, state={"object_id": NAME}))
    session.commit()
    session.close()
    session.get_bind().dispose()


def hub_forgets(settings: Settings, name: str = NAME) -> None:
    """What `signin.forgetting` does in the hub (test_beside_a_hub has a real one)."""
    session = orm.new_session_factory(settings.hub_database_url)()
    session.delete(orm.User.find(session, name))
    session.commit()
    session.close()
    session.get_bind().dispose()


def _in_the_gradebook(settings: Settings, made: Path, submission: str) -> None:
    course = settings.homes / "grading-data-6a" / "data-6a"
    course.mkdir(parents=True)
    shutil.copy(made, course / "gradebook.db")
    for name, work in ((NAME, WORK), ("petya", OTHERS_WORK)):
        for step in ("submitted", "autograded", "feedback"):
            folder = course / step / name / "ps1"
            folder.mkdir(parents=True)
            (folder / "ps1.ipynb").write_text(work)
    (course / "source" / "ps1").mkdir(parents=True)
    (course / "source" / "ps1" / "names.csv").write_text("name\ndasha\nivolgina\n")
    (course / "marks.csv").write_text(f"{NAME};Даша;Ивольгина;2\npetya;Петя;С;1\n")
    journal = Journal(place(course, "ps1"))
    journal.add(Event(What.PLANNED, "1", 1.0, names={NAME: FULL_NAME, "petya": "Петя С"}))
    journal.add(Event(What.GRADED, "1", 2.0, pupil=NAME, points=2, of=2, key=submission))


def _in_files(settings: Settings, submission: str) -> None:
    home = settings.homes / NAME
    (home / "data-6a" / ".jupyter").mkdir(parents=True)
    (home / "data-6a" / "ps1.ipynb").write_text(WORK)
    (home / "out").symlink_to(settings.data / "secrets")
    shelf.put(settings, NAME, SHOWN, WORK.encode())
    secrets = settings.data / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "demo.yaml").write_text(f"{NAME}: ёжик луна замок\npetya: дом лес дым\n")
    (secrets / "passphrases-1.csv").write_text(f"6А;{FULL_NAME};{NAME};ёжик\n6А;Петя;petya;дом\n")
    logs = settings.data / "logs"
    logs.mkdir()
    (logs / "hub.log").write_text(
        f"User logged in: {NAME}\n200 GET /hub/spawn/{NAME}/data-6a ({NAME}@10.0.0.1)\n"
        f"technopark-{NAME}--data-6a is removed\nUser logged in: {NAME}-2\n"
    )
    (logs / "exchange.log.1").write_text(f"{NAME} handed in data-6a/ps1: {submission}\n")
    (logs / "portal.log").write_text(f"[parameters: ('{NAME}', '{FULL_NAME}')]\n")


def found_in(traces: Traces, needles: tuple[str, ...]) -> set[str]:
    """Every file below the data folder in whose path or bytes one of `needles` is.

    Databases are files, too: what is in a table, in a place that is free again, or in a log of
    changes, is bytes of them. JSON may have letters as escapes.
    """
    spelled = [one.encode() for one in needles]
    spelled += [json.dumps(one)[1:-1].encode() for one in needles]
    found = set()
    for folder, _, names in os.walk(traces.data):
        for name in names:
            path = Path(folder, name)
            shown = path.relative_to(traces.data).as_posix()
            content = b"" if path.is_symlink() else path.read_bytes()
            # Masha's namesake is somebody else.
            content = content.replace(f"{NAME}-2".encode(), b"")
            if any(one in content or one in shown.encode() for one in spelled):
                found.add(shown)
    return found


def rows_with(url: str, needles: tuple[str, ...]) -> set[str]:
    """Every table of the database in a row of which one of `needles` is."""
    engine, tables, found = create_engine(url), MetaData(), set()
    tables.reflect(engine)
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                text = " ".join(
                    json.dumps(one, ensure_ascii=False, default=str) for one in row
                ).replace(f"{NAME}-2", "")
                if any(one in text for one in needles):
                    found.add(table.name)
    engine.dispose()
    return found
