"""What somebody outside the school is told of a pupil's name: given name and one letter. Pure.

Called for whatever curators see. Where it cannot be told which word is the surname, letters alone
are shown: a surname too much cannot be taken back.
"""

import re

from technopark.people.name_lists import short_name
from technopark.people.refused import Refused

_SURNAME = re.compile(
    r".+(?:[оеё]ва?|[иы]на?|ск(?:ий|ая)|цк(?:ий|ая)|ко|ук|юк|ич|ых|их|ян|дзе|швили"
    r"|(?:ov|ev|in|yn)a?|sk(?:y|iy|aya)|enko)",
    re.IGNORECASE,
)


def called(full_name: str) -> str:
    """`Маша И.`, also of `Иволгина Маша` and `Маша Иволгина`; `М. И.` where it is not clear."""
    words = full_name.split()
    if len(words) == 1:
        return full_name.strip()
    is_plain = len(words) == 2 and all(len(word.rstrip(".")) > 1 for word in words)
    try:
        if not is_plain:
            return short_name(full_name, "surname")[0]
        first, second = (bool(_SURNAME.fullmatch(word)) for word in words)
        if first != second:
            return short_name(full_name, "surname" if first else "given")[0]
    except Refused:
        pass
    return " ".join(f"{word[0].upper()}." for word in words)
