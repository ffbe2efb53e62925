"""Days and moments that somebody typed or chose in a form. Pure.

Called by the pages here. Browsers send them in one way; people type them in others.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from technopark.people.refused import Refused

_DAYS = ("%Y-%m-%d", "%d.%m.%Y")
_MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S")


def day(text: str, field: str) -> date | None:
    """A day; None: nothing was typed.

    Raises:
        Refused: it is no day.
    """
    found = _first(text, _DAYS)
    if text and found is None:
        raise Refused("Write the day as in {example}.", field, example="24.11.2026")
    return found.date() if found else None


def moment(text: str, zone: str, field: str) -> datetime | None:
    """A moment on the clock of the site, as UTC; None: nothing was typed.

    Raises:
        Refused: it is no moment.
    """
    found = _first(text, _MOMENTS)
    if text and found is None:
        raise Refused("Write day and time as in {example}.", field, example="24.11.2026 18:00")
    return found.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if found else None


def for_field(when: datetime | None, zone: str) -> str:
    """A moment as a form's field shows it."""
    return when.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if when else ""


def _first(text: str, formats: tuple[str, ...]) -> datetime | None:
    for one in formats:
        try:
            return datetime.strptime(text, one)  # noqa: DTZ007  # the site's zone follows
        except ValueError:
            continue
    return None
