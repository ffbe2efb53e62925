"""Puts the classroom's own buttons into nbgrader's formgrader, where the teacher is already.

Called by `extension` once all of the server's are loaded. Our templates extend nbgrader's and
replace only their instructions; without formgrader nothing happens.
"""

from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader

from technopark_grading.language import language

TEMPLATES = Path(__file__).with_name("templates")

_WORDS: dict[str, dict[str, Any]] = {
    "ru": {
        "marks": "Скачать таблицу с оценками",
        "guide": "По порядку: Generate, Release — выдать задание; после урока Collect — собрать "
        "работы; потом нажмите на число в столбце # Submissions.",
        "grade all": "Проверить всех",
        "grade again": "Проверить заново и тех, кто уже проверен",
        "cancel": "Остановить проверку",
        "starting": "Начинаем проверку…",
        "cancelling": "Останавливаем…",
        "left": "осталось примерно",
        "seconds": "с",
        "minutes": "мин",
        "lost": "Связь с сервером пропала. Проверка продолжается; обновите страницу.",
        "columns": ["Ученик", "Что с работой", "Баллы"],
        "phases": {
            "never": "",
            "collecting": "Готовимся",
            "grading": "Проверяем",
            "broken-off": "Проверка оборвалась. Нажмите кнопку: она продолжится с этого места",
            "cancelled": "Проверка остановлена. Что проверено, сохранено",
            "failed": "Проверка не закончена",
            "done": "Проверено",
        },
        "states": {
            "waiting": "ждёт",
            "grading": "проверяется",
            "graded": "проверено",
            "attention": "посмотрите сами",
        },
    },
    "en": {
        "marks": "Download the table of marks",
        "guide": "In this order: Generate and Release hand the assignment out; after the lesson "
        "Collect brings the work in; then press the number under # Submissions.",
        "grade all": "Grade the whole class",
        "grade again": "Grade anew also those who are graded",
        "cancel": "Stop grading",
        "starting": "Beginning…",
        "cancelling": "Stopping…",
        "left": "left about",
        "seconds": "s",
        "minutes": "min",
        "lost": "The server does not answer. Grading goes on; reload the page.",
        "columns": ["Pupil", "Work", "Points"],
        "phases": {
            "never": "",
            "collecting": "Preparing",
            "grading": "Grading",
            "broken-off": "Grading broke off. Press the button: it goes on from here",
            "cancelled": "Grading was stopped. What is graded is kept",
            "failed": "Grading did not come to its end",
            "done": "Graded",
        },
        "states": {
            "waiting": "waits",
            "grading": "being graded",
            "graded": "graded",
            "attention": "look yourself",
        },
    },
}


def install(settings: dict[str, Any]) -> None:
    """Let formgrader's pages be looked for among ours first.

    Args:
        settings: those of the web application, into which formgrader has put its environment.
    """
    environment = settings.get("nbgrader_jinja2_env")
    if not isinstance(environment, Environment) or environment.loader is None:
        return
    theirs = environment.loader
    ours = FileSystemLoader(TEMPLATES)
    environment.loader = ChoiceLoader([ours, PrefixLoader({"nbgrader": theirs}), theirs])
    environment.globals["words"] = _WORDS[language()]
