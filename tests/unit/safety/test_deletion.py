"""A person is deleted: nothing of theirs is left anywhere, all of everybody else is."""

import sqlite3
from contextlib import closing

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import select

from technopark.exchange import check
from technopark.exchange.content import ContentStore
from technopark.people import audit_search, moves, rights
from technopark.people.audit import THE_PARK
from technopark.safety import deletion, gradebooks, rows
from technopark.safety import traces as files
from technopark.safety.deletion import NotYetError
from technopark.store import AuditEntry, Consent, Deletion, JoinCode, Person, ShownWork, Submission

from .conftest import NAME, OTHERS_WORK, SHOWN, Traces, found_in, hub_forgets, rows_with

GRADEBOOK = "homes/grading-data-6a/data-6a/gradebook.db"


def ask(traces: Traces, *, whole: bool = True) -> str:
    with traces.store.write() as session:
        return deletion.ask(session, "chief", session.get_one(Person, NAME), whole=whole).id


def delete(traces: Traces) -> Deletion:
    number = ask(traces)
    hub_forgets(traces.settings)
    return deletion.carry_out(traces.settings, traces.store, number)


def databases(traces: Traces) -> list[str]:
    urls = {traces.settings.database_url, traces.settings.hub_database_url}
    return [*urls, f"sqlite:///{traces.data / GRADEBOOK}"]


def test_before_it_she_is_everywhere(traces: Traces) -> None:
    """Or the next test would prove nothing."""
    found = found_in(traces, traces.needles)
    for one in (
        GRADEBOOK,
        "homes/grading-data-6a/data-6a/marks.csv",
        "homes/grading-data-6a/data-6a/.grading/ps1/journal.jsonl",
        f"homes/grading-data-6a/data-6a/submitted/{NAME}/ps1/ps1.ipynb",
        f"homes/{NAME}/data-6a/ps1.ipynb",
        f"shown/{NAME}/{SHOWN}",
        "logs/hub.log",
        "logs/exchange.log.1",
        "logs/portal.log",
        "secrets/demo.yaml",
        "secrets/passphrases-1.csv",
    ):
        assert one in found
    assert len([one for one in found if one.startswith("exchange/content/")]) >= 3
    tables = set().union(*(rows_with(url, traces.needles) for url in databases(traces)))
    assert tables >= {
        *("park_person", "park_membership", "park_submission", "park_extension"),
        *("park_warm_start", "park_signin_failure", "park_lease", "park_lease_usage"),
        *("park_sign_in", "park_name_at_address", "park_card", "park_sign_out", "park_identity"),
        *("park_joining", "park_feed_key", "park_posting"),
        *("park_shown_work", "park_consent", "park_letter"),
        *("park_join_code", "park_pseudonym", "users", "student", "comment", "park_feedback"),
    }


def test_after_it_she_is_nowhere(traces: Traces) -> None:
    done = delete(traces)
    assert found_in(traces, traces.needles) == set()
    for url in databases(traces):
        assert rows_with(url, traces.needles) == set()
    assert done.finished_at
    assert "still_named" not in done.report


def test_what_is_others_stays(traces: Traces) -> None:
    delete(traces)
    assert check.damaged(traces.settings) == []
    with traces.store.read() as session:
        (his,) = session.scalars(select(Submission))
        assert his.person_name == "petya"
        assert session.get(Person, f"{NAME}-2")
        assert session.scalar(select(JoinCode.made_by)) not in (None, NAME)
        (agreed,) = session.scalars(select(Consent))
        assert agreed.person_name == "petya"
        assert agreed.recorded_by not in ("", NAME), "somebody wrote it down, by a pseudonym"
    course = traces.settings.homes / "grading-data-6a" / "data-6a"
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        assert [one.id for one in book.students] == ["petya"]
        assert book.find_submission("ps1", "petya").score == 1
    assert (course / "submitted/petya/ps1/ps1.ipynb").read_text() == OTHERS_WORK
    assert (course / "source/ps1/names.csv").read_text() == "name\ndasha\nivolgina\n"
    assert (course / "marks.csv").read_text() == "petya;Петя;С;1\n"
    assert (traces.data / "secrets/demo.yaml").read_text() == "petya: дом лес дым\n"
    log = (traces.data / "logs/hub.log").read_text()
    assert log.endswith(f"User logged in: {NAME}-2\n")


def test_logs_have_a_pseudonym_in_her_place_and_no_byte_moves(traces: Traces) -> None:
    before = (traces.data / "logs/hub.log").read_bytes()
    done = delete(traces)
    after = (traces.data / "logs/hub.log").read_bytes()
    assert len(after) == len(before)
    assert f"User logged in: {done.pseudonym}".encode() in after
    assert f"technopark-{done.pseudonym}".encode() in after


def test_the_log_of_what_was_done_to_her_stays_by_a_pseudonym(traces: Traces) -> None:
    with traces.store.read() as session:
        entries = len(session.scalars(select(AuditEntry.id)).all())
    done = delete(traces)
    with traces.store.read() as session:
        chief = rights.standing(session, "chief")
        assert chief
        page = audit_search.entries(session, chief, done.pseudonym, 1)
    assert [row.entry.did for row in page.rows] == [
        "deleted",
        "deletion-asked",
        "joined",
        "pupil-in",
    ]
    assert {row.whom.name for row in page.rows} == {None}
    with traces.store.read() as session:
        assert len(session.scalars(select(AuditEntry.id)).all()) == entries + 2


def test_the_report_counts_and_names_nobody(traces: Traces) -> None:
    done = delete(traces)
    assert done.name is None
    assert done.report["rows"]["park_submission"] == 2
    assert done.report["exchange"]["files"] >= 4
    assert done.report["home"]["files"] == 1
    assert done.report["shown"]["files"] == 1
    assert done.report["gradebooks"]["rows"] >= 4
    assert done.report["logs"]["covered"] >= 6


def test_it_waits_until_the_hub_has_forgotten_her(traces: Traces) -> None:
    number = ask(traces)
    with pytest.raises(NotYetError, match="the hub"):
        deletion.carry_out(traces.settings, traces.store, number)
    with traces.store.read() as session:
        assert not session.get_one(Person, NAME).active, "she is out at once"
        assert session.query(Submission).filter_by(person_name=NAME).count() == 2
    hub_forgets(traces.settings)
    assert deletion.carry_out(traces.settings, traces.store, number).finished_at


STEPS = [
    (rows, "forget_person"),
    (ContentStore, "remove"),
    (files, "remove_home"),
    (gradebooks, "forget_student"),
    (gradebooks, "wipe"),
    (files, "clean_lists"),
    (files, "cover_logs"),
    (deletion, "_forget_the_name"),
    (deletion.databases, "wipe"),
]


@pytest.mark.parametrize(("where", "what"), STEPS, ids=[what for _, what in STEPS])
def test_a_crash_in_any_step_loses_nothing_of_the_rest(
    traces: Traces, monkeypatch: pytest.MonkeyPatch, where: object, what: str
) -> None:
    number = ask(traces)
    hub_forgets(traces.settings)
    whole = getattr(where, what)

    def broken(*arguments: object, **more: object) -> None:
        whole(*arguments, **more)
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(where, what, broken)
        with pytest.raises(RuntimeError, match="power"):
            deletion.carry_out(traces.settings, traces.store, number)
    done = deletion.carry_out(traces.settings, traces.store, number)
    assert done.finished_at
    assert found_in(traces, traces.needles) == set()
    assert check.damaged(traces.settings) == []


def test_a_gradebook_that_is_written_to_is_waited_for(
    traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebooks, "_WAIT_SECONDS", 0.1)
    number = ask(traces)
    hub_forgets(traces.settings)
    with closing(sqlite3.connect(traces.data / GRADEBOOK, isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotYetError, match="busy"):
            deletion.carry_out(traces.settings, traces.store, number)
        busy.execute("ROLLBACK")
    assert deletion.carry_out(traces.settings, traces.store, number).finished_at
    assert found_in(traces, traces.needles) == set()


def test_the_work_alone_goes_and_the_person_stays(traces: Traces) -> None:
    number = ask(traces, whole=False)
    done = deletion.carry_out(traces.settings, traces.store, number)
    assert found_in(traces, traces.needles[2:4]) == set(), "no text of hers"
    with traces.store.read() as session:
        assert session.get(Person, NAME)
        assert session.query(Submission).filter_by(person_name=NAME).count() == 0
        assert session.query(ShownWork).count() == 0
    assert done.report["home"]["files"] == 1


def test_the_work_of_who_came_back_stays(traces: Traces) -> None:
    number = ask(traces, whole=False)
    with traces.store.write() as session:
        moves.come_back(session, session.get_one(Person, NAME))
    done = deletion.carry_out(traces.settings, traces.store, number)
    assert done.finished_at
    with traces.store.read() as session:
        assert session.get_one(Person, NAME).active
        assert session.query(Submission).filter_by(person_name=NAME).count() == 2


def test_a_deletion_that_was_asked_for_twice_is_one(traces: Traces) -> None:
    assert ask(traces) == ask(traces)
    with traces.store.write() as session:
        assert deletion.ask(session, THE_PARK, session.get_one(Person, NAME)).asked_by
        assert len(deletion.unfinished(session)) == 1


def test_a_link_in_a_grading_home_leads_nowhere(traces: Traces) -> None:
    outside = traces.data / "elsewhere"
    (outside / NAME).mkdir(parents=True)
    (outside / NAME / "kept.txt").write_text("kept")
    course = traces.settings.homes / "grading-data-6a" / "data-6a"
    (course / "submitted" / "link").symlink_to(outside)
    (course / "autograded" / "ps1").mkdir()
    (course / "autograded" / "ps1" / NAME).symlink_to(outside / NAME)
    (course / "linked.csv").symlink_to(outside / NAME / "kept.txt")
    delete(traces)
    assert (outside / NAME / "kept.txt").read_text() == "kept"
