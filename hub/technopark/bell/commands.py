"""`technopark bell`: the timetable from the command line.

Mounted by `cli`. It works on the park's store directly, also while the bell is down; a running bell
sees within seconds what was changed.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from technopark import settings as park_settings
from technopark.bell import capacity, evening, forecast, plan, telling, timetable
from technopark.bell.calendar import Day, Holidays, Said, Timetable
from technopark.bell.icalendars import is_calendar, read_calendar
from technopark.bell.pace import pace_of
from technopark.bell.table import read_table, write_table
from technopark.problem import Problem
from technopark.progress import step
from technopark.settings import Settings
from technopark.store import Store, open_store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

_SHOWN = 10
"""Collisions and lessons of a new timetable that are printed."""


class BellProblem(Problem):
    """What somebody asked of the timetable cannot be done."""


@app.command("list")
def list_(
    source: Annotated[str | None, typer.Option("--source", help="Only what came with it.")] = None,
) -> None:
    """Show what the timetable says: lessons, days that differ, holidays."""
    with _store() as (_, store), store.read() as session:
        known = timetable.sources(session)
        shown = [name for name in known if source in (None, name)]
        lines = [line for name in shown for line in _told(session, name)]
    typer.echo("\n".join(lines) or "The timetable says nothing yet: `technopark bell import`.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A table (CSV) or a calendar (.ics).")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change, and what follows.")
    ] = False,
    source: Annotated[
        str, typer.Option("--source", help="What to call it; default: the file's name.")
    ] = "",
    classroom: Annotated[
        str, typer.Option("--classroom", help="Whose lessons a calendar's events are.")
    ] = "",
) -> None:
    """Take over a timetable, wholly or not at all.

    What the same source said before and says no longer is taken back.
    """
    name = source or file.name
    with _store() as (settings, store):
        with store.read() as session:
            places = timetable.places(session)
        if classroom and classroom not in places:
            raise BellProblem(f"There is no classroom {classroom}.")
        wanted, notes = (
            read_calendar(file, places, datetime.now(UTC), classroom)
            if is_calendar(file)
            else (read_table(file, places), [])
        )
        with _turn(store, dry_run) as session:
            changes = timetable.replace(session, name, wanted)
            session.flush()
            lines = [*notes, *_consequences(session, settings, wanted)]
    did = "Would be imported" if dry_run else "Imported"
    typer.echo(
        f"{did} from {name}: {changes.added} new, {changes.removed} taken back, "
        f"{changes.kept} as before."
    )
    typer.echo("\n".join(lines))


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; none: to the terminal.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only what came with it.")] = None,
) -> None:
    """Write the timetable as a table that `import` reads."""
    with _store() as (_, store), store.read() as session:
        text = write_table(timetable.said(session, source))
    if file is None:
        typer.echo(text, nl=False)
        return
    # With its mark, spreadsheets take it for UTF-8.
    file.write_text(text, encoding="utf-8-sig")
    typer.echo(f"Written to {file}")


@app.command()
def cancel(
    classroom: Annotated[str, typer.Argument(help="The classroom's id.")],
    day: Annotated[str, typer.Argument(help="Such as 2026-11-25.")],
    starts: Annotated[str, typer.Argument(help="Such as 10:00; none: the whole day.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="It takes place after all.")] = False,
) -> None:
    """Cancel a classroom's lesson, or all of a day."""
    with _store() as (settings, store), store.write() as session:
        if classroom not in timetable.places(session):
            raise BellProblem(f"There is no classroom {classroom}.")
        one = Day(classroom, "cancelled", _day(day), _time(starts) if starts else None)
        if undo:
            if not timetable.take_back(session, one):
                raise BellProblem(f"{telling.words(one)} was not said by hand, so it stays.")
            typer.echo("\n".join([f"Taken back: {telling.words(one)}", *_now(session, settings)]))
            return
        if not _is_lesson(timetable.read(session), one):
            raise BellProblem(
                f"{classroom} has no such lesson on {day}. `technopark bell next` shows what comes."
            )
        timetable.add(session, one)
    typer.echo(f"{telling.words(one)}. Servers that were started for it and are unused end soon.")


@app.command()
def holiday(
    first: Annotated[str, typer.Argument(help="The first day, such as 2026-12-28.")],
    last: Annotated[str, typer.Argument(help="The last day; none: one day.")] = "",
    site: Annotated[str, typer.Option("--site", help="Only of this site.")] = "",
    title: Annotated[str, typer.Option("--title", help="What to call them.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="They are none after all.")] = False,
) -> None:
    """Say that there are no lessons on some days."""
    days = Holidays(site or None, _day(first), _day(last or first), title)
    if days.last_day < days.first_day:
        raise BellProblem(f"Holidays end after they begin, not on {last}.")
    with _store() as (settings, store), store.write() as session:
        if site and site not in {place.site for place in timetable.places(session).values()}:
            raise BellProblem(f"No classroom is at a site {site}.")
        if undo:
            said = timetable.said(session, timetable.BY_HAND).holidays
            same = [one for one in said if replace(one, title=title) == days]
            if not timetable.take_back(session, *same):
                raise BellProblem("These holidays were not said by hand, so they stay.")
            lines = [f"Taken back: {telling.words(days)}", *_now(session, settings)]
        else:
            timetable.add(session, days)
            lines = [telling.words(days)]
    typer.echo("\n".join(lines))


@app.command("forecast")
def forecast_() -> None:
    """Show what the coming week's lessons need of this machine."""
    with _store() as (settings, store), store.read() as session:
        now, zone = datetime.now(UTC), ZoneInfo(settings.timezone)
        machine, table = capacity.this_machine(settings), timetable.read(session)
        sizes = forecast.servers(timetable.rosters(session, table.places))
        lessons = table.lessons(now, now + timedelta(days=7))
        week = forecast.week(lessons, sizes, machine, zone, now)
        images = evening.needed(session, table.lessons(now, evening.end_of_tomorrow(now, zone)))
        lines = _warnings(session, settings, table)
    with step("Images of the coming lessons"):
        missing = evening.missing(settings, images)
    lines += [f"Warning: {evening.in_words(one, {}, 'en')}" for one in missing]
    typer.echo(telling.week(week, machine))
    typer.echo("\n".join(["", *lines]))


@app.command("next")
def next_(
    number: Annotated[int, typer.Argument(min=1, help="How many lessons.")] = 10,
) -> None:
    """Show the lessons that come next, and when their servers are started."""
    with _store() as (settings, store), store.read() as session:
        now, table = datetime.now(UTC), timetable.read(session)
        lessons = table.lessons(now, now + timedelta(days=60))[:number]
        rosters = timetable.rosters(session, table.places)
        sizes, pupils = forecast.servers(rosters), forecast.pupils(rosters)
        cores = capacity.cores()
        coming = [lesson for lesson in lessons if now < lesson.starts]
        missing = {lesson: sizes.get(lesson.classroom, 0) for lesson in coming}
        begins = plan.begins(coming, missing, pace_of(settings, cores))
        lines = [
            telling.lesson(lesson, table, pupils.get(lesson.classroom, 0), begins.get(lesson))
            for lesson in lessons
        ]
    typer.echo("\n".join(lines) or "No lesson comes within 60 days.")


@contextmanager
def _store() -> Iterator[tuple[Settings, Store]]:
    settings = park_settings.load()
    with closing(open_store(settings.database_url)) as store:
        yield settings, store


@contextmanager
def _turn(store: Store, dry_run: bool) -> Iterator[Session]:
    """A transaction that is thrown away where nothing is to be kept."""
    with store.write() as session:
        yield session
        if dry_run:
            session.rollback()


def _told(session: Session, source: str) -> list[str]:
    said = timetable.said(session, source)
    title = source or "said by hand"
    return [f"{title}:", *(f"  {telling.words(part)}" for part in telling.sorted_parts(said)), ""]


def _consequences(session: Session, settings: Settings, said: Said) -> list[str]:
    """What follows from a timetable: lessons that never are, too little memory."""
    table = timetable.read(session)
    now = datetime.now(UTC)
    rooms = {one.classroom for one in said.weekly} | {one.classroom for one in said.days}
    have = {lesson.classroom for lesson in table.lessons(now, now + forecast.A_YEAR)}
    idle = sorted(rooms - have)
    lines = [f"Note: {room} has no lesson within a year." for room in idle]
    return lines + _warnings(session, settings, table)


def _now(session: Session, settings: Settings) -> list[str]:
    """Whether the lessons that there are now, with those that came back, have memory enough."""
    session.flush()
    return _warnings(session, settings, timetable.read(session))


def _warnings(session: Session, settings: Settings, table: Timetable) -> list[str]:
    machine, zone = capacity.this_machine(settings), ZoneInfo(settings.timezone)
    found = forecast.yearly_collisions(session, table, machine, datetime.now(UTC), zone)
    if not found:
        return ["The machine has memory enough for all lessons of the coming year."]
    titles = forecast.titles(session)
    lines = []
    for collision, times in found[:_SHOWN]:
        often = f" [{times} times]" if times > 1 else ""
        lines.append(f"Warning: {capacity.in_words(collision, zone, titles, 'en')}{often}")
        if settings.language == "ru":
            lines.append(f"Внимание: {capacity.in_words(collision, zone, titles, 'ru')}")
    if len(found) > _SHOWN:
        lines.append(f"... and {len(found) - _SHOWN} more.")
    return lines


def _is_lesson(table: Timetable, cancelled: Day) -> bool:
    place = table.places[cancelled.classroom]
    first = datetime.combine(cancelled.day, time(), tzinfo=place.zone)
    return any(
        lesson.classroom == cancelled.classroom
        and lesson.starts.astimezone(place.zone).date() == cancelled.day
        and cancelled.starts in (None, lesson.starts.astimezone(place.zone).time())
        for lesson in table.lessons(first, first + timedelta(days=1))
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BellProblem(f"{text} is not a day. Write it like 2026-11-25.") from None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text.zfill(5))
    except ValueError:
        raise BellProblem(f"{text} is not a time of day. Write it like 10:00.") from None
