"""All pages of the portal, and who looks at each in a made-up city: one list for all who walk them.

Walked by the bench `portal` and by the tests of pages (axe-core, SQL statements). A page that is
missing here fails a test.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from technopark.made_up.plan import City
from technopark.made_up.portfolios import portfolios

Who = Literal["admin", "site-admin", "teacher", "curator", "pupil"]


@dataclass(frozen=True)
class Look:
    """Somebody looks at a page."""

    who: Who
    path: str
    """Below the portal's prefix; `{room}` and the like stand for what `Cast` has."""


@dataclass(frozen=True)
class Cast:
    """Whom and what looks are about: the largest classroom of the city, and its people."""

    names: dict[Who, str]
    room: str
    site: str
    course: str
    pupil: str
    posting: int
    """What most pupils joined."""
    work: str
    """What a pupil shows, and curators may see."""
    search: str
    """A part of the name of many people."""

    def path(self, look: Look) -> str:
        """The path that is asked for."""
        return look.path.format_map(vars(self))


_ADMIN: Who = "admin"
_TEACHER: Who = "teacher"
_LATE = "page=1000000"
"""The last page of a list."""

PAGES: dict[str, tuple[Look, ...]] = {
    "": tuple(Look(who, "") for who in (_ADMIN, _TEACHER, "pupil")),
    "classrooms": (
        Look(_ADMIN, "classrooms"),
        Look(_ADMIN, f"classrooms?{_LATE}"),
        Look(_ADMIN, "classrooms?q=робот"),
        Look(_ADMIN, "classrooms?closed=1"),
        Look("site-admin", "classrooms"),
        Look(_TEACHER, "classrooms"),
    ),
    "classrooms/new": (Look(_ADMIN, "classrooms/new"), Look(_TEACHER, "classrooms/new")),
    "classrooms/{classroom}": (Look(_ADMIN, "classrooms/{room}"),),
    "classrooms/{classroom}/settings": (Look(_TEACHER, "classrooms/{room}/settings"),),
    "classrooms/{classroom}/pupils": (Look(_TEACHER, "classrooms/{room}/pupils"),),
    "classrooms/{classroom}/cards": (Look(_TEACHER, "classrooms/{room}/cards"),),
    "classrooms/{classroom}/deadlines": (Look(_TEACHER, "classrooms/{room}/deadlines"),),
    "classrooms/{classroom}/live": (Look(_TEACHER, "classrooms/{room}/live"),),
    "classrooms/{classroom}/send": (Look(_TEACHER, "classrooms/{room}/send"),),
    "join": (Look("pupil", "join"),),
    "people": (
        Look(_ADMIN, "people"),
        Look(_ADMIN, f"people?{_LATE}"),
        Look(_ADMIN, "people?q={search}"),
        Look(_ADMIN, "people?left=1"),
        Look("site-admin", "people"),
    ),
    "people/{name}": (Look(_ADMIN, "people/{pupil}"), Look("site-admin", "people/{pupil}")),
    "people/{name}/data": (Look(_ADMIN, "people/{pupil}/data"),),
    "log": (
        Look(_ADMIN, "log"),
        Look(_ADMIN, f"log?{_LATE}"),
        Look(_ADMIN, "log?q={search}"),
        Look(_ADMIN, "log?q={room}&did=pupil-in"),
        Look("site-admin", "log"),
    ),
    "deletions": (Look(_ADMIN, "deletions"),),
    "modules": (Look("pupil", "modules"),),
    "modules/{site}": (Look("pupil", "modules/{site}"),),
    "courses": (Look("pupil", "courses"), Look("pupil", "courses?q=робот&age=11")),
    "courses/{course}": (Look("pupil", "courses/{course}"),),
    "board": (
        Look("pupil", "board"),
        Look("pupil", f"board?{_LATE}"),
        Look("pupil", "board?q=робот"),
    ),
    "board/kept": (Look(_ADMIN, "board/kept"), Look("site-admin", "board/kept")),
    "board/new": (Look(_ADMIN, "board/new"), Look("site-admin", "board/new")),
    "board/{number}": (Look("pupil", "board/{posting}"), Look(_ADMIN, "board/{posting}")),
    "board/{number}/edit": (Look(_ADMIN, "board/{posting}/edit"),),
    "board/{number}/participants": (Look(_ADMIN, "board/{posting}/participants"),),
    "calendars": (Look("pupil", "calendars"),),
    "mine": (Look("pupil", "mine"),),
    "path": (Look("pupil", "path"),),
    "path/show": (Look("pupil", "path/show"),),
    "pupils/{name}": (Look(_TEACHER, "pupils/{pupil}"), Look(_ADMIN, "pupils/{pupil}")),
    "works": (
        Look("curator", "works"),
        Look("curator", f"works?{_LATE}"),
        Look("curator", "works?age=13"),
        Look(_ADMIN, "works"),
    ),
    "works/{number}": (Look("curator", "works/{work}"),),
    "letters": (Look(_TEACHER, "letters"), Look("curator", "letters")),
    "figures": (Look(_ADMIN, "figures"), Look("site-admin", "figures")),
    "figures/resources": (
        Look(_ADMIN, "figures/resources"),
        Look("site-admin", "figures/resources"),
    ),
}
"""By the page's address as the application has it, below the portal's prefix."""

NO_PAGES = {
    "oauth_callback",
    "sign-in",
    "language/{chosen}",
    "classrooms/{classroom}/live/events",
    # where a reload of a form's answer, or a closed tab, leads back to the page of the form
    "classrooms/{classroom}/{form}",
    "mine/feed",
    "people/{name}/{form}",
    "undo",
    # on to a pupil's server
    "classrooms/{classroom}/live/look/{pupil}",
    # what a pupil shows, which is no page of the portal's
    "works/{number}/notebook",
    "works/{number}/picture",
    # files to save
    "figures/table.csv",
    "figures/paper.pdf",
    "calendars/park.ics",
    "calendars/modules/{site}.ics",
    "calendars/mine/{secret}.ics",
}
"""What a browser may get and nobody reads: it goes on to a page, or is a stream of events."""


def cast(city: City) -> Cast:
    """Who looks on in `city`, in the language that their browser wishes for."""
    room = max(city.rooms, key=lambda one: (len(one.pupils), one.id))
    unsaid = {one.name for one in city.pupils if one.language is None}
    pupil = next(name for name in room.pupils if name in unsaid)
    [site_admin] = [one for one in city.of_role("site-admin") if one.site == room.site][:1]
    shown = portfolios(city)
    agreed = {one["person_name"] for one in shown.consents if one["purpose"] == "works"}
    often, _ = Counter(one.full_name.split()[0] for one in city.pupils).most_common(1)[0]
    return Cast(
        names={
            "admin": city.of_role("admin")[0].name,
            "site-admin": site_admin.name,
            "teacher": room.teachers[0],
            "curator": city.of_role("curator")[0].name,
            "pupil": pupil,
        },
        room=room.id,
        site=room.site,
        course=room.course,
        pupil=pupil,
        posting=1 + max(range(len(city.postings)), key=lambda one: len(city.postings[one].joined)),
        work=next(one["id"] for one in shown.works if one["person_name"] in agreed),
        search=often,
    )
