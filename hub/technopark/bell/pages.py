"""The bell's page: the coming lessons, whether they will be warm, and what the machine is to carry.

Mounted by `app` below /services/bell/. It reads and shows; the timetable is changed by commands.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from technopark.bell import capacity, evening, forecast, plan, timetable
from technopark.bell.calendar import Lesson, Timetable
from technopark.bell.evening import Missing
from technopark.bell.forecast import Week
from technopark.bell.pace import pace_of
from technopark.bell.views import View, view
from technopark.language import LANGUAGES, Language, of_header, translate
from technopark.people import rights
from technopark.people.classrooms import set_language
from technopark.people.hub_scopes import BELL_SERVICE
from technopark.services.visitors import Doorkeeper, prefix
from technopark.settings import Settings
from technopark.store import Person, Store

FOLDER = Path(__file__).parent
PREFIX = prefix(BELL_SERVICE)
_DAYS = timedelta(days=7)

router = APIRouter(prefix=PREFIX.rstrip("/"))
_templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined
)


@dataclass(frozen=True)
class Service:
    """What the pages need; `app` puts it into the application's state."""

    settings: Settings
    store: Store
    door: Doorkeeper
    missing: Callable[[], Sequence[Missing]] = tuple
    """Images that lessons need and that are not there."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def service(request: Request) -> Service:
    """The application's parts."""
    found: Service = request.app.state.service
    return found


ServiceOf = Annotated[Service, Depends(service)]


@dataclass(frozen=True)
class Row:
    """One coming lesson, in the words of its reader."""

    day: date
    day_words: str
    starts: str
    ends: str
    title: str
    pupils: int
    words: str
    is_well: bool


@router.get("/")
async def page(request: Request, parts: ServiceOf) -> Response:
    """The page, for whoever may see some of it."""
    name = await parts.door.name(request)
    if name is None:
        return parts.door.to_sign_in(request)
    wished = of_header(request.headers.get("Accept-Language", ""), parts.settings.language)
    text, status = await asyncio.to_thread(_page, parts, name, wished)
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store"})


@router.get("/oauth_callback")
async def come_back(request: Request, parts: ServiceOf) -> Response:
    """From the hub's sign-in."""
    return await parts.door.let_in(request)


@router.get("/language/{chosen}")
async def language(chosen: Language, request: Request, parts: ServiceOf) -> Response:
    """Remembers the language that somebody chose, for the whole park."""

    def remember(name: str) -> None:
        with parts.store.write() as session:
            set_language(session, name, chosen)

    if name := await parts.door.name(request):
        await asyncio.to_thread(remember, name)
    return RedirectResponse(PREFIX)


def _page(parts: Service, name: str, wished: Language) -> tuple[str, int]:
    settings, now = parts.settings, parts.now()
    with parts.store.read() as session:
        person, who = session.get(Person, name), rights.standing(session, name)
        chosen = next((one for one in LANGUAGES if person and one == person.language), wished)
        table = timetable.read(session)
        seen = view(who, table) if who else None
        rosters = timetable.rosters(session, table.places)
        titles = forecast.titles(session)
    machine, zone = capacity.this_machine(settings), ZoneInfo(settings.timezone)
    lessons = table.lessons(now, now + _DAYS)
    sizes, pupils = forecast.servers(rosters), forecast.pupils(rosters)
    week = forecast.week(lessons, sizes, machine, zone, now)
    missing = parts.missing()
    incomplete = frozenset(room for one in missing if one.stops_lesson for room in one.rooms)
    told = _Told(parts, chosen, table, titles, sizes, pupils, incomplete, now)
    text = _templates.get_template("forecast.html").render(
        _=lambda text, **values: translate(text, chosen, **values),
        language=chosen,
        hub=f"{settings.web.address}/hub/",
        here=PREFIX,
        seen=seen,
        is_empty=table.said.is_empty,
        rows=told.rows(lessons, week, seen) if seen else [],
        week=week,
        days=[format_date(day, "EEE d MMM", locale=chosen) for day in week.days],
        room=capacity.gigabytes(machine.room, chosen),
        gigabytes=capacity.gigabytes,
        problems=[
            *(evening.in_words(one, titles, chosen) for one in missing),
            *(capacity.in_words(one, zone, titles, chosen) for one in week.collisions),
        ],
    )
    return text, 200 if seen else 403


@dataclass(frozen=True)
class _Told:
    """What rows are made from."""

    parts: Service
    language: Language
    table: Timetable
    titles: dict[str, str]
    sizes: dict[str, int]
    pupils: dict[str, int]
    incomplete: frozenset[str]
    """Classrooms for which something is missing on the machine."""
    now: datetime

    def rows(self, lessons: list[Lesson], week: Week, seen: View) -> list[Row]:
        """The lessons that somebody may see."""
        pace = pace_of(self.parts.settings, capacity.cores())
        crowded = {lesson for one in week.collisions for lesson in one.load.lessons}
        coming = [lesson for lesson in lessons if self.now < lesson.starts]
        missing = {lesson: self.sizes.get(lesson.classroom, 0) for lesson in coming}
        begins = plan.begins(coming, missing, pace)
        return [
            self._row(lesson, begins.get(lesson), lesson in crowded, pace)
            for lesson in lessons
            if lesson.classroom in seen.classrooms
        ]

    def _row(
        self, lesson: Lesson, begins: datetime | None, is_crowded: bool, pace: plan.Pace
    ) -> Row:
        zone = self.table.places[lesson.classroom].zone
        starts, ends = lesson.starts.astimezone(zone), lesson.ends.astimezone(zone)
        pupils = self.pupils.get(lesson.classroom, 0)
        is_incomplete = lesson.classroom in self.incomplete
        if is_incomplete:
            words = translate(
                "A part of this course is missing on the machine. Tell the admin of the park.",
                self.language,
            )
        elif begins is None:
            words = translate("The lesson is on.", self.language)
        elif not pupils:
            words = translate("Nobody is on the list of this class.", self.language)
        elif is_crowded:
            words = translate("Memory is short: some pupils may have to wait.", self.language)
        else:
            ready = (lesson.starts - pace.ready).astimezone(zone)
            words = translate(
                "Ready at {ready}; starting begins at {begins}.",
                self.language,
                ready=f"{ready:%H:%M}",
                begins=f"{begins.astimezone(zone):%H:%M}",
            )
        day = starts.date()
        return Row(
            day=day,
            day_words=format_date(day, "EEEE, d MMMM", locale=self.language),
            starts=f"{starts:%H:%M}",
            ends=f"{ends:%H:%M}",
            title=self.titles[lesson.classroom],
            pupils=pupils,
            words=words,
            is_well=pupils > 0 and not is_crowded and not is_incomplete,
        )
