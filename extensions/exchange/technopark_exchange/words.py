"""What this package itself says to pupils and teachers, in Russian and in English.

Called by the exchange classes. What the service says comes with its answers and is shown as it is.
"""

import os
from typing import Literal

_SENTENCES = {
    "no-url": (
        "Обмен заданиями не настроен: нет переменной {variable}. Скажи учителю.",
        "The exchange is not set up: the variable {variable} is missing. Tell your teacher.",
    ),
    "away": (
        "Технопарк не отвечает. Работа не пропала: подожди минуту и попробуй ещё раз.",
        "The Technopark does not answer. Your work is not lost: wait a minute and try again.",
    ),
    "odd-answer": (
        "Технопарк ответил непонятно (код {status}). Попробуй ещё раз или скажи учителю.",
        "The Technopark gave an answer that makes no sense (code {status}). Try again or tell "
        "your teacher.",
    ),
    "damaged": (
        "Файлы дошли с ошибкой. Попробуй ещё раз.",
        "The files arrived damaged. Try again.",
    ),
    "no-course": (
        "Не указан класс. Добавь --course КЛАСС.",
        "No classroom is named. Add --course CLASSROOM.",
    ),
    "have-a-copy": (
        "Задание «{assignment}» у тебя уже есть, в папке {folder}. Ничего не изменено.",
        "You already have the assignment “{assignment}”, in the folder {folder}. Nothing was "
        "changed.",
    ),
    "fetched": (
        "Задание «{assignment}» получено: папка {folder}.",
        "The assignment “{assignment}” is here: the folder {folder}.",
    ),
    "replaced": (
        "Файла не хватало, он снова на месте: {file}",
        "A missing file is back: {file}",
    ),
    "no-folder": (
        "Нет папки {folder} с заданием «{assignment}». Сначала получи задание.",
        "There is no folder {folder} with the assignment “{assignment}”. Fetch it first.",
    ),
    "another-pupil": (
        "Сдать работу можно только за себя.",
        "You can hand in work for yourself only.",
    ),
    "bad-file-name": (
        "Имя файла «{name}» не подходит: в нём странные знаки. Переименуй файл.",
        "The file name “{name}” does not do: it has strange characters. Rename the file.",
    ),
    "missing-notebooks": (
        "В работе не хватает: {missing}.",
        "The work lacks: {missing}.",
    ),
    "extra-notebooks": (
        "В работе есть лишние тетради, проверять их не будут: {extra}.",
        "The work has notebooks of its own that are not graded: {extra}.",
    ),
    "handed-in": (
        "Работа «{assignment}» сдана {time}. Квитанция № {id}.",
        "“{assignment}” is handed in, {time}. Receipt no. {id}.",
    ),
    "late": (
        "Срок сдачи уже прошёл ({due}): работа отмечена как сданная позже срока.",
        "The deadline has passed ({due}): the work is marked as late.",
    ),
    "no-receipt-file": (
        "Работа сдана, но квитанцию не удалось записать: {reason}",
        "The work is handed in, but its receipt could not be written: {reason}",
    ),
    "nothing-to-collect": (
        "По заданию «{assignment}» в классе «{classroom}» никто ничего не сдал.",
        "Nobody has handed in “{assignment}” in the classroom “{classroom}”.",
    ),
    "collected": (
        "Собрана работа: {pupil}, «{assignment}», {time}",
        "Collected: {pupil}, “{assignment}”, {time}",
    ),
    "updated": (
        "Заменена более новой: {pupil}, «{assignment}», {time}",
        "Replaced by what was handed in later: {pupil}, “{assignment}”, {time}",
    ),
    "unchanged": (
        "Без изменений: {pupil}, «{assignment}»",
        "Unchanged: {pupil}, “{assignment}”",
    ),
    "newer-exists": (
        "Есть более новая работа: {pupil}, «{assignment}». Чтобы заменить, добавьте --update.",
        "There is a newer work: {pupil}, “{assignment}”. Add --update to take it.",
    ),
    "not-generated": (
        "Задание «{assignment}» есть в {source}, но не в {release}: сначала выполните "
        "nbgrader generate_assignment.",
        "“{assignment}” is in {source} but not in {release}: run nbgrader generate_assignment "
        "first.",
    ),
    "no-release": (
        "Нет папки {release} с заданием «{assignment}».",
        "There is no folder {release} with the assignment “{assignment}”.",
    ),
    "released": (
        "Задание «{assignment}» выдано классу «{classroom}», версия {version}, срок: {due}.",
        "“{assignment}” is handed out to the classroom “{classroom}”, version {version}, "
        "deadline: {due}.",
    ),
    "no-deadline": ("без срока", "none"),
    "taken-back": (
        "Задание «{assignment}» больше не выдаётся; сданные работы сохранены.",
        "“{assignment}” is no longer handed out; what was handed in is kept.",
    ),
    "never-removed": (
        "Сданные работы не удаляются: Технопарк хранит все версии.",
        "Submissions are never removed: the Technopark keeps every version.",
    ),
    "feedback-released": (
        "Отзыв выдан: {pupil}, «{assignment}»",
        "Feedback released: {pupil}, “{assignment}”",
    ),
    "feedback-unknown": (
        "Отзыв не выдан: {pupil}, «{assignment}» — работа собрана не через Технопарк "
        "(нет файла {file}).",
        "Feedback not released: {pupil}, “{assignment}”: the work was not collected through the "
        "Technopark (there is no {file}).",
    ),
    "no-feedback-made": (
        "Отзывов на «{assignment}» ещё нет: сначала выполните nbgrader generate_feedback.",
        "There is no feedback on “{assignment}” yet: run nbgrader generate_feedback first.",
    ),
    "feedback-fetched": ("Отзыв получен: {folder}", "Feedback is here: {folder}"),
    "feedback-none": (
        "Отзыва на «{assignment}» пока нет.",
        "There is no feedback on “{assignment}” yet.",
    ),
    "list-released": ("Выданные задания:", "Released assignments:"),
    "list-submitted": ("Сданные работы:", "Submitted assignments:"),
    "already-downloaded": ("уже получено", "already downloaded"),
    "feedback-here": ("отзыв получен", "feedback already fetched"),
    "feedback-ready": ("отзыв можно получить", "feedback ready to be fetched"),
    "feedback-not-yet": ("отзыва нет", "no feedback available"),
    "marked-late": ("позже срока", "late"),
}


def language() -> Literal["ru", "en"]:
    """The language of whoever this server belongs to."""
    return "en" if os.environ.get("TECHNOPARK_LANGUAGE", "ru").startswith("en") else "ru"


def say(sentence: str, **details: object) -> str:
    """One of our sentences, in the language of whoever this server belongs to."""
    russian, english = _SENTENCES[sentence]
    return (russian if language() == "ru" else english).format(**details)
