"""A lesson as it is lived in the browser: what a teacher and a pupil click, one verb each."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from support.park import Park
from technopark.settings import SOURCE

MINUTE = 60_000


@dataclass(frozen=True)
class Lesson:
    """One assignment of a classroom, and a pupil of it."""

    classroom: str
    title: str
    course: str
    assignment: str
    pupil: str
    full_name: str
    """As formgrader writes it: surname, comma, name."""


class TeacherDesk:
    """The teacher's PC: formgrader in a tab of its own."""

    def __init__(self, page: Page, lesson: Lesson) -> None:
        self.page, self.lesson = page, lesson

    def open_grading(self) -> None:
        self.page.click("text=Проверить работы")
        come_in = self.page.get_by_role("button", name="Войти сюда")
        expect(come_in.or_(self.row())).to_be_visible(timeout=2 * MINUTE)
        if come_in.is_visible():
            come_in.click()
        expect(self.row()).to_be_visible()

    def row(self, of: str = "") -> Locator:
        """The line of the assignment, or of a pupil, in formgrader's table."""
        return self.page.locator("tbody tr", has_text=of or self.lesson.assignment)

    def press(self, column: str, of: str = "") -> None:
        """Clicks the picture in a column of the table and reads how it went."""
        self.row(of).locator(f".{column} a").first.click()
        answer = self.page.locator(".modal:visible")
        expect(answer).to_contain_text("Success", timeout=2 * MINUTE)
        answer.get_by_role("button", name="OK").click()
        expect(answer).to_have_count(0)

    def generate_and_release(self) -> None:
        self.press("assign")
        self.press("release")
        expect(self.row().locator(".status")).to_have_text("released")

    def collect_and_autograde(self) -> None:
        self.page.reload()
        self.press("collect")
        expect(self.row().locator(".num-submissions")).to_have_text("1")
        self.row().locator(".num-submissions a").click()
        self.page.get_by_role("button", name="Проверить всех").click()
        status = self.row(self.lesson.pupil).locator(".status")
        expect(status).to_have_text("needs manual grading", timeout=2 * MINUTE)
        expect(self.row(self.lesson.pupil)).to_contain_text(self.lesson.full_name)

    def mark_by_hand(self, comment: str) -> None:
        """Gives the free-text answer all its points, and says something kind."""
        self.page.get_by_role("link", name="Manual Grading").click()
        self.page.get_by_role("link", name=self.lesson.assignment).first.click()
        self.page.get_by_role("link", name=self.lesson.assignment).last.click()
        self.row("Submission").get_by_role("link").first.click()
        answer = self.page.locator(".nbgrader_cell", has=self.page.locator("textarea.comment")).last
        with self.page.expect_response(lambda reply: "api/grade/" in reply.url):
            answer.get_by_role("button", name="Full credit").click()
        answer.locator("textarea.comment").fill(comment)
        with self.page.expect_response(lambda reply: "api/comment" in reply.url):
            self.page.keyboard.press("Tab")

    def give_feedback(self) -> None:
        overview = re.sub(r"/formgrader/.*", "/formgrader/manage_assignments", self.page.url)
        self.page.goto(overview)
        self.press("generate-feedback")
        self.press("release-feedback")


class PupilDesk:
    """The pupil's PC: JupyterLab."""

    def __init__(self, page: Page, park: Park, lesson: Lesson) -> None:
        self.page, self.lesson = page, lesson
        self.folder = park.settings.homes / lesson.pupil / lesson.classroom
        self.homework = self.folder / lesson.assignment

    def open_lesson(self) -> None:
        self.page.locator("article", has_text=self.lesson.title).get_by_role("link").click()
        self.page.wait_for_url("**/lab**", timeout=2 * MINUTE)
        expect(self.page.locator(".tp-hand")).to_be_visible(timeout=2 * MINUTE)

    @property
    def task(self) -> Locator:
        """The assignment in the panel of tasks."""
        return self.page.locator(f"[data-task={self.lesson.assignment}]")

    def look_for_news(self) -> None:
        self.page.locator(".tp-Panel").get_by_role("button", name="Обновить").click()

    def fetch(self) -> None:
        self.look_for_news()
        self.task.get_by_role("button", name="Получить задание").click()
        expect(self.task.get_by_text("получено")).to_be_visible()

    def solve(self) -> None:
        """Types the author's answer into every cell, runs all and saves."""
        notebook = f"{self.lesson.assignment}.ipynb"
        tree = f"/lab/tree/{self.lesson.assignment}/{notebook}"
        self.page.goto(re.sub(r"/lab.*", tree, self.page.url))
        cells = self.page.locator(".jp-Notebook .jp-Cell")
        expect(cells.first).to_be_visible(timeout=2 * MINUTE)
        expect(self._idle()).to_be_attached(timeout=MINUTE)
        for number, text in _answers(self.homework / notebook, self._source(notebook)):
            cell = cells.nth(number)
            cell.scroll_into_view_if_needed()
            if not cell.locator(".cm-content").is_visible():
                cell.dblclick()
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(text)
        self.run_all()
        self.page.keyboard.press("Control+S")
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)

    def run_all(self) -> None:
        self.page.get_by_role("menuitem", name="Выполнить").click()
        self.page.get_by_text("Запустить все ячейки", exact=True).click()
        last = self.page.locator(".jp-CodeCell .jp-InputPrompt").last
        expect(last).to_have_text(re.compile(r"\[\d+\]"), timeout=2 * MINUTE)
        expect(self._idle()).to_be_attached(timeout=MINUTE)

    def _idle(self) -> Locator:
        return self.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")

    def _source(self, notebook: str) -> Path:
        course = SOURCE / "courses" / self.lesson.course
        return course / "source" / self.lesson.assignment / notebook

    def check(self) -> Locator:
        """Has the tests run; what the panel says of them."""
        self.task.get_by_role("button", name="Проверить").click()
        found = self.task.locator(".tp-finding")
        expect(found).to_be_visible(timeout=2 * MINUTE)
        return found

    def hand_in(self) -> dict[str, Any]:
        """Hands in; the receipt that lies beside the notebook then."""
        self.task.get_by_role("button", name="Сдать").click()
        expect(self.task.get_by_text("Работа принята!")).to_be_visible()
        receipts = sorted(self.homework.glob("квитанции/*.json"))
        assert receipts, "no receipt beside the notebook"
        receipt: dict[str, Any] = json.loads(receipts[-1].read_text("utf-8"))
        return receipt

    def read_feedback(self) -> str:
        """Reads the feedback; the page that it brings."""
        self.look_for_news()
        self.task.get_by_role("button", name="Прочитать отзыв").click()
        expect(self.task.get_by_text("Оценка")).to_be_visible()
        pages = sorted(self.homework.glob("feedback/*/*.html"))
        assert pages, "no feedback arrived"
        return pages[-1].read_text("utf-8")


def _answers(notebook: Path, source: Path) -> list[tuple[int, str]]:
    """Numbers of the cells that the pupil fills in, with the author's answers."""
    solutions = {_grade_id(c): _text(c) for c in _cells(source) if _is_solution(c)}
    return [
        (number, solutions[_grade_id(cell)])
        for number, cell in enumerate(_cells(notebook))
        if _is_solution(cell)
    ]


def _cells(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return cells


def _is_solution(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def _grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"]["nbgrader"]["grade_id"])


def _text(cell: dict[str, Any]) -> str:
    lines = "".join(cell["source"]).splitlines()
    return "\n".join(line for line in lines if not re.match(r"\s*### (BEGIN|END)", line))
