"""About how old a pupil is, by the number of the school class: the park knows no birthdays. Pure.

Called by `steps`, `works` and the portal. What is kept of a work is the year of the first
September at school, so that it need not be touched every summer.
"""

from collections.abc import Iterable
from datetime import date

from technopark.people.grades import grades_of

YOUNGEST, OLDEST = 6, 18
_FIRST_AGE = 7
"""In the first class most are seven, in the second eight, and so on."""
_SEPTEMBER = 9


def grade_of(titles: Iterable[str]) -> int | None:
    """The school class of somebody whose classrooms have these titles; None: they do not say.

    The highest, where they differ: a younger one is a class that nobody closed.
    """
    return max(grades_of(titles), default=None)


def first_september(grade: int, today: date) -> int:
    """The year in which somebody came to school who is in this class today."""
    return _school_year(today) - grade + 1


def age(first: int, today: date) -> int:
    """About how old somebody is who came to school in September of the year `first`."""
    return _school_year(today) - first + _FIRST_AGE


def first_of_age(years: int, today: date) -> int:
    """In which year somebody of this age came to school."""
    return _school_year(today) - years + _FIRST_AGE


def _school_year(today: date) -> int:
    return today.year if today.month >= _SEPTEMBER else today.year - 1
