"""What a class run says to a teacher, in the classroom's language.

Called by `run`, `crew` and `handed_in`; the buttons' words stand in `formgrader_pages`.
"""

from technopark_grading.language import language

_WORDS = {
    "ru": {
        "broke off": "Проверка этой работы обрывалась {tries} раза подряд, новых баллов нет. "
        "Нажмите молнию в столбце Autograde; если не поможет, скажите администратору.",
        "broken": "Автоматическая проверка не справилась с этой работой ({problem}), новых баллов "
        "нет. Оцените её сами или скажите администратору, что стоит в скобках.",
        "gone": "Сданной работы больше нет в папке submitted: нажмите Collect и проверьте ещё раз.",
        "not collected": "Собрать работы не удалось: {problem}",
        "unknown": "В журнале оценок нет задания {assignment}: сначала нажмите для него Generate.",
        "nothing": "По заданию {assignment} ещё ничего не собрано: сначала нажмите Collect.",
        "broken run": "Проверка остановилась из-за ошибки ({problem}). Что проверено, сохранено; "
        "скажите администратору, что стоит в скобках.",
    },
    "en": {
        "broke off": "Grading this work broke off {tries} times in a row; there are no new "
        "points. Press the bolt under Autograde; if that does not help, tell the admin.",
        "broken": "Automatic grading could not cope with this work ({problem}); there are no new "
        "points. Grade it yourself, or tell the admin what stands in the brackets.",
        "gone": "The work is no longer in the folder submitted: press Collect and grade again.",
        "not collected": "The work could not be collected: {problem}",
        "unknown": "The gradebook knows no assignment {assignment}: press Generate for it first.",
        "nothing": "Nothing is collected of the assignment {assignment}: press Collect first.",
        "broken run": "Grading stopped because of a mistake ({problem}). What is graded is kept; "
        "tell the admin what stands in the brackets.",
    },
}


def say(name: str, **details: object) -> str:
    """A sentence in the classroom's language, its `{names}` filled from `details`."""
    return _WORDS[language()][name].format(**details)
