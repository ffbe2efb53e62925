"""The command `technopark` (and `./park`): one file a verb or a small group of verbs.

Here the verbs are only put together; what they do stands in the parts of the park, which are
imported when a verb is called, so that `technopark --help` stays quick.
"""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from technopark.cli.bench import bench
from technopark.cli.capacity import capacity
from technopark.cli.config import app as config
from technopark.cli.doctor import doctor
from technopark.cli.grade import grade
from technopark.cli.images import app as images
from technopark.cli.logs import logs
from technopark.cli.signins import signins
from technopark.cli.status import status
from technopark.cli.test import test
from technopark.cli.up import down, up
from technopark.problem import Problem

app = typer.Typer(
    name="technopark",
    help="A city's learning environment: one command to run it, watch it and test it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for verb in (up, down, status, logs, doctor):
    app.command()(verb)


def _later(module: str) -> type[TyperGroup]:
    """A group of verbs whose `module` (with its `app`) is imported when one of them is called."""

    class Later(TyperGroup):
        def _group(self) -> Any:
            return typer.main.get_group(import_module(module).app)

        def list_commands(self, ctx: Any) -> list[str]:
            return list(self._group().list_commands(ctx))

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            return self._group().get_command(ctx, cmd_name)

    return Later


for name, module, purpose in (
    ("course", "technopark.catalogue.commands", "Courses: check, list, publish."),
    ("roster", "technopark.people.commands", "People in classrooms: import, remove, cards."),
    ("demo", "technopark.made_up.commands", "Made-up people: a whole city in an empty park."),
    ("person", "technopark.safety.commands", "One person: all their data, deletion; retention."),
    ("exchange", "technopark.exchange.commands", "Assignments, submissions and receipts."),
    ("bell", "technopark.bell.commands", "The timetable: servers ready before the lesson."),
    ("leases", "technopark.kernels.commands", "Kernels on GPUs: who has them, reservations."),
):
    app.add_typer(
        typer.Typer(cls=_later(module), no_args_is_help=True, rich_markup_mode=None),
        name=name,
        help=purpose,
    )
app.command()(signins)
app.command()(grade)
app.add_typer(images, name="images")
app.add_typer(config, name="config")
app.command()(bench)
app.command()(capacity)
app.command()(test)


def main() -> None:
    """Runs the command line; an expected problem is a sentence on stderr and exit code 1."""
    try:
        app(prog_name="technopark")
    except Problem as problem:
        print(f"technopark: {problem}", file=sys.stderr)
        sys.exit(1)
