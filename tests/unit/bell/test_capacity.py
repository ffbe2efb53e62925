"""What lessons need of a machine, and how it is told where that is too much."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from technopark.bell import capacity
from technopark.bell.calendar import Lesson, Place, Timetable, Weekly, said_by
from technopark.bell.capacity import Machine, collisions, in_words, loads, yearly
from technopark.bell.forecast import week

GB = 1 << 30
MOSCOW = ZoneInfo("Europe/Moscow")
TEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
MACHINE = Machine(memory=24 * GB, room=20 * GB, server=GB, stays=timedelta(minutes=15))
SIZES = {"a": 15, "b": 16, "c": 4}


def lesson(room: str, after: int = 0, minutes: int = 45) -> Lesson:
    starts = TEN + timedelta(minutes=after)
    return Lesson(starts, starts + timedelta(minutes=minutes), room)


def needs(*lessons: Lesson) -> list[tuple[int, int]]:
    """From which minute on how many servers are there."""
    return [
        (int((load.starts - TEN).total_seconds() / 60), load.servers)
        for load in loads(lessons, SIZES, MACHINE)
    ]


def test_lessons_at_one_time_add_up_and_servers_stay_a_while() -> None:
    assert needs(lesson("a"), lesson("b", after=30)) == [(0, 15), (30, 31), (60, 16)]


def test_two_lessons_of_one_class_have_the_same_servers() -> None:
    assert needs(lesson("a"), lesson("a", after=50)) == [(0, 15), (50, 15), (60, 15)]


def test_nothing_is_said_of_times_without_servers() -> None:
    found = loads([lesson("a"), lesson("a", after=600)], SIZES, MACHINE)
    assert [load.ends - load.starts for load in found] == [timedelta(minutes=60)] * 2


def test_a_collision_is_told_in_both_languages() -> None:
    found = collisions(
        loads([lesson("a"), lesson("b", 10), lesson("c", 20)], SIZES, MACHINE), MACHINE
    )
    (collision,) = found
    assert collision.load.servers == 35
    titles = {"a": "6А", "b": "7В", "c": "5Б"}
    assert in_words(collision, MOSCOW, titles, "en") == (
        "Tuesday 24 November, 10:20: 35 GB needed for 35 servers, the machine has 24 GB, 20 of "
        "them for servers. These lessons collide: 6А (10:00–10:45), 7В (10:10–10:55), "
        "5Б (10:20–11:05)."
    )
    assert in_words(collision, MOSCOW, titles, "ru").startswith(
        "Вторник 24 ноября, 10:20: нужно 35 ГБ"
    )


def test_a_collision_of_every_week_is_told_once() -> None:
    places = {room: Place("north", MOSCOW) for room in SIZES}
    both = said_by([Weekly("a", 1, time(10), 45), Weekly("b", 1, time(10), 45)])
    lessons = Timetable(places, both).lessons(TEN, TEN + timedelta(days=27))
    found = collisions(loads(lessons, SIZES, MACHINE), MACHINE)
    assert [times for _, times in yearly(found, MOSCOW)] == [4]


def test_the_week_is_told_by_the_hour() -> None:
    found = week([lesson("a"), lesson("b", after=30)], SIZES, MACHINE, MOSCOW, TEN)
    assert found.days[0] == date(2026, 11, 24)
    assert [hour.hour for hour, _ in found.rows] == [10, 11]
    ten = found.rows[0][1][0]
    assert ten
    assert (ten.needs, ten.is_too_much) == (31 * GB, True)
    assert found.rows[0][1][1] is None


def test_gigabytes_in_two_languages() -> None:
    assert [capacity.gigabytes(int(n * GB)) for n in (0.04, 1.26, 31.4)] == ["0.0", "1.3", "31"]
    assert capacity.gigabytes(int(1.26 * GB), "ru") == "1,3"
