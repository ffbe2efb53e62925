"""A class is graded by several hands at a time, whatever single works and sandboxes do."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from technopark_grading.class_run.crew import Crew
from technopark_grading.class_run.journal import What
from technopark_grading.sandboxes.sandbox import NoSandboxError, OpenSandbox, SandboxLostError
from technopark_grading.submission.grade import NotGradedError, Outcome

FULL = Outcome(points=5, most=5, reasons=(), needs_attention=False)
SECONDS = 10.0


class StandIn:
    """A sandbox that only knows whether it was given back."""

    lease = "lease-1"

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.closed.set()


class Story:
    """What a crew noted, and the sandboxes that it opened."""

    def __init__(self) -> None:
        self.events: list[tuple[What, dict[str, Any]]] = []
        self.opened: list[StandIn] = []
        self.works: dict[str, Callable[[StandIn], Outcome]] = {}

    def note(self, what: What, **fields: Any) -> None:
        self.events.append((what, fields))

    def open_sandbox(self) -> Any:
        self.opened.append(StandIn())
        return self.opened[-1]

    def grade(self, pupil: str, open_sandbox: OpenSandbox, _: Callable[[], bool]) -> Outcome:
        with open_sandbox() as sandbox:
            stand_in: Any = sandbox
            return self.works.get(pupil, lambda _: FULL)(stand_in)

    def of(self, what: What) -> dict[str, dict[str, Any]]:
        return {fields["pupil"]: fields for kind, fields in self.events if kind is what}


@pytest.fixture
def story() -> Story:
    return Story()


def crew(story: Story, hands: int = 2, **changes: Any) -> Crew:
    return Crew(
        **{
            "grade": story.grade,
            "open_sandbox": story.open_sandbox,
            "note": story.note,
            "hands": hands,
            **changes,
        }
    )


def keys(*pupils: str) -> dict[str, str]:
    return {pupil: f"{pupil}-1" for pupil in pupils}


def test_as_many_as_there_are_hands_are_graded_at_a_time(story: Story) -> None:
    together = threading.Barrier(3, timeout=SECONDS)

    def wait_for_the_others(_: StandIn) -> Outcome:
        together.wait()
        return FULL

    story.works = dict.fromkeys(("anna", "masha", "timur"), wait_for_the_others)
    crew(story, hands=3).work(keys("anna", "masha", "timur"), {})
    assert story.of(What.GRADED).keys() == {"anna", "masha", "timur"}
    assert story.of(What.GRADED)["anna"]["key"] == "anna-1"


def test_each_has_a_sandbox_of_their_own_and_gives_it_back(story: Story) -> None:
    crew(story).work(keys("anna", "masha", "timur"), {})
    assert len(story.opened) == 3
    assert all(sandbox.closed.is_set() for sandbox in story.opened)


def test_work_that_breaks_says_why_and_the_rest_goes_on(story: Story) -> None:
    def break_down(_: StandIn) -> Outcome:
        raise NotGradedError("the gradebook is locked")

    story.works = {"anna": break_down}
    crew(story).work(keys("anna", "masha", "timur"), {})
    assert "the gradebook is locked" in story.of(What.BROKEN)["anna"]["reason"]
    assert story.of(What.GRADED).keys() == {"masha", "timur"}


def test_what_the_teacher_should_look_at_says_why(story: Story) -> None:
    odd = Outcome(points=1, most=5, reasons=("It was odd.", "Very."), needs_attention=True)
    renamed = Outcome(points=4, most=5, reasons=("Renamed.",), needs_attention=False)
    story.works = {"anna": lambda _: odd, "masha": lambda _: renamed}
    crew(story).work(keys("anna", "masha"), {})
    reasons = {pupil: fields["reason"] for pupil, fields in story.of(What.GRADED).items()}
    assert reasons == {"anna": "It was odd. Very.", "masha": ""}


def test_stopping_gives_sandboxes_back_at_once_and_begins_nothing_more(story: Story) -> None:
    begun = threading.Barrier(3, timeout=SECONDS)

    def work_until_it_is_taken_away(sandbox: StandIn) -> Outcome:
        begun.wait()
        assert sandbox.closed.wait(SECONDS)
        raise SandboxLostError("it has ended")

    pupils = ("anna", "masha", "timur", "vera")
    story.works = dict.fromkeys(pupils, work_until_it_is_taken_away)
    ours = crew(story)
    with thread(lambda: ours.work(keys(*pupils), {})):
        begun.wait()
        ours.stop()
        ours.give_back(SECONDS)
        assert all(sandbox.closed.is_set() for sandbox in story.opened)
    assert len(story.opened) == 2
    assert Counter(what for what, _ in story.events) == {What.BEGUN: 2}


def test_a_sandbox_that_is_lost_gives_no_lasting_mark(story: Story) -> None:
    def lose_it(pupil: str, open_sandbox: OpenSandbox, _: Callable[[], bool]) -> Outcome:
        for _try in range(2):
            with pytest.raises(SandboxLostError), open_sandbox():
                raise SandboxLostError("gone")
        return Outcome(points=0, most=5, reasons=("It was lost.",), needs_attention=True)

    crew(story, grade=lose_it).work(keys("anna"), {})
    assert story.of(What.BROKEN)["anna"]["reason"] == "It was lost."
    assert [what for what, _ in story.events] == [What.BEGUN, What.BROKEN]


def test_a_second_sandbox_after_a_lost_one_is_as_good(story: Story) -> None:
    def lose_the_first(pupil: str, open_sandbox: OpenSandbox, _: Callable[[], bool]) -> Outcome:
        with pytest.raises(SandboxLostError), open_sandbox():
            raise SandboxLostError("gone")
        with open_sandbox():
            return FULL

    crew(story, grade=lose_the_first).work(keys("anna"), {})
    assert story.of(What.GRADED)["anna"]["points"] == 5


def test_the_run_waits_for_a_broker_that_comes_back(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("technopark_grading.class_run.crew._PAUSE_S", 0.01)
    away = iter([True, True, False])

    def open_sandbox() -> Any:
        if next(away):
            raise NoSandboxError("The broker is away.")
        return story.open_sandbox()

    crew(story, open_sandbox=open_sandbox).work(keys("anna"), {})
    stalled = [fields["reason"] for what, fields in story.events if what is What.STALLED]
    assert stalled == ["The broker is away."] * 2
    assert story.of(What.GRADED).keys() == {"anna"}


def test_the_run_ends_where_the_broker_does_not_come_back(story: Story) -> None:
    def open_sandbox() -> Any:
        raise NoSandboxError("The broker is away.")

    ours = crew(story, open_sandbox=open_sandbox, patience=0.2)
    ours.work(keys("anna", "masha", "timur"), {})
    assert ours.failure == "The broker is away."
    assert {what for what, _ in story.events} == {What.STALLED}


def test_work_at_which_grading_broke_off_too_often_is_left_to_the_teacher(story: Story) -> None:
    crew(story).work(keys("anna", "masha"), {"anna": 3, "masha": 2})
    assert "3" in story.of(What.BROKEN)["anna"]["reason"]
    assert story.of(What.GRADED).keys() == {"masha"}
    assert len(story.opened) == 1


@contextmanager
def thread(work: Callable[[], None]) -> Iterator[None]:
    """`work` on a thread of its own while the block runs."""
    running = threading.Thread(target=work)
    running.start()
    yield
    running.join(SECONDS)
    until = time.monotonic() + SECONDS
    while threading.active_count() > 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert not running.is_alive()
