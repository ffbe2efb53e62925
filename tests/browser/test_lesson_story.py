"""A lesson from sign-in to mark, in two browsers, as the class lives through it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from support.park import Park

from technopark.settings import SOURCE

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

CLASSROOM, ASSIGNMENT, PUPIL = "data-6a", "penguins", "masha"
MINUTE = 60_000


def test_a_lesson_from_sign_in_to_mark(park: Park, sit_down: Open) -> None:
    teacher, masha = sit_down("anna-pavlovna"), sit_down(PUPIL)
    open_grading(teacher)
    generate_and_release(teacher)
    open_lesson(masha)
    fetch_assignment(masha)
    solve(masha, park)
    receipt = hand_in(masha, park)
    collect_and_autograde(teacher)
    mark_by_hand(teacher, "Хорошая мысль, Маша!")
    give_feedback(teacher)
    feedback = read_feedback(masha, park)
    assert "Хорошая мысль, Маша!" in feedback
    assert receipt["assignment"] == ASSIGNMENT


def open_grading(teacher: Page) -> None:
    teacher.click("text=Проверить работы")
    come_in, table = teacher.get_by_role("button", name="Войти сюда"), row(teacher)
    expect(come_in.or_(table)).to_be_visible(timeout=2 * MINUTE)
    if come_in.is_visible():
        come_in.click()
    expect(table).to_be_visible()


def row(teacher: Page, of: str = ASSIGNMENT) -> Locator:
    """The line of the assignment, or of the pupil, in formgrader's table."""
    return teacher.locator("tbody tr", has_text=of)


def press(teacher: Page, column: str, of: str = ASSIGNMENT) -> None:
    """Clicks the picture in a column of formgrader's table and reads how it went."""
    row(teacher, of).locator(f".{column} a").first.click()
    answer = teacher.locator(".modal:visible")
    expect(answer).to_contain_text("Success", timeout=2 * MINUTE)
    answer.get_by_role("button", name="OK").click()
    expect(answer).to_have_count(0)


def generate_and_release(teacher: Page) -> None:
    press(teacher, "assign")
    press(teacher, "release")
    expect(row(teacher).locator(".status")).to_have_text("released")


def open_lesson(masha: Page) -> None:
    masha.locator("article", has_text="6А · Первые данные").get_by_role("link").click()
    masha.wait_for_url("**/lab**", timeout=2 * MINUTE)
    expect(masha.locator("#released_assignments_list")).to_be_visible(timeout=2 * MINUTE)


def fetch_assignment(masha: Page) -> None:
    masha.locator("#refresh_assignments_list").click()
    released = masha.locator("#released_assignments_list .list_item", has_text=ASSIGNMENT)
    released.get_by_role("button", name="Fetch").click()
    fetched = masha.locator("#fetched_assignments_list .list_item", has_text=ASSIGNMENT)
    expect(fetched.first).to_be_visible()


def solve(masha: Page, park: Park) -> None:
    """Types every answer into its cell, runs all and saves."""
    path = homework(park) / f"{ASSIGNMENT}.ipynb"
    masha.goto(re.sub(r"/lab.*", f"/lab/tree/{ASSIGNMENT}/{ASSIGNMENT}.ipynb", masha.url))
    cells = masha.locator(".jp-Notebook .jp-Cell")
    expect(cells.first).to_be_visible(timeout=2 * MINUTE)
    ready = masha.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    expect(ready).to_be_attached(timeout=MINUTE)
    for number, text in answers(path):
        editor = cells.nth(number).locator(".cm-content")
        cells.nth(number).scroll_into_view_if_needed()
        if not editor.is_visible():
            cells.nth(number).dblclick()
        editor.click()
        masha.keyboard.press("Control+A")
        masha.keyboard.insert_text(text)
    masha.get_by_role("menuitem", name="Выполнить").click()
    masha.get_by_text("Запустить все ячейки", exact=True).click()
    expect(ready).to_be_attached(timeout=2 * MINUTE)
    masha.keyboard.press("Control+S")
    expect(masha.locator(".jp-mod-dirty")).to_have_count(0)


def answers(path: Path) -> list[tuple[int, str]]:
    """Numbers of the cells that the pupil fills in, with the author's answers."""
    source = SOURCE / "courses" / "data-start" / "source" / ASSIGNMENT / path.name
    solutions = {grade_id(cell): text_of(cell) for cell in cells_of(source) if is_solution(cell)}
    return [
        (number, solutions[grade_id(cell)])
        for number, cell in enumerate(cells_of(path))
        if is_solution(cell)
    ]


def cells_of(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return cells


def is_solution(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"]["nbgrader"]["grade_id"])


def text_of(cell: dict[str, Any]) -> str:
    lines = "".join(cell["source"]).splitlines()
    return "\n".join(line for line in lines if not re.match(r"\s*### (BEGIN|END)", line))


def homework(park: Park) -> Path:
    return park.settings.homes / PUPIL / CLASSROOM / ASSIGNMENT


def hand_in(masha: Page, park: Park) -> dict[str, Any]:
    """Submits, and finds the receipt beside the notebook."""
    masha.get_by_role("menuitem", name="Nbgrader").click()
    masha.get_by_text("Assignment List").click()
    fetched = masha.locator("#fetched_assignments_list .list_item", has_text=ASSIGNMENT).first
    fetched.get_by_role("button", name="Submit").click()
    submitted = masha.locator("#submitted_assignments_list .list_item", has_text=ASSIGNMENT)
    expect(submitted.first).to_be_visible()
    receipts = sorted((park.settings.homes / PUPIL / CLASSROOM).rglob("квитанции/*.json"))
    assert receipts, "no receipt beside the notebook"
    receipt: dict[str, Any] = json.loads(receipts[-1].read_text("utf-8"))
    return receipt


def collect_and_autograde(teacher: Page) -> None:
    teacher.reload()
    press(teacher, "collect")
    expect(row(teacher).locator(".num-submissions")).to_have_text("1")
    row(teacher).locator(".num-submissions a").click()
    press(teacher, "autograde", PUPIL)
    expect(row(teacher, PUPIL).locator(".status")).to_have_text("needs manual grading")


def mark_by_hand(teacher: Page, comment: str) -> None:
    teacher.get_by_role("link", name="Manual Grading").click()
    teacher.get_by_role("link", name=ASSIGNMENT).first.click()
    teacher.get_by_role("link", name=ASSIGNMENT).last.click()
    row(teacher, "Submission").get_by_role("link").first.click()
    to_mark = teacher.locator(".nbgrader_cell", has=teacher.locator("textarea.comment")).last
    expect(to_mark).to_be_visible()
    with teacher.expect_response(lambda answer: "api/grade/" in answer.url):
        to_mark.get_by_role("button", name="Full credit").click()
    to_mark.locator("textarea.comment").fill(comment)
    with teacher.expect_response(lambda answer: "api/comment" in answer.url):
        teacher.keyboard.press("Tab")


def give_feedback(teacher: Page) -> None:
    teacher.goto(re.sub(r"/formgrader/.*", "/formgrader/manage_assignments", teacher.url))
    press(teacher, "generate-feedback")
    press(teacher, "release-feedback")


def read_feedback(masha: Page, park: Park) -> str:
    """Fetches the feedback in the list; what its page says."""
    masha.locator("#refresh_assignments_list").click()
    submitted = masha.locator("#submitted_assignments_list .list_item", has_text=ASSIGNMENT).first
    submitted.get_by_role("button", name="Fetch Feedback").click()
    expect(masha.get_by_text("(view feedback)")).to_be_attached()
    pages = sorted((park.settings.homes / PUPIL / CLASSROOM).rglob("feedback/**/*.html"))
    assert pages, "no feedback arrived"
    return pages[-1].read_text("utf-8")
