"""A pupil's lesson by the panel in Lab, in both languages; no containers, but a real exchange.

How the panel does in a park is told by `test_lesson_story.py`.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from support import small_task
from support.lab_server import LabServer, lab_server
from support.lesson import MINUTE

from technopark.bench import rehearsal
from technopark.bench.rehearsal import CLASSROOM, TEACHER, token
from technopark.catalogue import frontends
from technopark.settings import SOURCE, load

pytestmark = pytest.mark.browser
PICTURES = SOURCE / "var" / "test-pictures"
DUE = "2036-11-25T15:00:00+00:00"
WORDS = {
    "ru": {
        "due": "Сдать до вт, 25 ноября в 18:00",
        "get": "Получить задание",
        "check": "Проверить",
        "failed": "пройдены пока не все проверки",
        "passed": "все проверки пройдены",
        "hand in": "Сдать",
        "taken": "Работа принята!",
        "receipt": "Квитанция № ",
        "receipts": "квитанции",
        "raise": "Поднять руку",
        "up": "Рука поднята. Учитель её видит.",
        "refresh": "Обновить",
        "feedback": "Прочитать отзыв",
        "mark": "Оценка: 1 из 2,5",
    },
    "en": {
        "due": "Hand in by Tue 25 November at 18:00",
        "get": "Get the task",
        "check": "Check",
        "failed": "not all tests pass yet",
        "passed": "all tests pass",
        "hand in": "Hand in",
        "taken": "Your work is taken!",
        "receipt": "Receipt no. ",
        "receipts": "receipts",
        "raise": "Raise a hand",
        "up": "Your hand is up. Your teacher sees it.",
        "refresh": "Refresh",
        "feedback": "Read the feedback",
        "mark": "Mark: 1 of 2.5",
    },
}


class Teacher:
    """Hands out and gives feedback, without a browser."""

    def __init__(self, exchange: str) -> None:
        self.exchange = exchange

    def hand_out(self) -> None:
        files = {f"{small_task.NAME}.ipynb": small_task.notebook()}
        path = f"/classrooms/{CLASSROOM}/assignments/{small_task.NAME}"
        self._put(path, files, due=DUE)

    def give_feedback(self, receipt: str) -> None:
        page = "<h3>count (Score: 1.0 / 2.5)</h3><p>Хорошая мысль!</p>".encode()
        path = f"/submissions/{receipt}/feedback"
        files = {f"{small_task.NAME}.html": page}
        self._put(path, files, person=PUPIL, assignment=small_task.NAME)

    def _put(self, path: str, files: dict[str, bytes], **query: str) -> None:
        headers = {"Authorization": f"token {token(TEACHER)}"}
        content = rehearsal.archive(files)
        httpx.put(
            self.exchange + path, content=content, params=query, headers=headers, trust_env=False
        ).raise_for_status()


PUPIL = rehearsal.pupils(1)[0]


@pytest.fixture
def teacher(tmp_path: Path) -> Iterator[Teacher]:
    path = rehearsal.write_settings(tmp_path)
    rehearsal.seed(load(path).database_url, [PUPIL])
    with rehearsal.hub() as hub:
        service = rehearsal.Service(path, hub)
        service.start()
        try:
            yield Teacher(service.url)
        finally:
            service.stop()


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(teacher: Teacher, language: str, tmp_path: Path) -> Iterator[LabServer]:
    home = tmp_path / "home"
    home.mkdir()
    with lab_server(home, PUPIL, teacher.exchange, CLASSROOM, language, lab=True) as running:
        yield running


@pytest.fixture
def open_lab(chromium: Browser, server: LabServer) -> Iterator[Callable[[], Page]]:
    """Opens Lab as pupils see it first; looks through the console at the end."""
    errors: list[str] = []
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(MINUTE)

    def open_page() -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.goto(server.page)
        return page

    yield open_page
    context.close()
    assert errors == []


def test_from_the_task_to_its_mark(
    open_lab: Callable[[], Page], server: LabServer, teacher: Teacher, language: str
) -> None:
    words = WORDS[language]
    teacher.hand_out()
    page = open_lab()

    def press(word: str) -> None:
        page.locator(".tp-Panel").get_by_role("button", name=words[word]).click()

    def look(name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"lab-panel-{name}-{language}.png")

    task = page.locator(f"[data-task={small_task.NAME}]")
    expect(task).to_contain_text(words["due"], timeout=2 * MINUTE)
    press("get")
    task.get_by_role("button", name=small_task.NAME).click()
    answer = page.locator(".jp-Notebook .jp-Cell .cm-content").first
    expect(answer).to_be_visible()
    press("check")
    expect(task.locator(".tp-failed")).to_contain_text(words["failed"], timeout=2 * MINUTE)
    expect(task.locator(".tp-error")).to_have_text("NameError: name 'total' is not defined")
    look("failed")

    answer.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("total = 5")  # nobody saves: the panel does
    press("check")
    expect(task.locator(".tp-passed")).to_contain_text(words["passed"], timeout=2 * MINUTE)
    press("hand in")
    expect(task).to_contain_text(words["taken"])
    (file,) = (server.folder / small_task.NAME / words["receipts"]).iterdir()
    receipt = json.loads(file.read_text())["id"]
    expect(task).to_contain_text(words["receipt"] + receipt)
    press("raise")
    expect(page.get_by_text(words["up"])).to_be_visible()
    assert server.ask("hand") == {"raised": True}
    look("handed-in")

    teacher.give_feedback(receipt)
    press("refresh")
    press("feedback")
    expect(task).to_contain_text(words["mark"])
    shown = page.frame_locator(".jp-HTMLViewer iframe").get_by_text("Хорошая мысль!")
    expect(shown).to_be_visible()
    look("feedback")


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_who_opens_another_tab_loads_the_tab_alone(
    open_lab: Callable[[], Page], server: LabServer
) -> None:
    page = open_lab()
    loaded: list[str] = []
    expect(page.locator(".tp-Panel")).to_be_visible(timeout=2 * MINUTE)
    page.locator("[data-id=filebrowser]").first.click()
    expect(page.locator(".tp-Panel")).to_be_hidden()
    page.wait_for_timeout(3000)  # Lab writes down how it looks a second later
    page.on("request", lambda asked: loaded.append(asked.url.partition("/technopark-lab/")[2]))
    page.reload()
    expect(page.locator("[data-id=technopark-lab]").first).to_be_visible(timeout=2 * MINUTE)
    files = frontends.made(SOURCE / "extensions" / "lab")
    sizes = {
        label.partition("/")[2]: len(gzip.compress(path.read_bytes()))
        for label, path in files.items()
        if label.endswith(".js")
    }
    asked = {name.partition("?")[0] for name in loaded} & sizes.keys()
    assert asked
    assert sum(sizes[name] for name in asked) < 10_000, "gzipped, at the start of a page"
    assert sum(sizes.values()) < 150_000
