"""What the panel's server side itself says to a pupil, in Russian and in English.

Called by the other modules. What the exchange says comes from there and is shown as it is.
"""

import os
from typing import Literal

_SENTENCES = {
    "no-such-task": (
        "Задания «{task}» здесь нет. Нажми «Обновить» и посмотри ещё раз.",
        "There is no task “{task}” here. Press “Refresh” and look again.",
    ),
    "nothing-to-check": (
        "В папке задания «{task}» нет тетрадей, проверять нечего.",
        "The folder of the task “{task}” has no notebooks: there is nothing to check.",
    ),
    "check-took-too-long": (
        "Проверка шла дольше {minutes} мин. и остановлена. Наверное, какой-то цикл не "
        "заканчивается. Работа цела.",
        "The check took longer than {minutes} minutes and was stopped. Perhaps a loop never ends. "
        "Your work is safe.",
    ),
    "check-failed": (
        "Проверить тетрадь «{notebook}» не получилось. Сохрани её и попробуй ещё раз, а если не "
        "выйдет — скажи учителю. Работа цела.",
        "The notebook “{notebook}” could not be checked. Save it and try again; if that does not "
        "help, tell your teacher. Your work is safe.",
    ),
    "mishap": (
        "Что-то пошло не так. Твои файлы не тронуты. Попробуй ещё раз, а если не выйдет — скажи "
        "учителю.",
        "Something went wrong. Your files are untouched. Try again; if that does not help, tell "
        "your teacher.",
    ),
    "no-answer-yet": (
        "Здесь ещё нет твоего ответа.",
        "Your answer is still missing here.",
    ),
    "partly": (
        "Почти: часть проверок пройдена, но не все.",
        "Nearly: some of the tests pass, not all of them.",
    ),
    "no-gpu-yet": (
        "Просим для тебя видеокарту…",
        "Asking for a GPU for you…",
    ),
    "gpu-starts": (
        "Видеокарта твоя! Ядро запускается.",
        "A GPU is yours! The kernel is starting.",
    ),
    "gpu-runs": (
        "Видеокарта твоя, тетрадь на ней работает.",
        "A GPU is yours, the notebook runs on it.",
    ),
}


def language() -> Literal["ru", "en"]:
    """The language of whoever this server belongs to."""
    return "en" if os.environ.get("TECHNOPARK_LANGUAGE", "ru").startswith("en") else "ru"


def say(sentence: str, **details: object) -> str:
    """One of our sentences, in the language of whoever this server belongs to."""
    russian, english = _SENTENCES[sentence]
    return (russian if language() == "ru" else english).format(**details)
