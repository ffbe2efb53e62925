"""`technopark roster ...`: what an admin does with rosters on the command line."""

import csv
import os
from datetime import UTC, datetime
from pathlib import Path

import typer

from technopark.people.roster import NewPerson, import_roster
from technopark.settings import load
from technopark.store import open_store

app = typer.Typer(help="Rosters: who is in which classroom.", no_args_is_help=True)


@app.callback()
def _roster() -> None:
    """Keeps `import` a word of its own while it is the only one."""


@app.command("import")
def import_(file: Path) -> None:
    """Add the people of a CSV file to their classrooms (UTF-8 or Windows-1251, `;` or `,`)."""
    settings = load()
    rows, new = import_roster(file, open_store(settings.database_url))
    typer.echo(f"{rows} rows imported, {len(new)} new people.")
    if new:
        kept = _keep(settings.data / "secrets", new)
        typer.echo(f"Their passphrases stand in {kept}: print them, hand them out, delete it.")


def _keep(folder: Path, people: list[NewPerson]) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"passphrases-{datetime.now(UTC):%Y%m%d-%H%M%S}.csv"
    secret = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(secret, "w", encoding="utf-8-sig") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(["Класс", "ФИО", "Имя для входа", "Три слова"])
        writer.writerows([p.classroom, p.full_name, p.name, p.passphrase] for p in people)
    return path
