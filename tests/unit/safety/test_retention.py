"""Who left long ago is deleted: first the work, then the person; once a day, and told before."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from technopark.people import moves
from technopark.safety import __main__ as process
from technopark.safety import deletion, retention
from technopark.safety.retention import Due
from technopark.settings import Safety, Settings
from technopark.store import AuditEntry, Deletion, Person, Store

from .conftest import NAME, Traces, found_in, hub_forgets

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
"""Four in the morning in Moscow."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    kept = Safety(work_days=100, people_days=300, log_days=400)
    return settings.model_copy(update={"safety": kept})


def leave(store: Store, name: str, days: int) -> None:
    with store.write() as session:
        person = session.get_one(Person, name)
        moves.leave(session, person)
        person.left_at = NOW - timedelta(days=days)


def due(traces: Traces) -> Due:
    with traces.store.read() as session:
        return retention.due(session, traces.settings, NOW)


@pytest.mark.parametrize(
    ("days", "people", "work"), [(99, (), ()), (101, (), (NAME,)), (301, (NAME,), ())]
)
def test_the_work_goes_first_and_then_the_person(
    traces: Traces, days: int, people: tuple[str, ...], work: tuple[str, ...]
) -> None:
    leave(traces.store, NAME, days)
    assert due(traces) == Due(people, work, 0)


def test_who_came_back_is_not_counted(traces: Traces) -> None:
    leave(traces.store, NAME, 500)
    with traces.store.write() as session:
        moves.come_back(session, session.get_one(Person, NAME))
    assert due(traces) == Due((), (), 0)


def test_for_ever_is_for_ever(traces: Traces) -> None:
    leave(traces.store, NAME, 5000)
    ever = traces.settings.model_copy(update={"safety": Safety(work_days=0, people_days=0)})
    with traces.store.read() as session:
        assert retention.due(session, ever, NOW) == Due((), (), 0)


def test_an_admin_of_the_park_stays(traces: Traces) -> None:
    leave(traces.store, "chief", 5000)
    assert due(traces).people == ()


def test_whose_work_is_gone_is_not_asked_for_each_night(traces: Traces) -> None:
    leave(traces.store, NAME, 101)
    for _ in range(2):
        with traces.store.write() as session:
            retention.apply(session, traces.settings, NOW)
            asked = deletion.unfinished(session)
        for one in asked:
            deletion.carry_out(traces.settings, traces.store, one.id)
    with traces.store.read() as session:
        assert len(session.scalars(select(Deletion)).all()) == 1


def test_it_is_done_once_a_day_at_night(traces: Traces) -> None:
    def is_time(hours: float) -> bool:
        with traces.store.read() as session:
            return retention.is_time(session, traces.settings, now + timedelta(hours=hours))

    # 4 in the morning in Moscow, today by the database's clock
    now = datetime.now(UTC).replace(hour=1, minute=0)
    assert not is_time(-2)
    assert is_time(0)
    with traces.store.write() as session:
        retention.apply(session, traces.settings, now)
        (ran,) = session.scalars(select(AuditEntry).where(AuditEntry.did == "retention"))
    assert ran.details == {"people": 0, "work": 0, "entries": 0}
    assert not is_time(1)


def test_old_entries_of_the_log_go(traces: Traces) -> None:
    with traces.store.write() as session:
        for days in (399, 401):
            at = datetime.now(UTC) - timedelta(days=days)
            session.add(AuditEntry(at=at, who="", did="left", whom=""))
    with traces.store.write() as session:
        assert retention.apply(session, traces.settings, datetime.now(UTC)).entries == 1


def test_the_parks_process_does_all_of_it(traces: Traces) -> None:
    leave(traces.store, NAME, 5000)
    with traces.store.write() as session:
        retention.apply(session, traces.settings, NOW)
    said: dict[str, str] = {}
    process.look(traces.settings, traces.store, said)
    assert "the hub" in next(iter(said.values()))
    hub_forgets(traces.settings)
    process.look(traces.settings, traces.store, said)
    assert found_in(traces, traces.needles) == set()
