"""`technopark demo ...`: made-up people for whoever tries the park or builds it."""

from contextlib import closing
from typing import Annotated

import typer

from technopark.made_up.city import LARGEST, SMALLEST
from technopark.made_up.city import city as make_city
from technopark.made_up.fill import check_is_empty, fill
from technopark.made_up.plan import City
from technopark.people import classrooms, passphrases
from technopark.people.sites import read_sites
from technopark.progress import step
from technopark.settings import load
from technopark.store import Person, Store, open_store

app = typer.Typer(help="Made-up people, for an empty park.", no_args_is_help=True)


@app.callback()
def _demo() -> None:
    """Made-up people, for an empty park."""


@app.command()
def city(
    seed: Annotated[int, typer.Option(help="Another number gives another city.")] = 1,
    scale: Annotated[
        float,
        typer.Option(min=SMALLEST, max=LARGEST, help="0.1: a tenth of the city."),
    ] = 1.0,
    year: Annotated[
        int, typer.Option(help="The school year begins in September of this year.")
    ] = 2025,
) -> None:
    """Fill an empty park with a whole city: 19 sites, 7,600 pupils and a year of their work.

    Only into a park that has nobody but the demo's people; only an empty data folder takes the city
    away again.
    """
    settings = load()
    settings.data.mkdir(parents=True, exist_ok=True)  # a park that was never up
    with closing(open_store(settings.database_url)) as store:
        with store.read() as session:
            check_is_empty(session, settings)
        with step("Thinking up a city") as shown:
            made = make_city(
                seed, scale, sites=read_sites(settings.sites), timezone=settings.timezone, year=year
            )
            shown.note = f"{len(made.works)} works for {len(made.tasks)} assignments"
        fill(settings, store, made)
        typer.echo("\n".join(_sign_ins(store, made)))


def _sign_ins(store: Store, made: City) -> list[str]:
    """One of each role gets words, which takes a moment each; the others when somebody asks."""
    teacher = made.rooms[0].teachers[0]
    some = {
        "admin": made.of_role("admin")[0].name,
        "site admin": made.of_role("site-admin")[0].name,
        "teacher": teacher,
        "pupil": made.rooms[0].pupils[0],
    }
    lines = ["", "Some of them can sign in:", ""]
    with store.write() as session:
        for role, name in some.items():
            words = passphrases.make()
            classrooms.set_passphrase(session, session.get_one(Person, name), words)
            lines.append(f"  {role:12} {name:18} {words}")
    lines += [
        "",
        "Nobody can read these words later. The others have none and cannot sign in, until",
        "`./park roster words NAME` makes some. These are accounts like any other: never show",
        "such a park to the world.",
    ]
    return lines
