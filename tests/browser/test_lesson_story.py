"""A lesson from sign-in to mark, in two browsers, as the class lives through it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.lesson import Lesson, PupilDesk, TeacherDesk
from support.park import Park

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

PENGUINS = Lesson(
    "data-6a", "6А · Первые данные", "data-start", "penguins", "masha", "Иволгина, Маша"
)


def test_a_lesson_from_sign_in_to_mark(park: Park, sit_down: Open) -> None:
    teacher = TeacherDesk(sit_down("anna-pavlovna"), PENGUINS)
    masha = PupilDesk(sit_down(PENGUINS.pupil), park, PENGUINS)
    teacher.open_grading()
    teacher.generate_and_release()
    masha.open_lesson()
    masha.fetch()
    expect(masha.check()).to_contain_text("пройдены пока не все проверки")
    masha.solve()
    expect(masha.check()).to_contain_text("все проверки пройдены")
    receipt = masha.hand_in()
    teacher.collect_and_autograde()
    teacher.mark_by_hand("Хорошая мысль, Маша!")
    teacher.give_feedback()
    feedback = masha.read_feedback()
    assert receipt["assignment"] == PENGUINS.assignment
    assert receipt["late"] is False
    assert "Хорошая мысль, Маша!" in feedback
    assert re.search(r"penguins \(Score: 10.0 / 10.0\)", feedback)
