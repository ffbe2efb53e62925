"""Whatever happens, in whatever order: no share of a device is ever leased twice.

Random asks, releases, stops, restarts, deaths, lost nodes, engines that are away and brokers that
are killed at any moment, also between what the engine did and the note of it, on a real store, an
engine that starts nothing and a clock that is told.
"""

import atexit
import shutil
import tempfile
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session
from support.fake_engine import FakeEngine, node

from technopark.engine.client import EngineError
from technopark.engine.leased import Node, Order, Started, Way
from technopark.kernels import asking, pool
from technopark.kernels.broker import Broker
from technopark.kernels.leases import ACTIVE, State
from technopark.kernels.refusals import Refusal
from technopark.kernels.rounds import Rounds
from technopark.kernels.views import GpuAsk, SandboxAsk
from technopark.people import classrooms
from technopark.services.identity import Caller
from technopark.settings import GpuLeases, Leases, Sandboxes, Settings
from technopark.store import CourseVersion, Lease, Site, open_store

from .conftest import wish

PUPILS = [f"pupil-{number}" for number in range(6)]
ROOMS = ("north-6a", "south-6a")
NODES = ("one", "two")


def caller(name: str, room: str) -> Caller:
    return Caller(name, frozenset({room}))


class Killed(BaseException):
    """The broker's process is no more."""


class Busy(FakeEngine):
    """An engine while whose work something happens."""

    def __init__(self, *nodes: Node) -> None:
        super().__init__(*nodes)
        self.servers = {
            f"technopark-{name}--{room}": "10.0.0.2" for name in PUPILS for room in ROOMS
        }
        self.trouble, self.after = "", 0
        """What happens at which thing that it is to do: it is `away`, or, when it has done that,
        the broker is `killed` or the lease `released`."""
        self.release: Callable[[str], None] = lambda _name: None

    def start(self, order: Order) -> Started:
        with self._one_thing(order.name):
            return super().start(order)

    def stop(self, container: str) -> None:
        with self._one_thing():
            super().stop(container)

    def connect(self, ways: Collection[Way]) -> None:
        with self._one_thing():
            super().connect(ways)

    @contextmanager
    def _one_thing(self, name: str = "") -> Iterator[None]:
        self.after -= 1
        if self.after == 0 and self.trouble == "away":
            raise EngineError("No Docker engine answers.")
        yield
        if self.after == 0 and self.trouble == "killed":
            raise Killed
        if self.after == 0 and self.trouble == "released":
            self.release(name)


class Leasing(RuleBasedStateMachine):
    """The broker, with the threads that it spawns in the test's hands."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        shutil.copy(seeded() / "park.sqlite", self.folder.name)
        leases = Leases(
            gpu=GpuLeases(minutes=20, hold_seconds=60),
            sandbox=Sandboxes(at_a_time=2, waiting=1),
        )
        self.settings = Settings(data=Path(self.folder.name), leases=leases)
        self.store = open_store(self.settings.database_url)
        self.engine = Busy(node("one", devices=1, shares=2), node("two", devices=0))
        self.engine.release = self.release_named
        self.had: dict[str, str] = {}
        """Which lease had a container."""
        self.now = 1_800_000_000.0
        self.jobs: list[Callable[[], object]] = []
        # Chance is Hypothesis' alone: with ids of their own, two runs of one story would differ.
        numbers = SimpleNamespace(uuid4=lambda: uuid.UUID(int=next(self.numbers)))
        self.numbers = count(1)
        self.patches = [patch.object(module, "uuid", numbers) for module in (asking, pool)]
        for one in self.patches:
            one.start()

    @initialize()
    def begin(self) -> None:
        self.come_up()
        self.settle()

    def come_up(self) -> None:
        """A broker starts; what an earlier one had in hand is forgotten."""
        self.jobs.clear()
        self.engine.tell.clear()
        self.rounds = Rounds(
            self.settings,
            self.store,
            self.engine,
            spawn=self.jobs.append,
            tell=lambda _lease: None,
            kick=lambda: None,
            now=lambda: self.now,
        )
        self.broker = Broker(self.settings, self.store, self.engine, self.rounds, lambda: self.now)

    @rule(
        names=st.lists(st.sampled_from(PUPILS), min_size=1, max_size=4),
        room=st.sampled_from(ROOMS),
        settled=st.booleans(),
    )
    def some_ask(self, names: list[str], room: str, settled: bool) -> None:
        for name in names:
            asked = GpuAsk.model_validate(wish(f"{name}-{room}"))
            with suppress(Refusal):
                self.broker.ask(caller(name, room), asked)
        if settled:
            self.settle()

    @rule(room=st.sampled_from(ROOMS))
    def ask_sandbox(self, room: str) -> None:
        self.broker.ask(caller(f"grading-{room}", room), SandboxAsk(flavour="sandbox"))

    @precondition(lambda self: self.rows(*ACTIVE))
    @rule(
        data=st.data(),
        how=st.sampled_from(["stop", "release", "look"]),
        settled=st.booleans(),
    )
    def change(self, data: st.DataObject, how: str, settled: bool) -> None:
        lease = data.draw(st.sampled_from(self.rows(*ACTIVE)))
        holder = caller(lease.person_name, lease.classroom_id)
        match how:
            case "stop":
                self.broker.stop(holder, lease.id)
            case "release":
                self.broker.release(holder, lease.id)
            case "look":
                self.broker.look(holder, lease.id)
        if settled:
            self.settle()

    @rule()
    def round(self) -> None:
        self.rounds.step()

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def work(self, data: st.DataObject) -> None:
        """One of the threads does what it was spawned for."""
        self.jobs.pop(data.draw(st.integers(0, len(self.jobs) - 1)))()

    @rule()
    def settle(self) -> None:
        """Trouble passes, and everybody has time to finish."""
        self.engine.is_away, self.engine.fails = False, ""
        self.now += 3
        self.rounds.step()
        for _ in range(50):
            if not self.jobs:
                break
            self.jobs.pop(0)()
            self.rounds.step()

    @rule(seconds=st.sampled_from([1, 10, 45, 70, 1300]))
    def time_goes_by(self, seconds: int) -> None:
        self.now += seconds

    @precondition(lambda self: self.engine.boxes)
    @rule(data=st.data())
    def a_container_dies(self, data: st.DataObject) -> None:
        container = data.draw(st.sampled_from(sorted(self.engine.boxes)))
        if self.engine.boxes[container].is_running:
            self.engine.die(container)

    @rule(name=st.sampled_from(NODES))
    def a_node_goes_or_comes(self, name: str) -> None:
        if self.engine.park[name].is_ready:
            self.engine.lose(name)
        else:
            self.engine.regain(name)

    @rule(fails=st.sampled_from(["", "no room"]))
    def trouble(self, fails: str) -> None:
        """The engine is away, or starts nothing."""
        self.engine.is_away, self.engine.fails = not fails, fails

    @rule()
    def the_broker_is_killed(self) -> None:
        self.come_up()

    @rule(
        data=st.data(),
        work=st.sampled_from(["start", "end", "any"]),
        trouble=st.sampled_from(["away", "killed", "released"]),
        after=st.integers(1, 2),
    )
    def trouble_at_work(self, data: st.DataObject, work: str, trouble: str, after: int) -> None:
        """Between two things that belong together the engine goes away, the broker is killed, or
        somebody gives up the kernel that just starts."""
        self.have_in_hand(work)
        self.engine.trouble, self.engine.after = trouble, after
        try:
            while self.jobs and self.engine.after > 0:
                self.work(data)
        except Killed:
            self.come_up()
        self.engine.after = 0

    def have_in_hand(self, work: str) -> None:
        """Threads have a kernel to start, one to end, or what there is."""
        if work != "any":
            self.release_all()
            self.settle()
            self.some_ask([PUPILS[0]], ROOMS[0], settled=work == "end")
        if work == "end":
            self.release_all()
        self.rounds.step()

    def release_all(self) -> None:
        for lease in self.rows(*ACTIVE):
            self.release(lease)

    def release(self, lease: Lease) -> None:
        self.broker.release(caller(lease.person_name, lease.classroom_id), lease.id)

    def release_named(self, name: str) -> None:
        for lease in self.rows(State.STARTING):
            if lease.id == name:
                self.release(lease)

    @invariant()
    def no_share_is_leased_twice(self) -> None:
        """Neither in the store nor among the containers."""
        assert not self.engine.wrong
        with self.store.read() as session:
            held = session.scalars(select(Lease).where(Lease.holds)).all()
            places = [(one.flavour, one.node, one.device, one.share) for one in held]
            waiting = session.scalars(select(Lease).where(Lease.state == State.WAITING)).all()
        assert len(places) == len(set(places))
        assert not [one for one in waiting if one.holds]
        by_person = [(one.person_name, one.classroom_id) for one in waiting if one.flavour == "gpu"]
        assert len(by_person) == len(set(by_person))
        # A place is free when its container is gone, and a container serves one lease.
        at_work = {box.order.name for box in self.engine.running("gpu")}
        assert at_work <= {one.box for one in held}
        for one in held:
            assert not one.container or self.had.setdefault(one.container, one.id) == one.id

    def rows(self, *states: State) -> list[Lease]:
        with self.store.read() as session:
            query = select(Lease).where(Lease.state.in_(states)).order_by(Lease.id)
            return list(session.scalars(query))

    def teardown(self) -> None:
        """In the end, with all at peace, what nobody holds is free and gone."""
        if hasattr(self, "rounds"):
            for name in NODES:
                self.engine.regain(name)
            for _ in range(4):
                self.now += 400
                self.settle()
            held = [one for one in self.rows(*State) if one.holds]
            assert not held
            assert not self.engine.boxes
            assert not self.engine.ways
        for one in self.patches:
            one.stop()
        self.store.close()
        self.folder.cleanup()


@cache
def seeded() -> Path:
    """A folder with a database that every story begins with: migrations take their time."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    store = open_store(Settings(data=folder).database_url)
    with store.write() as session:
        seed(session)
    store.close()
    return folder


def seed(session: Session) -> None:
    """Two sites with a classroom each, of a course with kernels on a GPU."""
    course = CourseVersion(
        course="data-start",
        version="1",
        title={"ru": "Данные", "en": "Data"},
        image="sha256:1",
        grader_image="sha256:2",
        gpu_image="sha256:3",
        content="data-start/1",
        published_at=datetime(2026, 9, 1, tzinfo=UTC),
    )
    session.add(course)
    for room in ROOMS:
        site = room.removesuffix("-6a")
        session.add(Site(id=site, name=site, module="m", speciality="s", timezone="UTC"))
        session.flush()
        classrooms.ensure_classroom(session, room, room, site, course)
        session.flush()
    for name in PUPILS:
        classrooms.ensure_person(session, name, name, "north")
    session.flush()
    for room in ROOMS:
        classrooms.add_members(session, room, "pupil", PUPILS)


TestLeasing = Leasing.TestCase
TestLeasing.settings = hypothesis_settings(max_examples=30, stateful_step_count=50, deadline=None)
