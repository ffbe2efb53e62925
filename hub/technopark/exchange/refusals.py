"""Why the exchange says no: one sentence for each reason, in Russian and in English.

Raised anywhere below `routes`; `app` turns it into an HTTP answer in the language of the asker.
A refusal never leaves anything half done behind it.
"""

from typing import ClassVar

from technopark.services import refusals
from technopark.services.refusals import WHO_IS_ASKING, Sentences

_SENTENCES: dict[str, tuple[int, str, str]] = {
    "not-allowed": (
        403,
        "Это могут делать только участники класса «{classroom}», и каждый — своё.",
        "Only members of the classroom “{classroom}” may do this, each in their own part.",
    ),
    # what is asked for
    "no-assignment": (
        404,
        "В классе «{classroom}» нет задания «{assignment}». Проверь название.",
        "There is no assignment “{assignment}” in the classroom “{classroom}”. Check its name.",
    ),
    "not-released": (
        404,
        "Учитель пока не выдал задание «{assignment}».",
        "The teacher has not handed out the assignment “{assignment}”.",
    ),
    "no-submission": (
        404,
        "Сданной работы с номером {submission} здесь нет.",
        "There is no submission {submission} here.",
    ),
    "no-feedback": (
        404,
        "Отзыва на эту работу ещё нет.",
        "There is no feedback on this work yet.",
    ),
    "not-a-pupil": (
        404,
        "В классе «{classroom}» нет ученика «{person}».",
        "There is no pupil “{person}” in the classroom “{classroom}”.",
    ),
    "already-released": (
        409,
        "Задание «{assignment}» уже выдано, и содержимое изменилось. Чтобы выдать новую версию, "
        "добавьте --force: сданные работы сохранятся.",
        "The assignment “{assignment}” is already handed out, and this content differs. Add "
        "--force to hand out a new version: submissions are kept.",
    ),
    "wrong-feedback": (
        409,
        "Отзыв не подходит к работе {submission}: её сдал другой ученик или по другому заданию.",
        "The feedback does not fit the submission {submission}: another pupil or another "
        "assignment is behind it.",
    ),
    "no-deadline": (
        409,
        "У задания «{assignment}» нет срока сдачи, продлевать нечего.",
        "The assignment “{assignment}” has no deadline, so there is nothing to extend.",
    ),
    "bad-name": (
        422,
        "Задание не может называться «{name}»: до 100 знаков, без / и +, не с точки.",
        "An assignment cannot be called “{name}”: up to 100 characters, no / or +, not starting "
        "with a dot.",
    ),
    "bad-time": (
        422,
        "Не понимаю время «{time}». Пример: 2026-11-25 18:00.",
        "“{time}” is not a time. Write it like 2026-11-25 18:00.",
    ),
    # what is sent
    "too-big": (
        413,
        "Работа слишком большая: можно до {limit}. Удали из папки большие файлы.",
        "The work is too big: up to {limit} is allowed. Remove large files from the folder.",
    ),
    "too-many-files": (
        413,
        "В работе слишком много файлов: можно до {limit}. Удали лишние.",
        "The work has too many files: up to {limit} are allowed. Remove some.",
    ),
    "too-deep": (
        413,
        "Слишком много вложенных папок в «{name}»: можно до {limit}.",
        "Too many folders inside folders in “{name}”: up to {limit} are allowed.",
    ),
    "too-many-uploads": (
        429,
        "Твоя работа уже отправляется. Подожди, пока она дойдёт.",
        "Your work is already being sent. Wait until it has arrived.",
    ),
    "link": (
        422,
        "«{name}» — ссылка, а не файл. Замени её самим файлом или удали.",
        "“{name}” is a link, not a file. Replace it by the file itself or remove it.",
    ),
    "not-a-file": (
        422,
        "«{name}» — не обычный файл. Удали его и отправь ещё раз.",
        "“{name}” is not a regular file. Remove it and send again.",
    ),
    "outside": (
        422,
        "Имя «{name}» ведёт за пределы папки задания. Так нельзя.",
        "The name “{name}” leads out of the assignment's folder, which is not allowed.",
    ),
    "bad-file-name": (
        422,
        "Имя файла «{name}» не подходит: пустое, слишком длинное или со странными знаками. "
        "Переименуй файл.",
        "The file name “{name}” does not do: it is empty, too long or has strange characters. "
        "Rename the file.",
    ),
    "same-name": (
        422,
        "Имена «{name}» и «{other}» на многих компьютерах — одно и то же. Переименуй один файл.",
        "“{name}” and “{other}” are one name on many computers. Rename one of them.",
    ),
    "empty": (
        422,
        "В папке задания нет ни одного файла, отправлять нечего.",
        "There is not one file in the assignment's folder: nothing to send.",
    ),
    "cut-off": (
        400,
        "Работа дошла не целиком: связь оборвалась. Отправь ещё раз.",
        "The work did not arrive whole: the connection broke. Send it again.",
    ),
    "not-an-archive": (
        400,
        "Это не похоже на сжатый архив tar: пришло что-то другое.",
        "This is not a gzip-compressed tar archive: something else arrived.",
    ),
    "disk-full": (
        507,
        "На диске Технопарка кончилось место. Работа осталась у тебя; скажи учителю и отправь "
        "позже.",
        "The Technopark's disk is full. Your work is still with you; tell your teacher and send "
        "it later.",
    ),
}


class Refusal(refusals.Refusal):
    """The exchange cannot do what was asked; `sentence` says why, in the asker's language."""

    sentences: ClassVar[Sentences] = WHO_IS_ASKING | _SENTENCES
    passing: ClassVar[frozenset[str]] = frozenset({"away", "too-many-uploads"})
