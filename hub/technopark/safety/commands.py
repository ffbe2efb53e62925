"""`technopark person`: all data of one person, deletion, retention.

Mounted by `cli`. It works on the park's data directly; only the hub itself forgets a user.
"""

import os
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from technopark.people import audit, finding
from technopark.people.audit import THE_PARK, Did
from technopark.people.names import normalise
from technopark.problem import Problem
from technopark.safety import deletion, export, retention, told
from technopark.safety.deletion import NotYetError
from technopark.settings import Settings, load
from technopark.store import Deletion, Person, Store, open_store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="The name that the person signs in with.")]

_WAIT_SECONDS = 60.0
"""So long the command waits for the hub; then the park goes on by itself."""
_LOOK_SECONDS = 1.0


class PersonProblem(Problem):
    """What somebody asked of a person's data cannot be done."""


@app.command("export")
def export_(
    name: Name,
    file: Annotated[Path | None, typer.Argument(help="Where to; default: here.")] = None,
) -> None:
    """Write all that the park knows of a person into one zip file, readable to you alone."""
    settings = load()
    with closing(open_store(settings.database_url)) as store:
        with store.write() as session:
            person = finding.person(session, name)
            audit.note(session, THE_PARK, Did.EXPORTED, whom=person.name)
        path = file or Path(export.file_name(person.name, datetime.now(UTC)))
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise PersonProblem(f"{path} cannot be written: {error.strerror}") from None
        with os.fdopen(descriptor, "w+b") as target:
            files = export.write(settings, store, person.name, target)
    typer.echo(f"{path}: {files} files, all of {person.name} ({person.full_name}).")


@app.command()
def delete(
    name: Name,
    yes: Annotated[
        str, typer.Option("--yes", metavar="NAME", help="The name once more, for scripts.")
    ] = "",
) -> None:
    """Delete a person and all that is theirs, for good; called again, it goes on."""
    settings = load()
    with closing(open_store(settings.database_url)) as store:
        with store.read() as session:
            known = session.get(Person, normalise(name))
            going_on = [one for one in deletion.unfinished(session) if one.name == normalise(name)]
            if known:
                typer.echo(told.warning(deletion.foresee(session, settings, known)))
        if known:
            typed = yes or typer.prompt("Type the name to sign in with, to delete this person")
            if normalise(typed) != known.name:
                raise PersonProblem("That is another name: nothing was deleted.")
            with store.write() as session:
                going_on = [deletion.ask(session, THE_PARK, finding.person(session, name))]
        if not going_on:
            raise PersonProblem(f"There is nobody called '{name}' in the park.")
        for one in going_on:
            typer.echo(told.report(_carry_out(settings, store, one)))


@app.command()
def deletions() -> None:
    """Carry out what was asked for and is not over; say what is in the way."""
    settings = load()
    with closing(open_store(settings.database_url)) as store:
        with store.read() as session:
            waiting = deletion.unfinished(session)
        for one in waiting:
            try:
                typer.echo(told.report(deletion.carry_out(settings, store, one.id)))
            except NotYetError as problem:
                typer.echo(f"{one.id}: not yet: {problem}.")
    if not waiting:
        typer.echo("Nothing waits to be deleted.")


@app.command("retention")
def retention_(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say who and what is due.")
    ] = False,
) -> None:
    """Do what the park does once a day: delete who left long ago, as the settings say."""
    settings, now = load(), datetime.now(UTC)
    with closing(open_store(settings.database_url)) as store:
        if dry_run:
            with store.read() as session:
                typer.echo(told.due(retention.due(session, settings, now), settings.safety))
            return
        with store.write() as session:
            found = retention.apply(session, settings, now)
        typer.echo(told.due(found, settings.safety))
        with store.read() as session:
            waiting = deletion.unfinished(session)
        for one in waiting:
            try:
                typer.echo(told.report(deletion.carry_out(settings, store, one.id)))
            except NotYetError as problem:
                typer.echo(f"{one.id}: not yet: {problem}. The park goes on by itself.")


def _carry_out(settings: Settings, store: Store, asked: Deletion) -> Deletion:
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            return deletion.carry_out(settings, store, asked.id)
        except NotYetError as problem:
            if time.monotonic() > until:
                raise PersonProblem(
                    f"Not all is deleted yet: {problem}. The person is out of the park already; "
                    "what is left is done by itself, or by calling this again."
                ) from None
            if sys.stderr.isatty():
                typer.echo(f"  waiting: {problem}", err=True)
            time.sleep(_LOOK_SECONDS)
