"""A teacher looks at the class: who is here, who waits, who is stuck, whose hand is up."""

import re
import time
from collections.abc import Callable

import httpx
import pytest
from support.live_class import ROOM, Hub, Server
from support.waiting import eventually

from technopark.people import classrooms, keeping
from technopark.portal.frame import PREFIX
from technopark.portal.live import board, pages
from technopark.portal.live.work_api import SOONEST
from technopark.store import Classroom, Store

from ..conftest import Open
from .conftest import Watcher

LIVE = f"classrooms/{ROOM}/live"

Watch = Callable[..., Watcher]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split()).replace(" ,", ",")


def row(page: str, name: str) -> str:
    """What a pupil's row says, without what can be done there."""
    (found,) = re.findall(rf'<tr role="row" id="pupil-{name}".*?</tr>', page, re.DOTALL)
    return words(re.sub(r'<td role="cell" class="do">.*?</td>', "", str(found), flags=re.DOTALL))


def test_the_page_is_whole_without_scripts(hub: Hub, sit_down: Open, bridge: httpx.Client) -> None:
    hub.put("masha", "ready")
    hub.put("petya", "waiting", 3)
    answer = Server(bridge, "masha").report(
        notebook="penguins/penguins.ipynb",
        task="mean-mass",
        passed=1,
        tests=4,
        error="NameError",
        error_seconds=7 * 60 + 5,
    )
    assert answer.json() == {"hand": False}
    page = sit_down("anna").see(LIVE)
    assert row(page, "masha") == "Masha ready penguins · mean-mass 1 of 4 NameError, 7 min"
    assert row(page, "petya") == "Petya in line, place 3"
    assert "Ready: 1 of 2 Switching on: 1 Stuck: 1" in words(page)
    russian = sit_down("anna", "ru").see(LIVE)
    assert row(russian, "masha") == "Masha готов penguins · mean-mass 1 из 4 NameError, 7 мин"
    assert row(russian, "petya") == "Petya в очереди, место 3"
    assert "Готовы: 1 из 2 Включаются: 1 Застряли: 1" in words(russian)


@pytest.mark.parametrize(
    ("state", "said"),
    [("starting", "switching on"), ("refused", "did not switch on"), ("waiting", "in line")],
)
def test_every_state_of_a_server_has_its_words(
    hub: Hub, sit_down: Open, state: str, said: str
) -> None:
    hub.put("masha", state)
    page = sit_down("anna").see(LIVE)
    assert row(page, "masha") == f"Masha {said}"
    assert row(page, "petya") == "Petya not here"


def test_a_new_error_is_not_being_stuck(hub: Hub, sit_down: Open, bridge: httpx.Client) -> None:
    hub.put("masha", "ready")
    Server(bridge, "masha").report(notebook="a.ipynb", error="NameError", error_seconds=200)
    page = sit_down("anna").see(LIVE)
    assert row(page, "masha") == "Masha ready a NameError"
    assert "Stuck" not in words(page)


def test_the_page_keeps_itself_up_to_date(hub: Hub, watch: Watch, bridge: httpx.Client) -> None:
    teacher = watch()
    assert teacher.sees("masha", "not here")
    hub.put("masha", "waiting", 2)
    eventually(lambda: teacher.sees("masha", "in line, place 2"), 2, "in line")
    hub.put("masha", "ready")
    eventually(lambda: teacher.sees("masha", 'data-state="ready"'), 2, "ready")
    Server(bridge, "masha").report(notebook="digits/digits.ipynb", tests=3, passed=2)
    eventually(lambda: teacher.sees("masha", "digits", "2 of 3"), 2, "at work")
    assert "Ready: 1 of 2" in words(teacher.summary)
    changed = teacher.events
    time.sleep(3 * board.EVERY)
    assert teacher.events == changed, "only where something changes"


def test_thirty_reports_come_through_within_two_seconds(
    hub: Hub, class_of_thirty: list[str], watch: Watch, bridge: httpx.Client
) -> None:
    for name in class_of_thirty:
        hub.put(name, "ready")
    teachers = [watch("anna"), watch("anna", "ru"), watch("north-admin"), watch("chief")]
    for task in range(3):
        began = time.monotonic()
        for name in class_of_thirty:
            answer = Server(bridge, name).report(notebook="a.ipynb", task=f"t{task}", tests=9)
            assert answer.status_code == 200
        for teacher in teachers:
            for name in class_of_thirty:
                eventually(
                    lambda teacher=teacher, name=name, task=task: teacher.sees(name, f"t{task}"),
                    2,
                    f"{name} at t{task}",
                )
        assert time.monotonic() - began < 2
        time.sleep(SOONEST)  # a server reports no sooner than that again
    assert hub.asked_who == len(class_of_thirty), "the hub is not asked again for each report"
    largest = max(len(one) for one in teachers[0].rows.values())
    assert largest * len(class_of_thirty) < 50_000


def test_many_look_on_at_the_cost_of_one_stream(hub: Hub, watch: Watch) -> None:
    rooms = [ROOM] * 6 + ["robots-5b"] * 6
    everybody = [watch("chief", room=room) for room in rooms]
    assert hub.streams == 1
    for one in everybody:
        one.close()
    eventually(lambda: hub.streams == 0, 5, "where nobody looks on the hub tells nothing")
    assert watch("chief").sees("masha", "not here"), "and it tells again"


def test_a_hub_that_is_away_is_said_and_heard_again(
    hub: Hub, watch: Watch, sit_down: Open, bridge: httpx.Client
) -> None:
    hub.put("masha", "ready")
    teacher = watch()
    eventually(lambda: teacher.sees("masha", "ready"), 2, "ready")
    Server(bridge, "masha").report(notebook="a.ipynb")
    hub.is_away = True
    eventually(lambda: "restarting" in teacher.summary, 5, "it is said")
    assert teacher.sees("masha", 'data-state="ready"', ">a<"), "the server itself still reports"
    assert "The park is just restarting" in words(sit_down("anna").see(LIVE))
    hub.is_away = False
    hub.put("petya", "starting")
    eventually(lambda: teacher.sees("petya", "switching on"), 5, "it is heard again")
    assert "restarting" not in teacher.summary


def test_a_raised_hand_is_lowered_by_the_teacher_or_the_pupil(
    hub: Hub, sit_down: Open, bridge: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("technopark.portal.live.work_api.SOONEST", 0)
    hub.put("masha", "ready")
    masha, anna = Server(bridge, "masha"), sit_down("anna")
    assert masha.report(hand=1).json() == {"hand": True}
    page = anna.see(LIVE)
    assert "Hand up" in row(page, "masha")
    assert "Hands up: Masha" in words(page)
    page = anna.press("Lower: Masha")
    assert "The hand of Masha is down." in words(page)
    assert "Hand up" not in row(page, "masha")
    assert masha.report(hand=1).json() == {"hand": False}, "her server hears of it"
    assert masha.report(hand=2).json() == {"hand": True}, "she raises it again"
    assert "Hand up" in row(anna.see(LIVE), "masha")
    masha.report()
    assert "down already" in words(anna.press("Lower: Masha")), "an old page"
    assert "Hand up" not in row(anna.see(LIVE), "masha")


def test_hands_stand_in_the_order_in_which_they_were_raised(
    hub: Hub, sit_down: Open, bridge: httpx.Client
) -> None:
    for name in ("petya", "masha"):
        hub.put(name, "ready")
        Server(bridge, name).report(hand=7)
    assert "Hands up: Petya, Masha" in words(sit_down("anna").see(LIVE))


@pytest.mark.parametrize("name", ["masha", "oleg", "south-admin", "writer", "passer-by"])
def test_another_class_is_nobodys_business(url: str, sit_down: Open, name: str) -> None:
    somebody = sit_down(name)
    somebody.see(LIVE, 404)
    somebody.see(f"{LIVE}/events", 404)
    somebody.see("classrooms/no-such-room/live", 404)


@pytest.mark.parametrize("name", ["anna", "north-admin", "chief"])
def test_who_keeps_the_class_looks_on(sit_down: Open, name: str) -> None:
    assert "Masha" in sit_down(name).see(LIVE)


def test_nobody_lowers_the_hand_of_another_class(
    hub: Hub, sit_down: Open, bridge: httpx.Client
) -> None:
    hub.put("masha", "ready")
    Server(bridge, "masha").report(hand=1)
    anna = sit_down("anna")
    page = anna.see(LIVE)
    anna.press("Lower: Masha", 404, pupil="oleg")
    anna.page = page.replace(LIVE, "classrooms/robots-5b/live")
    anna.press("Lower: Masha", 404)


def test_who_teaches_it_no_more_sees_no_more(
    watch: Watch, park: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ASK_AGAIN", 0.0)
    with park.write() as session:
        room = session.get_one(Classroom, ROOM)
        classrooms.ensure_person(session, "vera", "Vera", "north")
        session.flush()
        classrooms.add_members(session, ROOM, "teacher", ["vera"])
    teacher = watch("anna")
    assert not teacher.is_over
    with park.write() as session:
        keeping.take_out(session, session.get_one(Classroom, room.id), "anna")
    eventually(lambda: teacher.is_over, 5, "the stream ends")


def test_who_comes_into_the_class_comes_into_the_page(
    watch: Watch, park: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "ROSTER_EVERY", 0.1)
    teacher = watch()
    with park.write() as session:
        classrooms.add_members(session, ROOM, "pupil", ["passer-by"])
    eventually(lambda: "passer-by" in teacher.rows, 5, "a new pupil")
    assert len(set(teacher.rosters)) == 2, "by which the page knows to load itself anew"


def test_a_page_and_its_events_agree_on_who_is_in_the_class(
    watch: Watch, sit_down: Open, park: Store
) -> None:
    teacher = watch()
    with park.write() as session:
        classrooms.add_members(session, ROOM, "pupil", ["passer-by"])
    page = sit_down("anna").see(LIVE)
    (roster,) = re.findall(r'data-roster="(\w+)"', page)
    eventually(lambda: teacher.rosters[-1] == roster, 2, "or a page would load itself again")


def test_what_a_server_says_is_shown_as_text(
    hub: Hub, sit_down: Open, bridge: httpx.Client
) -> None:
    hub.put("masha", "ready")
    answer = Server(bridge, "masha").report(
        notebook="<script>alert(1)</script>.ipynb", task='"><b>'
    )
    assert answer.status_code == 200
    page = sit_down("anna").see(LIVE)
    assert "<script>alert" not in page
    assert '"><b>"' not in page


def test_the_page_is_light(class_of_thirty: list[str], sit_down: Open) -> None:
    page = sit_down("anna", "ru").see(LIVE)
    assert len(page.encode()) < 50_000
    assert f'data-events="{PREFIX}{LIVE}/events"' in page
