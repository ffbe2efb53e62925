"""Names, ages and the next course: small rules that can be said in words."""

from datetime import date, datetime

import pytest

from technopark.path import ages
from technopark.path.called import called
from technopark.path.courses import CourseFacts, Skill
from technopark.path.next_courses import proposals
from technopark.path.steps import CourseStep, State, Steps

TODAY = date(2026, 11, 24)
TABLES = Skill("читать таблицы", "reading tables")
PLOTS = Skill("строить графики", "drawing plots")
ROBOTS = Skill("водить робота", "driving a robot")


@pytest.mark.parametrize(
    ("full_name", "wanted"),
    [
        ("Маша И.", "Маша И."),
        ("Иволгина Маша", "Маша И."),
        ("Маша Иволгина", "Маша И."),
        ("Журавлёв Тимур", "Тимур Ж."),
        ("Иволгина Мария Петровна", "Мария И."),
        ("Masha", "Masha"),
        ("Masha Petrova", "Masha P."),
        ("Ирина Кузнецова", "И. К."),
        ("Ким Алан", "К. А."),
        ("Иванова-Петрова Анна", "Анна И."),
        ("Анна Мария Луиза Кох", "А. М. Л. К."),
    ],
)
def test_nobody_outside_the_school_reads_a_surname(full_name: str, wanted: str) -> None:
    assert called(full_name) == wanted


@pytest.mark.parametrize(
    ("titles", "grade"),
    [
        (["6А · Первые данные"], 6),
        (["Кружок роботов"], None),
        (["5Б · Робот", "6А · Данные"], 6),
        ([], None),
    ],
)
def test_the_highest_class_counts(titles: list[str], grade: int | None) -> None:
    assert ages.grade_of(titles) == grade


def test_a_year_later_a_pupil_is_a_year_older() -> None:
    first = ages.first_september(6, TODAY)
    assert ages.age(first, TODAY) == 12
    assert ages.age(first, date(2027, 5, 20)) == 12
    assert ages.age(first, date(2027, 9, 1)) == 13
    assert ages.first_of_age(12, TODAY) == first


def course(name: str, *skills: Skill, ages: tuple[int, int] | None = (10, 13)) -> CourseFacts:
    return CourseFacts(name, (("en", name),), ages=ages, skills=skills)


def taken(*courses: CourseFacts, state: State = "finished") -> Steps:
    when = datetime(2026, 1, 1)  # noqa: DTZ001  # only that it is there
    return Steps(tuple(CourseStep("r", "r", one, state, 2, 2, when) for one in courses))


def test_what_comes_next_is_new_and_for_this_age() -> None:
    data = course("data", TABLES)
    others = [data, course("robots", ROBOTS), course("bio", PLOTS, ages=(14, 16))]
    assert [one.course.course for one in proposals(taken(data), 12, others, {})] == ["robots"]


def test_a_class_at_the_own_school_comes_first_then_what_goes_on() -> None:
    data = course("data", TABLES)
    others = [
        course("art", Skill("рисовать", "drawing")),
        course("more-data", TABLES, PLOTS),
        course("robots", ROBOTS),
        course("more", PLOTS),
    ]
    found = proposals(taken(data), 12, others, {"robots": ["5Б"]})
    assert [one.course.course for one in found] == ["robots", "more-data", "art"]
    assert found[0].classes == ("5Б",)
    assert found[1].known == (TABLES,)


def test_where_the_age_is_not_known_nothing_is_left_out_for_it() -> None:
    (one,) = proposals(taken(), None, [course("bio", PLOTS, ages=(14, 16))], {})
    assert not one.fits_age
