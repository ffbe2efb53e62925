"""`technopark roster ...`: what an admin does with rosters on the command line."""

import csv
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from technopark.people import audit, classrooms, demo, finding, passphrases
from technopark.people.audit import THE_PARK, Did
from technopark.people.cards import AT_THE_COMMAND_LINE, print_cards
from technopark.people.roster import NewPerson, import_roster
from technopark.problem import Problem
from technopark.settings import load
from technopark.store import Classroom, Person, open_store

app = typer.Typer(help="Rosters: who is in which classroom.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name that the person signs in with.")]


class RosterProblem(Problem):
    """What somebody asked of the rosters cannot be done."""


@app.command("import")
def import_(file: Path) -> None:
    """Add the people of a CSV file to their classrooms (UTF-8 or Windows-1251, `;` or `,`)."""
    settings = load()
    with closing(open_store(settings.database_url)) as store:
        rows, new = import_roster(file, store)
    typer.echo(f"{rows} rows imported, {len(new)} new people.")
    if new:
        kept = _keep(settings.data / "secrets", new)
        typer.echo(f"Their passphrases stand in {kept}: print them, hand them out, delete it.")


@app.command()
def remove(
    name: Name, classroom: Annotated[str, typer.Argument(help="The classroom's id.")]
) -> None:
    """Take a pupil or a teacher out of a classroom; all their work is kept."""
    with closing(open_store(load().database_url)) as store, store.write() as session:
        person = finding.person(session, name)
        if session.get(Classroom, classroom) is None:
            raise RosterProblem(f"There is no classroom '{classroom}'.")
        if not classrooms.remove_member(session, classroom, person.name):
            raise RosterProblem(
                f"{_called(person)} is not in {classroom}, but in {_rooms(person)}."
            )
        room = session.get_one(Classroom, classroom)
        audit.note(session, THE_PARK, Did.PUPIL_OUT, whom=person.name, room=room)
        called = _called(person)
    typer.echo(
        f"{called} is no longer in {classroom}; a running server of this class ends within "
        "seconds. Files, work handed in and marks are kept: an import brings the person back to "
        "them."
    )


@app.command()
def words(name: Name) -> None:
    """Make new words for somebody whose card is lost; the old ones stop working at once."""
    settings = load()
    made = passphrases.make()
    with closing(open_store(settings.database_url)) as store, store.write() as session:
        person = finding.person(session, name)
        classrooms.set_passphrase(session, person, made)
        audit.note(session, THE_PARK, Did.WORDS_MADE, whom=person.name)
        demo.change_words(settings, person.name, made)
        called = _called(person)
    typer.echo(
        f"{called} signs in with: {made}\n"
        "The old words and the old card do not work any more, and all sessions end. Write these "
        "on a card now: nobody can read them later."
    )


@app.command()
def cards(
    classroom: Annotated[str, typer.Argument(help="The classroom's id.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Of these pupils only; none named: of all.")
    ] = None,
    *,
    pdf: Annotated[Path, typer.Option(help="The file to write; it must not be there yet.")],
) -> None:
    """Print new class cards: name, three words and a code; the pupils' old cards end."""
    settings = load()
    with closing(open_store(settings.database_url)) as store:
        _, made = print_cards(
            store,
            settings,
            classroom,
            names or (),
            issued_by=AT_THE_COMMAND_LINE,
            keep=lambda content: _write_secret(pdf, content),
        )
    typer.echo(
        f"{len(made)} cards stand in {pdf}, which only you can read. Their pupils' OLD CARDS AND "
        "WORDS HAVE ENDED, and whoever of them was signed in is signed out. Print the file, cut "
        "the cards, hand them out, then delete it: nobody can print the same words again."
    )


def _write_secret(path: Path, content: bytes) -> None:
    try:
        secret = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RosterProblem(
            f"{path} is there already. Name a new file; no card is changed."
        ) from None
    except OSError as error:
        raise RosterProblem(
            f"{path} cannot be written: {error.strerror}. No card is changed."
        ) from None
    with os.fdopen(secret, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _called(person: Person) -> str:
    return f"{person.name} ({person.full_name})"


def _rooms(person: Person) -> str:
    return ", ".join(sorted(one.classroom_id for one in person.memberships)) or "no classroom"


def _keep(folder: Path, people: list[NewPerson]) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"passphrases-{datetime.now(UTC):%Y%m%d-%H%M%S}.csv"
    secret = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(secret, "w", encoding="utf-8-sig") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(["Класс", "ФИО", "Имя для входа", "Три слова"])
        writer.writerows([p.classroom, p.full_name, p.name, p.passphrase] for p in people)
    return path
