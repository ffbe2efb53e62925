"""The class that stands in the title of a classroom."""

import pytest

from technopark.people.grades import grades_of


@pytest.mark.parametrize(
    ("title", "grades"),
    [
        ("6А · Первые данные", {6}),
        ("11 «Б», физика", {11}),
        ("9-в", {9}),
        ("10-Б Геном", {10}),
        ("7 «В»", {7}),
        ("Python 3 для всех", set()),
        ("Группа 15", set()),
        ("Кружок 3 · Первый робот", set()),
        ("6 учеников", set()),
        ("2026 год", set()),
        ("data-6a", set()),
    ],
)
def test_a_class_stands_at_the_beginning_of_a_title(title: str, grades: set[int]) -> None:
    assert grades_of([title]) == grades
