"""When a work is late, and how the exchange reads and writes times. Pure.

Called by every part of it that says or chooses by time; deadlines themselves are `people.dues`.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from technopark.exchange.refusals import Refusal


def is_late(received_at: datetime, due: datetime | None) -> bool:
    """Whether something that came at this moment came after the deadline."""
    return due is not None and received_at > due


def parse(text: str, zone: str) -> datetime:
    """A moment that a person or a program wrote; without a zone of its own it is in `zone`.

    Raises:
        Refusal: it is no time.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refusal("bad-time", time=text) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)


def written(moment: datetime) -> str:
    """A moment as the exchange writes it: UTC, to the microsecond, always of one length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
