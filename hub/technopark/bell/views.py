"""What somebody may see of the bell's pages, by the rule book's word on who that is.

Called by `pages` at each request. Pure.
"""

from dataclasses import dataclass

from technopark.bell.calendar import Timetable
from technopark.people.rights import Standing


@dataclass(frozen=True)
class View:
    """What somebody may see."""

    classrooms: frozenset[str]
    sees_machine: bool
    """Also what all lessons together need."""


def view(who: Standing, table: Timetable) -> View | None:
    """What `who` may see of the timetable; None: nothing."""
    if who.is_admin:
        return View(frozenset(table.places), sees_machine=True)
    rooms = who.teacher_of & table.places.keys()
    rooms |= {room for room, place in table.places.items() if place.site in who.admin_of_sites}
    return View(frozenset(rooms), sees_machine=False) if rooms else None
