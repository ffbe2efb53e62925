"""Why the broker says no: one sentence for each reason, in Russian and in English.

Raised anywhere below `routes`; `app` turns it into an HTTP answer in the language of the asker.
A refusal never leaves anything half done behind it.
"""

from typing import ClassVar

from technopark.services import refusals
from technopark.services.refusals import WHO_IS_ASKING, Sentences

_SENTENCES: dict[str, tuple[int, str, str]] = {
    # who is asking
    "no-server": (
        403,
        "Место для вычислений просят из сервера урока: запусти урок и попробуй оттуда.",
        "A place to compute is asked for from within a lesson's server: start the lesson first.",
    ),
    "no-lesson": (
        403,
        "Класса «{classroom}» нет в твоём списке. Открой урок с домашней страницы.",
        "The classroom “{classroom}” is not on your list. Open a lesson from your home page.",
    ),
    "no-gpu": (
        403,
        "В этом курсе видеокарта не нужна: выбери обычное ядро «Python 3».",
        "This course needs no GPU: choose the ordinary kernel “Python 3”.",
    ),
    "only-grading": (
        403,
        "Песочницы — только для сервера проверки работ.",
        "Sandboxes are for grading servers alone.",
    ),
    "not-allowed": (
        403,
        "Все места видят только администраторы.",
        "Only admins see everybody's leases.",
    ),
    # what is asked for
    "no-lease": (
        404,
        "Такого места у тебя нет: оно уже закончилось или чужое.",
        "You have no such lease: it is over, or somebody else's.",
    ),
    "one-at-a-time": (
        409,
        "Видеокарта в этом классе у тебя уже занята: {first}. Выключи ядро там и попробуй снова.",
        "You have a GPU in this classroom already: {first}. Shut that kernel down, then try again.",
    ),
    "already-waiting": (
        409,
        "Ты уже ждёшь видеокарту: {first}. Дождись её или отмени там и попробуй снова.",
        "You are waiting for a GPU already: {first}. Wait for it or cancel there, then try again.",
    ),
    "same-kernel": (
        409,
        "У этого ядра уже есть место. Сначала останови его.",
        "This kernel has a lease already. Stop it first.",
    ),
    "not-running": (
        409,
        "Это место сейчас не работает, поэтому сделать это нельзя.",
        "This lease is not running now, so this cannot be done.",
    ),
    "no-stream": (
        409,
        "Поток есть только у песочниц, у каждой один.",
        "Only sandboxes have a stream, and each has one.",
    ),
    "too-many": (
        429,
        "Столько мест сразу просить нельзя: можно до {limit}. Дождись, пока закончатся первые.",
        "So many leases cannot be asked for at a time: up to {limit} can. Wait until some end.",
    ),
    # what is sent
    "no-encryption": (
        400,
        "Соединение с ядром должно быть зашифровано: нужны ключи CurveZMQ.",
        "The connection to the kernel must be encrypted: send CurveZMQ keys.",
    ),
    "bad-request": (
        422,
        "Не понимаю запрос. Неверно: {where}.",
        "This request is not understood. Wrong: {where}.",
    ),
    "too-big": (
        413,
        "Запрос слишком большой: можно до {limit} байт, и длину нужно назвать.",
        "The request is too big: up to {limit} bytes are allowed, and their number must be said.",
    ),
    "engine": (
        503,
        "Компьютер с ядром сейчас не отвечает. Подожди немного и попробуй ещё раз.",
        "The machine with the kernel does not answer. Wait a little and try again.",
    ),
}


class Refusal(refusals.Refusal):
    """The broker cannot do what was asked; `sentence` says why, in the asker's language."""

    sentences: ClassVar[Sentences] = WHO_IS_ASKING | _SENTENCES
    passing: ClassVar[frozenset[str]] = frozenset({"away", "engine", "too-many"})
