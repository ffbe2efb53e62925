"""For whom something is, as far as titles of classrooms tell a pupil's class."""

import pytest

from technopark.noticeboard.fit import Fit, fit
from technopark.store import Posting


@pytest.mark.parametrize(
    ("first", "last", "grades", "wanted"),
    [
        (10, 13, {6}, Fit.FITS),
        (13, 16, {6}, Fit.FITS),  # somebody of class 6 may be 13
        (14, 16, {6}, Fit.TOO_YOUNG),
        (6, 8, {6}, Fit.TOO_OLD),
        (14, 16, {6, 9}, Fit.FITS),
        (14, None, {6}, Fit.TOO_YOUNG),
        (None, 8, {6}, Fit.TOO_OLD),
        (None, None, {6}, Fit.UNKNOWN),
        (10, 13, set(), Fit.UNKNOWN),
    ],
)
def test_who_is_too_young_or_too_old(
    first: int | None, last: int | None, grades: set[int], wanted: Fit
) -> None:
    assert fit(Posting(age_from=first, age_to=last), grades) is wanted
