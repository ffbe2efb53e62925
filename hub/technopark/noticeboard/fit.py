"""Whether something posted is for a pupil of that age, as far as the park knows it. Pure.

Called by `taking_part` and by the portal's pages. The park keeps no birthdays: what it knows is
the class that stands in the title of a classroom (`people.grades`).
"""

from enum import StrEnum

from technopark.store import Posting

YOUNGEST, OLDEST = 5, 18
"""Ages that a posting can name."""


class Fit(StrEnum):
    """What can be said of it."""

    FITS = "fits"
    UNKNOWN = "unknown"
    """It names no ages, or no title of the pupil's classrooms names a class."""
    TOO_YOUNG = "too-young"
    TOO_OLD = "too-old"


def ages_of(grade: int) -> tuple[int, int]:
    """How old pupils of this class are: the youngest and the oldest, in years."""
    return grade + 5, grade + 7


def fit(posting: Posting, grades: set[int]) -> Fit:
    """Whether it is for a pupil of these classes; one that fits is enough."""
    first, last = posting.age_from or YOUNGEST, posting.age_to or OLDEST
    if not grades or (posting.age_from is None and posting.age_to is None):
        return Fit.UNKNOWN
    spans = [ages_of(grade) for grade in grades]
    if any(youngest <= last and oldest >= first for youngest, oldest in spans):
        return Fit.FITS
    return Fit.TOO_YOUNG if max(oldest for _, oldest in spans) < first else Fit.TOO_OLD
