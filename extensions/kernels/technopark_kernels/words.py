"""What a pupil reads about leased kernels, in Russian and in English.

Called by the provisioner and the websocket connection. What the broker says itself, such as why it
refuses, comes with its answers and is shown as it is.
"""

import math
import os
from typing import Literal

_SENTENCES = {
    "asking": (
        "Просим для тебя видеокарту… Ячейка запустится сама. Передумаешь — нажми ■.",
        "Asking for a GPU for you… The cell will run by itself. Changed your mind? Press ■.",
    ),
    "in-line": (
        "Твоё место в очереди на видеокарту — {place}{wait}. Ячейка запустится сама. "
        "Передумаешь — нажми ■.",
        "You are {place} in line for a GPU{wait}. The cell will run by itself. Changed your mind? "
        "Press ■.",
    ),
    "starting": (
        "Видеокарта твоя! Ядро запускается, ячейка вот-вот начнёт работать.",
        "A GPU is yours! The kernel is starting, the cell will run in a moment.",
    ),
    "line-away": (
        "Технопарк сейчас не отвечает. Ничего делать не нужно: когда он ответит, ячейка "
        "запустится сама. Передумаешь — нажми ■.",
        "The Technopark does not answer just now. There is nothing you need to do: when it "
        "answers, the cell will run by itself. Changed your mind? Press ■.",
    ),
    "kernel-away": (
        "Технопарк сейчас не отвечает, но твоё ядро на видеокарте работает дальше. Только не "
        "перезапускай его, пока связь не вернётся.",
        "The Technopark does not answer just now, but your kernel on the GPU goes on. Only do not "
        "restart it until the Technopark is back.",
    ),
    "ends-soon": (
        "Видеокарта твоя ещё {minutes}, потом ядро остановится. Сохрани в файл то, что пригодится.",
        "The GPU is yours for {minutes} more, then the kernel stops. Save what you need to a file.",
    ),
    "left-line": (
        "Ты больше не в очереди, ячейка не запускалась. Снова нужна видеокарта — нажми ⟳ "
        "(перезапустить ядро). Можно и без неё: выбери ядро Python 3.",
        "You have left the line, the cell was not run. Do you need a GPU after all? Press ⟳ "
        "(restart the kernel). Or go without: choose the kernel Python 3.",
    ),
    "deserted": (
        "Тетрадь была закрыта, поэтому очередь на видеокарту пошла без тебя. Снова нужна "
        "видеокарта — нажми ⟳ (перезапустить ядро).",
        "The notebook was closed, so the line for a GPU went on without you. Do you need a GPU "
        "again? Press ⟳ (restart the kernel).",
    ),
    "stopped": (
        "Ядро на видеокарте остановилось: его переменных больше нет, а тетрадь и файлы на месте. "
        "Нажми ⟳ (перезапустить ядро) и запусти ячейки снова. Ещё минуту твоё место за тобой.",
        "The kernel on the GPU has stopped: its variables are gone, your notebook and files are "
        "still here. Press ⟳ (restart the kernel) and run the cells again. Your place is kept for "
        "another minute.",
    ),
    "killed": (
        "Ядро на видеокарте остановлено — похоже, ему не хватило памяти. Тетрадь и файлы на месте. "
        "Нажми ⟳ (перезапустить ядро) и возьми данных поменьше. Ещё минуту твоё место за тобой.",
        "The kernel on the GPU was stopped: it seems to have run out of memory. Your notebook and "
        "files are still here. Press ⟳ (restart the kernel) and take less data. Your place is kept "
        "for another minute.",
    ),
    "time-limit": (
        "Твоё время на видеокарте закончилось, ядро остановилось. Тетрадь и файлы на месте. Нужно "
        "ещё — нажми ⟳ (перезапустить ядро): снова попросим для тебя видеокарту.",
        "Your time on the GPU is over, the kernel has stopped. Your notebook and files are still "
        "here. Need more? Press ⟳ (restart the kernel): we will ask for a GPU for you again.",
    ),
    "idle": (
        "Ядро на видеокарте долго отдыхало и остановилось: видеокарта нужна и другим. Тетрадь и "
        "файлы на месте. Хочешь продолжить — нажми ⟳ (перезапустить ядро).",
        "The kernel on the GPU did nothing for a long time and has stopped: others need the GPU, "
        "too. Your notebook and files are still here. To go on, press ⟳ (restart the kernel).",
    ),
    "node-lost": (
        "Компьютер с видеокартой пропал со связи, ядро остановилось. Ты ни при чём, тетрадь и "
        "файлы на месте. Нажми ⟳ (перезапустить ядро): попросим для тебя другую видеокарту.",
        "The computer with the GPU is lost, and the kernel with it. It is not your fault; your "
        "notebook and files are still here. Press ⟳ (restart the kernel): we will ask for another "
        "GPU for you.",
    ),
    "abandoned": (
        "Связь с Технопарком надолго пропала, и видеокарта перешла к другим. Тетрадь и файлы на "
        "месте. Нажми ⟳ (перезапустить ядро): снова попросим для тебя видеокарту.",
        "The Technopark was out of reach for long, and the GPU went to others. Your notebook and "
        "files are still here. Press ⟳ (restart the kernel): we will ask for a GPU for you again.",
    ),
    "rights": (
        "Этот класс больше не пользуется видеокартами, ядро остановилось. Выбери ядро Python 3 или "
        "спроси учителя.",
        "This classroom uses GPUs no more, the kernel has stopped. Choose the kernel Python 3 or "
        "ask your teacher.",
    ),
    "admin": (
        "Администратор Технопарка остановил это ядро. Тетрадь и файлы на месте. Спроси учителя, "
        "можно ли продолжать.",
        "An admin of the Technopark stopped this kernel. Your notebook and files are still here. "
        "Ask your teacher whether you may go on.",
    ),
    "failed": (
        "Ядро на видеокарте не запустилось. Нажми ⟳ (перезапустить ядро), а если не помогает — "
        "скажи учителю.",
        "The kernel on the GPU did not start. Press ⟳ (restart the kernel); if that does not help, "
        "tell your teacher.",
    ),
    "ended": (
        "Ядро на видеокарте остановлено. Нажми ⟳ (перезапустить ядро): попросим для тебя "
        "видеокарту.",
        "The kernel on the GPU is stopped. Press ⟳ (restart the kernel): we will ask for a GPU "
        "for you.",
    ),
    "silent": (
        "Видеокарта твоя, но ядро пока молчит. Подожди минуту; если не поможет — нажми ⟳ "
        "(перезапустить ядро).",
        "The GPU is yours, but the kernel is silent. Wait a minute; if that does not help, press ⟳ "
        "(restart the kernel).",
    ),
    "no-broker": (
        "Видеокарты здесь не настроены: нет переменной {variable}. Скажи учителю.",
        "GPUs are not set up here: the variable {variable} is missing. Tell your teacher.",
    ),
    "odd-answer": (
        "Технопарк ответил непонятно (код {status}). Попробуй ещё раз или скажи учителю.",
        "The Technopark gave an answer that makes no sense (code {status}). Try again or tell "
        "your teacher.",
    ),
}

_PLACES = {
    "ru": ("первое", "второе", "третье", "четвёртое", "пятое"),
    "en": ("first", "second", "third", "fourth", "fifth"),
}


def language() -> Literal["ru", "en"]:
    """The language of whoever this server belongs to."""
    return "en" if os.environ.get("TECHNOPARK_LANGUAGE", "ru").startswith("en") else "ru"


def say(sentence: str, **details: object) -> str:
    """One of our sentences, in the language of whoever this server belongs to."""
    russian, english = _SENTENCES[sentence]
    return (russian if language() == "ru" else english).format(**details)


def in_line(place: int, estimate: float | None) -> str:
    """Where somebody stands in the line.

    Args:
        place: 1 is the next.
        estimate: seconds until their turn; None where nobody can say.
    """
    return say("in-line", place=_ordinal(place), wait=_wait(estimate))


def minutes(seconds: float) -> str:
    """Minutes in words, at least one: `4 минуты`, `4 minutes`."""
    count = max(1, round(seconds / 60))
    if language() == "en":
        return f"{count} minute" if count == 1 else f"{count} minutes"
    return f"{count} {_russian(count, 'минута', 'минуты', 'минут')}"


def ending(reason: str, exit_code: int | None, message: str | None = None) -> str:
    """Why a kernel has ended, and what to do about it.

    Args:
        reason: the broker's word for it, or `stopped` for a kernel that ended by itself.
        exit_code: the kernel's, where it is known; above 128 it was killed by a signal.
        message: the broker's sentence, for a reason that is new here.
    """
    if reason == "stopped" and exit_code == _KILLED:
        return say("killed")
    return say(reason) if reason in _SENTENCES else message or say("ended")


_KILLED = 137


def _ordinal(place: int) -> str:
    names = _PLACES[language()]
    if place <= len(names):
        return names[place - 1]
    return f"{place}-е" if language() == "ru" else f"number {place}"


def _wait(estimate: float | None) -> str:
    if estimate is None:
        return ""
    if estimate < 60:
        return ", ждать меньше минуты" if language() == "ru" else ", less than a minute to go"
    if language() == "en":
        return f", about {minutes(math.ceil(estimate / 60) * 60)} to go"
    count = math.ceil(estimate / 60)
    return f", ждать примерно {count} {_russian(count, 'минуту', 'минуты', 'минут')}"


def _russian(count: int, one: str, few: str, many: str) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return one
    return few if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else many
