"""The figures in words: on the page, in the table (CSV) and on paper (PDF). Pure.

Called by `pages`. Texts are English, to be translated.
"""

import csv
import io
from collections.abc import Callable, Iterable

from technopark.people.figures import COUNTED, Counted, Period, Row

WORDS: dict[Counted, str] = {
    "pupils": "Pupils",
    "teachers": "Teachers",
    "classrooms": "Classrooms",
    "courses": "Courses",
    "works": "Works handed in",
    "equipment": "Equipment",
    "agreements": "Agreements",
    "events": "Events",
}
LAST_YEAR, WHOLE_TIME, ALL_SITES = "The last year", "The whole time", "All together"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet."""


def title(period: Period) -> str:
    """What a period is called."""
    return LAST_YEAR if period.first else WHOLE_TIME


def table(periods: Iterable[Period], say: Callable[[str], str]) -> bytes:
    """All figures as CSV, as spreadsheets of this country open it.

    Args:
        periods: whose figures.
        say: translates.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([say("When"), say("School"), *(say(WORDS[one]) for one in COUNTED)])
    for period in periods:
        for row in (*period.rows, Row(say(ALL_SITES), period.total)):
            cells = [row.counts[one] for one in COUNTED]
            writer.writerow([say(title(period)), _harmless(row.name), *cells])
    return out.getvalue().encode("utf-8-sig")


def _harmless(name: str) -> str:
    return f"'{name}" if name.startswith(_FORMULA) else name
