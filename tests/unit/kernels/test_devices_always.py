"""Whatever happens, no share of a device is leased twice: random asks, ends, deaths, restarts."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.leases import ask, slots

from technopark.kernels.line import order
from technopark.kernels.line.devices import grants, in_line
from technopark.kernels.line.outlook import estimates
from technopark.kernels.line.terms import Ask, Held, Key, Reservation, Rules, Slot, Usage

RULES = Rules(limit=2400.0, typical=900.0, site_weights={"b": 2.0}, course_weights={"x": 0.5})
PLACES = st.builds(
    "{}/{}/{}".format, st.sampled_from("abc"), st.sampled_from("12"), st.sampled_from("xyz")
)


class Park(RuleBasedStateMachine):
    """A broker's state, and all that may happen to it in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.asked = 0
        self.asks: dict[str, Ask] = {}
        self.held: dict[str, Held] = {}
        self.ledger: dict[Key, Usage] = {}
        self.reservations: list[Reservation] = []
        self.nodes = {
            "one": slots(devices=1, node="one"),
            "two": slots(devices=1, shares=3, node="two"),
        }
        self.lost: set[str] = set()

    def usable(self) -> list[Slot]:
        return [one for node in sorted(self.nodes.keys() - self.lost) for one in self.nodes[node]]

    @rule(places=st.lists(PLACES, min_size=1, max_size=4))
    def some_ask(self, places: list[str]) -> None:
        for place in places:
            self.asked += 1
            one = ask(place, self.now, name=f"ask-{self.asked}")
            self.asks[one.id] = one

    @precondition(lambda self: self.asks)
    @rule(data=st.data())
    def somebody_gives_up(self, data: st.DataObject) -> None:
        del self.asks[data.draw(st.sampled_from(sorted(self.asks)))]

    @rule(seconds=st.floats(0.5, 1800))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds
        for name, lease in list(self.held.items()):
            if lease.ends <= self.now:
                self.end(name)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def a_lease_ends(self, data: st.DataObject) -> None:
        self.end(data.draw(st.sampled_from(sorted(self.held))))

    @rule(node=st.sampled_from(["one", "two"]))
    def a_node_is_lost_with_all_that_ran_there(self, node: str) -> None:
        self.lost.add(node)
        for name in [name for name, lease in self.held.items() if lease.slot.node == node]:
            self.end(name)

    @rule(node=st.sampled_from(["one", "two"]))
    def a_node_does_not_answer_but_its_kernels_go_on(self, node: str) -> None:
        self.lost.add(node)

    @precondition(lambda self: self.lost)
    @rule()
    def all_nodes_are_back(self) -> None:
        self.lost.clear()

    @rule(shares=st.integers(1, 4))
    def the_admin_sets_other_shares(self, shares: int) -> None:
        self.nodes["two"] = slots(devices=1, shares=shares, node="two")

    @rule(
        classroom=st.sampled_from(["a-1", "b-2"]),
        devices=st.integers(1, 4),
        ahead=st.floats(-900, 3600),
        length=st.floats(300, 2700),
    )
    def a_lesson_is_reserved(
        self, classroom: str, devices: int, ahead: float, length: float
    ) -> None:
        starts = self.now + ahead
        self.reservations.append(Reservation(classroom, devices, starts, starts + length))

    @rule()
    def the_broker_decides(self) -> None:
        usable, having = self.usable(), list(self.held.values())
        asks = list(self.asks.values())
        arguments = (usable, having, self.reservations, self.ledger, self.now, RULES)
        made = grants(asks, *arguments)
        assert made == grants(asks, *arguments)
        for grant in made:
            assert self.asks.pop(grant.ask.id) == grant.ask
            assert grant.slot in usable
            assert self.now < grant.ends <= self.now + RULES.limit
            self.stays_clear_of_lessons(grant.ask)
            lease = Held(grant.slot, grant.ask.who, self.now, grant.ends)
            self.held[grant.ask.id] = lease

    def stays_clear_of_lessons(self, one: Ask) -> None:
        """With every device reserved, nobody else starts while the lesson comes first."""
        for lesson in self.reservations:
            is_wide = lesson.devices >= len({slot.on for slot in self.usable()})
            comes_first = lesson.starts - RULES.lead <= self.now < lesson.starts + RULES.unused
            if is_wide and comes_first and self.now < lesson.ends and len(self.reservations) == 1:
                assert one.who.classroom == lesson.classroom

    def end(self, name: str) -> None:
        self.ledger |= order.charges(self.ledger, self.held.pop(name), self.now, RULES)

    @invariant()
    def no_share_is_leased_twice(self) -> None:
        places = [(*lease.slot.on, lease.slot.share) for lease in self.held.values()]
        assert len(places) == len(set(places))

    @invariant()
    def everybody_has_one_place_and_an_estimate(self) -> None:
        asks, usable, having = list(self.asks.values()), self.usable(), list(self.held.values())
        order = in_line(asks, usable, having, self.reservations, self.ledger, self.now, RULES)
        assert sorted(one.id for one in order) == sorted(self.asks)
        said = estimates(order, usable, having, self.reservations, self.now, RULES)
        assert said.keys() == self.asks.keys()
        assert all((seconds is None) == (not usable) for seconds in said.values())
        assert all(seconds >= 0 for seconds in said.values() if seconds is not None)


class NothingReserved(Park):
    """The same without lessons: then no usable share is left free while somebody waits."""

    a_lesson_is_reserved = None  # type: ignore[assignment]

    @rule()
    def the_broker_decides(self) -> None:
        super().the_broker_decides()
        load = [lease.slot.on for lease in self.held.values()]
        full = all(
            load.count(on) >= sum(slot.on == on for slot in self.usable())
            for on in {slot.on for slot in self.usable()}
        )
        assert full or not self.asks


TestPark = Park.TestCase
TestPark.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestNothingReserved = NothingReserved.TestCase
TestNothingReserved.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
