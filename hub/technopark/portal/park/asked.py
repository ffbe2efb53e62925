"""What people ask for in an address: words, an age, a page. What makes no sense asks for nothing.

Called by the pages here.
"""

from typing import Annotated

from fastapi import Query

from technopark.noticeboard.fit import OLDEST, YOUNGEST

Words = Annotated[str, Query(max_length=100)]
"""A field of a search form; a browser sends an empty one, too."""


def age_of(text: str) -> int | None:
    """An age in years; None: none was typed, or nobody here is so old."""
    age = int(text) if text.strip().isdecimal() else 0
    return age if YOUNGEST <= age <= OLDEST else None
