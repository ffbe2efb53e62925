"""`technopark exchange`: what an admin does with the exchange from the command line.

Mounted by `cli`. It works on the park's store and files directly, also while the service is down.
"""

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from technopark import settings as park_settings
from technopark.exchange import assignments, check, receipts
from technopark.problem import Problem
from technopark.store import open_store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


class ExchangeProblem(Problem):
    """What somebody asked of the exchange cannot be done."""


@app.command()
def extend(
    classroom: Annotated[str, typer.Argument(help="The classroom's id.")],
    assignment: Annotated[str, typer.Argument(help="The assignment's name.")],
    pupil: Annotated[str, typer.Argument(help="The name that the pupil signs in with.")],
    due: Annotated[
        str,
        typer.Argument(help="The new deadline in the site's time zone, such as 2026-11-25T18:00."),
    ],
) -> None:
    """Give one pupil a later deadline.

    The pupil's late marks follow when the teacher collects and grades again.
    """
    with (
        closing(open_store(park_settings.load().database_url)) as store,
        store.write() as session,
    ):
        given = assignments.extend(session, classroom, assignment, pupil, due)
    typer.echo(f"{given.person} may hand in {assignment} until {given.due} (UTC).")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A receipt: a JSON file of a pupil's.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="A public key (PEM); default: this park's own.")
    ] = None,
) -> None:
    """Say whether a receipt is genuine and, in its own park, whether the work is still there."""
    try:
        receipt = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExchangeProblem(f"{file} is not a receipt: {error}") from None
    settings = park_settings.load()
    if key:
        try:
            public_key = receipts.read_public_key(key.read_bytes())
        except (OSError, ValueError) as error:
            raise ExchangeProblem(f"{key} is not a public key: {error}") from None
        if not receipts.verify(receipt, public_key):
            raise ExchangeProblem(f"{file}: the signature does not fit this receipt and this key.")
    elif problems := check.lost_receipts(settings, [receipt]):
        raise ExchangeProblem("\n".join(problems))
    typer.echo(
        f"Genuine: {receipt['person']} handed in {receipt['assignment']} ({receipt['classroom']}) "
        f"at {receipt['received_at']} (UTC)."
    )
    if not key:
        typer.echo("The park has the work, whole.")


@app.command(name="check")
def check_all() -> None:
    """Read every file of the exchange again and name what is damaged."""
    if problems := check.damaged(park_settings.load()):
        raise ExchangeProblem(
            "Damaged, restore these from a backup:\n" + "\n".join(f"  {one}" for one in problems)
        )
    typer.echo("Every assignment, submission and feedback is whole.")


@app.command(name="public-key")
def public_key() -> None:
    """Print the key that verifies receipts, for whoever wants to check one elsewhere."""
    path = receipts.key_path(park_settings.load().data)
    typer.echo(receipts.load_signer(path).public_pem, nl=False)
