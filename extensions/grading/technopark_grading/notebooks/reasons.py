"""Why a notebook got the mark it got, in words for the teacher and for the pupil.

Kept in the notebook's metadata while nbgrader converts it, from where `recording` shows them. What
a pupil hands in can never set them: `repair` starts from clean metadata.
"""

from enum import StrEnum

from nbformat import NotebookNode

from technopark_grading.language import language

_KEY = "technopark_reasons"


class Reason(StrEnum):
    """What happened to a notebook on its way to the mark."""

    MISSING = "missing"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    RENAMED = "renamed"
    WRONG_KERNEL = "wrong-kernel"
    TESTS_DELETED = "tests-deleted"
    TESTS_EDITED = "tests-edited"
    DUPLICATE_CELLS = "duplicate-cells"
    LONG_OUTPUT = "long-output"
    ENDLESS_CELL = "endless-cell"
    OUT_OF_TIME = "out-of-time"
    KERNEL_DIED = "kernel-died"
    NOT_CHECKED = "not-checked"
    TAMPERED = "tampered"
    SANDBOX_LOST = "sandbox-lost"


NOTHING_TO_RUN = frozenset({Reason.MISSING, Reason.EMPTY, Reason.UNREADABLE, Reason.NOT_CHECKED})
"""Nothing of the pupil's own is there to run: no test may give points."""

TEACHER_LOOKS = frozenset(
    {
        Reason.UNREADABLE,
        Reason.OUT_OF_TIME,
        Reason.KERNEL_DIED,
        Reason.NOT_CHECKED,
        Reason.TAMPERED,
        Reason.SANDBOX_LOST,
    }
)
"""The mark may be unjust, so the submission waits in the list of manual grading."""

_TEXTS: dict[str, dict[Reason, str]] = {
    "ru": {
        Reason.MISSING: "В сданной работе нет этой тетради, поэтому за неё 0 баллов. "
        "Если она осталась в другой папке, положи её к заданию и сдай работу ещё раз.",
        Reason.EMPTY: "Тетрадь сдана пустой, поэтому за неё 0 баллов. "
        "Если работа была, сохрани её (Ctrl+S) и сдай ещё раз.",
        Reason.UNREADABLE: "Файл тетради повреждён и не открывается, поэтому пока 0 баллов. "
        "Скачай задание заново, перенеси в него свои ответы и сдай ещё раз. "
        "Сданный файл цел: учитель может его посмотреть.",
        Reason.RENAMED: "Тетрадь сдана под другим именем ({detail}). "
        "Мы узнали её по заданиям и проверили как обычно.",
        Reason.WRONG_KERNEL: "В тетради выбрано ядро, которого здесь нет ({detail}). "
        "Мы проверили её на Python 3, как все остальные.",
        Reason.TESTS_DELETED: "В тетради не хватало ячеек с проверками или заданиями ({detail}). "
        "Мы вернули их на место и проверили работу с ними.",
        Reason.TESTS_EDITED: "Ячейки с проверками были изменены ({detail}). "
        "Мы вернули их прежний текст и проверили работу с ним.",
        Reason.DUPLICATE_CELLS: "Некоторые ячейки задания встречались дважды ({detail}). "
        "Оценена последняя, в которой есть ответ.",
        Reason.LONG_OUTPUT: "Ячейка {detail} напечатала слишком много. "
        "Мы показали только начало; на оценку это не влияет.",
        Reason.ENDLESS_CELL: "Ячейка {detail} не закончила работу за отведённое время, "
        "и мы её остановили. Похоже на бесконечный цикл: проверь его условие.",
        Reason.OUT_OF_TIME: "Вся тетрадь работала слишком долго. "
        "Мы остановились на ячейке {detail}; проверки после неё не запускались и дали 0 баллов.",
        Reason.KERNEL_DIED: "Ячейка {detail} аварийно завершила Python "
        "(например, заняла всю память). "
        "Проверки после неё не запускались и дали 0 баллов.",
        Reason.NOT_CHECKED: "Автоматическая проверка не справилась с этой тетрадью ({detail}), "
        "поэтому пока 0 баллов. Учитель посмотрит её сам.",
        Reason.TAMPERED: "Проверки ответили так, будто их подменили (ячейка {detail}), "
        "поэтому пока они дали 0 баллов. Такое бывает и нечаянно. Учитель посмотрит работу сам.",
        Reason.SANDBOX_LOST: "Проверка дважды оборвалась на середине, "
        "поэтому пока 0 баллов. Учитель посмотрит работу сам.",
    },
    "en": {
        Reason.MISSING: "This notebook is not in what was handed in, so it has 0 points. "
        "If it stayed in another folder, put it beside the assignment and hand in again.",
        Reason.EMPTY: "The notebook was handed in empty, so it has 0 points. "
        "If there was work in it, save it (Ctrl+S) and hand in again.",
        Reason.UNREADABLE: "The notebook's file is damaged and could not be opened, "
        "so it has 0 points for now. Fetch the assignment again, copy your answers into it "
        "and hand in again. The file is kept as it came: the teacher can look at it.",
        Reason.RENAMED: "The notebook was handed in under another name ({detail}). "
        "It was recognised by its tasks and graded as usual.",
        Reason.WRONG_KERNEL: "The notebook names a kernel that is not here ({detail}). "
        "It was graded with Python 3, like all others.",
        Reason.TESTS_DELETED: "Cells with tests or tasks were missing ({detail}). "
        "They were put back, and the work was graded with them.",
        Reason.TESTS_EDITED: "Cells with tests had been changed ({detail}). "
        "Their text was put back, and the work was graded with it.",
        Reason.DUPLICATE_CELLS: "Some cells of the assignment were there twice ({detail}). "
        "The last one with an answer in it was graded.",
        Reason.LONG_OUTPUT: "The cell {detail} printed too much. "
        "Only the beginning is shown; the mark does not depend on it.",
        Reason.ENDLESS_CELL: "The cell {detail} did not finish in time and was stopped. "
        "It looks like an endless loop: check its condition.",
        Reason.OUT_OF_TIME: "The whole notebook took too long. "
        "Grading stopped at the cell {detail}; the tests after it did not run and gave 0 points.",
        Reason.KERNEL_DIED: "The cell {detail} made Python stop "
        "(it may have used all memory). "
        "The tests after it did not run and gave 0 points.",
        Reason.NOT_CHECKED: "Automatic grading could not cope with this notebook ({detail}), "
        "so it has 0 points for now. The teacher will look at it.",
        Reason.TAMPERED: "The tests answered as if something had been put in their place "
        "(cell {detail}), so they gave 0 points for now. That can happen by accident. "
        "The teacher will look at the work.",
        Reason.SANDBOX_LOST: "Grading broke off in the middle twice, so it has 0 points for now. "
        "The teacher will look at the work.",
    },
}

_PHRASES = {
    "ru": {
        "heading": "О проверке этой тетради",
        "not run": "Эта ячейка не запускалась. Почему — написано в начале тетради.",
        "timed out": "Ячейка не закончила работу за отведённое время, и мы её остановили.",
        "error not shown": "Здесь случилась ошибка, но что о ней известно, ячейка не показала.",
        "not confirmed": "Баллы этой проверки не подтвердились. Учитель посмотрит работу сам.",
        "hidden": "Здесь не прошла проверка, которую видит только учитель.",
        "cut": "… Дальше напечатано ещё много: показано только начало.",
        "no response": "Ответа нет.",
        "code stub": "# Напиши свой код вместо этих двух строк\n"
        'raise NotImplementedError("здесь ещё нет твоего кода")',
        "text stub": "Сотри эту строку и напиши здесь свой ответ.",
    },
    "en": {
        "heading": "About the grading of this notebook",
        "not run": "This cell did not run. The beginning of the notebook says why.",
        "timed out": "The cell did not finish in time and was stopped.",
        "error not shown": "There was an error here, but the cell did not show it.",
        "not confirmed": "The points of this test were not confirmed. "
        "The teacher will look at the work.",
        "hidden": "A test that only the teacher sees did not pass here.",
        "cut": "… There was much more: only the beginning is shown.",
        "no response": "No response.",
        "code stub": "# Write your code in place of these two lines\n"
        'raise NotImplementedError("your code is not here yet")',
        "text stub": "Delete this line and write your answer here.",
    },
}


def phrase(name: str) -> str:
    """A short sentence that stands in a notebook, in the classroom's language."""
    return _PHRASES[language()][name]


def add(nb: NotebookNode, reason: Reason, detail: str = "") -> None:
    """Note on the notebook that `reason` holds; said once, with the first detail."""
    noted = nb.metadata.setdefault(_KEY, {})
    noted.setdefault(reason.value, detail)


def of(nb: NotebookNode) -> list[Reason]:
    """The reasons noted on the notebook, in the order in which they came."""
    return [Reason(name) for name in nb.metadata.get(_KEY, {})]


def sentences(nb: NotebookNode) -> list[str]:
    """The reasons noted on the notebook as sentences in the classroom's language."""
    noted = nb.metadata.get(_KEY, {})
    texts = _TEXTS[language()]
    return [texts[Reason(name)].format(detail=detail) for name, detail in noted.items()]


def nothing_to_run(nb: NotebookNode) -> bool:
    """Whether the notebook stands in for one that was not there or could not be read."""
    return not NOTHING_TO_RUN.isdisjoint(of(nb))


def cell_in_words(source: str) -> str:
    """How a reason names a cell: by its first line, as a reader would look for it."""
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    shown = line.replace("`", "'")
    return f"`{shown[:57]}…`" if len(shown) > 60 else f"`{shown}`"
