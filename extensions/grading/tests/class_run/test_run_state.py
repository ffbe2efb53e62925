"""How far grading a class is, told from what its journal says."""

from typing import Any

from technopark_grading.class_run import run_state
from technopark_grading.class_run.journal import Event, What, Why
from technopark_grading.class_run.run_state import Phase, State

NAMES = {"anna": "Синицына Анна", "masha": "Иволгина Маша", "timur": "Тимур"}


def story(*events: tuple[What, dict[str, Any]], run: str = "1") -> list[Event]:
    """Events of one run, ten seconds apart."""
    return [
        Event(what, run=run, at=100.0 + 10 * number, **fields)
        for number, (what, fields) in enumerate(events)
    ]


ASKED = (What.RUN, {})
TAKEN = (What.TAKEN_UP, {})
PLANNED = (What.PLANNED, {"names": NAMES})


def begun(pupil: str) -> tuple[What, dict[str, Any]]:
    return What.BEGUN, {"pupil": pupil, "key": f"{pupil}-1"}


def graded(pupil: str, points: float = 4, reason: str = "") -> tuple[What, dict[str, Any]]:
    marks = {"points": points, "of": 5.0, "reason": reason}
    return What.GRADED, {"pupil": pupil, "key": f"{pupil}-1", **marks}


def states(state: run_state.ClassState) -> dict[str, State]:
    return {pupil: work.state for pupil, work in state.works.items()}


def test_nobody_asked_for_it() -> None:
    assert run_state.read([], is_alive=False).phase is Phase.NEVER


def test_each_pupil_is_where_the_last_event_left_them() -> None:
    events = story(ASKED, TAKEN, PLANNED, begun("masha"), begun("anna"), graded("masha"))
    state = run_state.read(events, is_alive=True)
    assert state.phase is Phase.GRADING
    assert states(state) == {
        "anna": State.GRADING,
        "masha": State.GRADED,
        "timur": State.WAITING,
    }
    assert state.left == ["anna", "timur"]
    assert (state.works["masha"].points, state.works["masha"].of) == (4, 5)


def test_a_killed_process_leaves_the_work_in_its_hands_waiting() -> None:
    events = story(ASKED, TAKEN, PLANNED, begun("masha"), begun("anna"), graded("masha"))
    state = run_state.read(events, is_alive=False)
    assert state.phase is Phase.BROKEN_OFF
    assert state.left == ["anna", "timur"]
    assert state.works["anna"].state is State.WAITING
    assert state.works["anna"].tries == 1


def test_who_needs_attention_is_counted_apart_and_says_why() -> None:
    broken = (What.BROKEN, {"pupil": "timur", "reason": "It broke."})
    events = story(ASKED, TAKEN, PLANNED, graded("anna", reason="Odd."), broken, graded("masha"))
    answer = run_state.as_answer(run_state.read(events, is_alive=True), now=160)
    assert answer["counts"] == {"all": 3, "waiting": 0, "grading": 0, "graded": 1, "attention": 2}
    reasons = {pupil["name"]: pupil["reason"] for pupil in answer["pupils"]}
    assert reasons == {"masha": "", "anna": "Odd.", "timur": "It broke."}
    assert [pupil["full_name"] for pupil in answer["pupils"]] == sorted(NAMES.values())


def test_the_time_left_follows_the_pace_so_far() -> None:
    # planned at 120, done at 130 and 140: ten seconds each
    events = story(ASKED, TAKEN, PLANNED, graded("masha"), graded("anna"))
    state = run_state.read(events, is_alive=True)
    assert state.seconds_left(now=140) == 10
    assert state.seconds_left(now=144) == 6
    assert state.seconds_left(now=190) == 0


def test_nobody_can_say_how_long_it_takes_before_the_first_is_done() -> None:
    events = story(ASKED, TAKEN, PLANNED, begun("masha"))
    assert run_state.read(events, is_alive=True).seconds_left(now=130) is None


def test_time_in_which_nobody_graded_does_not_count() -> None:
    before = story(ASKED, TAKEN, PLANNED, graded("masha"))
    after = [
        Event(What.TAKEN_UP, run="1", at=9_000),
        Event(What.GRADED, run="1", at=9_020, pupil="anna", points=1, of=5),
    ]
    assert run_state.read(before + after, is_alive=True).seconds_left(now=9_020) == 20


def test_a_stalled_run_says_why_until_it_goes_on() -> None:
    stalled = (What.STALLED, {"reason": "The broker is away."})
    events = story(ASKED, TAKEN, PLANNED, graded("masha"), stalled)
    state = run_state.read(events, is_alive=True)
    assert state.stalled == "The broker is away."
    assert state.seconds_left(now=140) is None
    assert run_state.read([*events, *story(begun("anna"))], is_alive=True).stalled == ""


def test_marks_hold_until_grading_begins_anew() -> None:
    events = story(ASKED, TAKEN, PLANNED, graded("masha"), graded("anna"), (What.ENDED, DONE))
    assert run_state.read(events, is_alive=False).marked == {"masha": "masha-1", "anna": "anna-1"}
    again = story((What.RUN, {"again": True}), TAKEN, PLANNED, begun("masha"), run="2")
    assert run_state.read(events + again, is_alive=False).marked == {"anna": "anna-1"}


DONE = {"reason": Why.DONE}


def test_who_is_left_alone_keeps_the_points_of_an_earlier_run() -> None:
    first = story(ASKED, TAKEN, PLANNED, graded("masha", points=3), (What.ENDED, DONE))
    planned = (What.PLANNED, {"names": {"timur": "Тимур"}, "before": {"masha": "Иволгина Маша"}})
    second = story(ASKED, TAKEN, planned, graded("timur"), (What.ENDED, DONE), run="2")
    state = run_state.read(first + second, is_alive=False)
    assert state.phase is Phase.DONE
    assert (state.works["masha"].points, state.works["masha"].is_new) == (3, False)
    assert state.works["timur"].is_new


def test_a_cancelled_and_a_failed_run_are_over() -> None:
    cancelled = story(ASKED, TAKEN, PLANNED, (What.ENDED, {"reason": Why.CANCELLED}))
    assert run_state.read(cancelled, is_alive=False).phase is Phase.CANCELLED
    failed = run_state.read(
        story(ASKED, TAKEN, (What.ENDED, {"reason": "No such thing."})), is_alive=False
    )
    assert failed.phase is Phase.FAILED
    assert run_state.as_answer(failed, now=0)["problem"] == "No such thing."
    assert not failed.is_unfinished


def test_processes_that_bring_a_run_no_further_are_counted() -> None:
    events = story(ASKED, TAKEN, PLANNED, graded("masha"), TAKEN, TAKEN)
    assert run_state.read(events, is_alive=False).fruitless == 2
    assert run_state.read([*events, *story(graded("anna"))], is_alive=False).fruitless == 0
