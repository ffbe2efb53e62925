"""The school class of a pupil, as titles of classrooms tell it: the park keeps no birthdays. Pure.

Called by `noticeboard.fit` and `path.ages`, which say how old pupils of a class are.
"""

import re
from collections.abc import Iterable

_CLASS = re.compile(r"\s*(1[01]|[1-9])\s*[-–«\"']?\s*[^\W\d_](?![^\W_])")
"""`6А · Первые данные`, `10-Б`, `7 «В»`; neither `Кружок 3` nor `Python 3`."""


def grades_of(titles: Iterable[str]) -> set[int]:
    """The school classes (1 to 11) that titles of classrooms begin with."""
    return {int(found[1]) for title in titles if (found := _CLASS.match(title))}
