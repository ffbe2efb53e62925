"""What can be seen of a server from outside: away, waiting at a place, refused, starting, ready.

Made by `line`; read by the waiting page, the portal (by the hub's events) and `technopark status`.
"""

from dataclasses import dataclass
from enum import StrEnum

SHOW_REFUSED = 45 * 60.0
"""Seconds, a lesson, for which teachers and admins are told of a refusal."""


class State(StrEnum):
    """Where a server is between nothing and a lesson."""

    AWAY = "away"
    WAITING = "waiting"
    REFUSED = "refused"
    """Its last start came to nothing: there was no memory for it, or it did not answer."""
    STARTING = "starting"
    READY = "ready"


@dataclass(frozen=True)
class Look:
    """A server at one moment."""

    state: State
    place: int | None = None
    """In line; 1 is next, None: it does not wait."""
    line: int = 0
    """How many wait."""
    seconds: float | None = None
    """Until its turn, as well as anybody can say; None: nobody can."""
    first_place: int = 0
    """The worst place it had: how far it has come."""


AWAY = Look(State.AWAY)
COMING = Look(State.WAITING)
"""It has been asked for a moment ago, and has no place yet."""
REFUSED = Look(State.REFUSED)
STARTING = Look(State.STARTING)
READY = Look(State.READY)
