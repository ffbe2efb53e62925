"""Puts the classroom's own buttons into nbgrader's formgrader, where the teacher is already.

Called by `server` once all extensions are loaded. Our templates extend nbgrader's and replace only
their instructions; without formgrader nothing happens.
"""

from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader

from technopark_grading import reasons

TEMPLATES = Path(__file__).with_name("templates")

_WORDS = {
    "ru": {
        "marks": "Скачать таблицу с оценками",
        "guide": "По порядку: Generate, Release — выдать задание; после урока Collect — собрать "
        "работы; потом нажмите на число в столбце # Submissions.",
        "grade all": "Проверить всех",
        "grading": "Проверяем",
        "done": "Готово. Обновляем список…",
        "failed": "Проверить удалось не всех. У кого в списке осталось needs autograding, "
        "нажмите молнию в столбце Autograde: там будет написано, что случилось.",
        "lost": "Связь с сервером пропала. Проверка продолжается; обновите страницу.",
    },
    "en": {
        "marks": "Download the table of marks",
        "guide": "In this order: Generate and Release hand the assignment out; after the lesson "
        "Collect brings the work in; then press the number under # Submissions.",
        "grade all": "Grade the whole class",
        "grading": "Grading",
        "done": "Done. Reloading the list…",
        "failed": "Not everybody could be graded. Where the list still says needs autograding, "
        "press the bolt under Autograde: it tells what happened.",
        "lost": "The server does not answer. Grading goes on; reload the page.",
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
    environment.globals["words"] = _WORDS[reasons.language()]
