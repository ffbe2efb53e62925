"""`technopark grade`: a whole class at once, from the host, with live progress."""

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from technopark.problem import Problem

if TYPE_CHECKING:
    from technopark.grading.class_run import ClassRun, Progress

ATTENTION, ERROR, INTERRUPTED = 1, 2, 130
"""Exit codes, beside 0."""


def grade(
    classroom: Annotated[str, typer.Argument(help="The classroom's id, such as data-6a.")],
    assignment: Annotated[str, typer.Argument(help="The assignment's name.")],
    again: Annotated[
        bool, typer.Option("--again", help="Also those whose work has not changed.")
    ] = False,
    collect: Annotated[
        bool, typer.Option(help="Bring in first what pupils have handed in.")
    ] = True,
    cancel: Annotated[bool, typer.Option("--cancel", help="End the run that goes on.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only say how far it is.")] = False,
) -> None:
    """Grade a class in sandboxes, many at a time.

    Ends with 0 if all is well, 1 if the teacher should look at something, 2 if it failed.
    Ctrl+C only ends the looking on.
    """
    from technopark.grading.class_run import ClassRun, known_classroom
    from technopark.grading.door import Door
    from technopark.machine.secrets import read_secrets
    from technopark.settings import load
    from technopark.store import open_store

    try:
        settings = load()
        token = read_secrets(settings).grading_token
        with closing(open_store(settings.database_url)) as store:
            known_classroom(store, classroom)
        with closing(Door(settings, token)) as door:
            run = ClassRun(door, classroom, assignment)
            if cancel:
                call_off(run)
                return
            code = end(run.progress()) if status else watch(run, again=again, collect=collect)
    except Problem as problem:
        print(f"technopark: {problem}", file=sys.stderr)
        raise typer.Exit(ERROR) from None
    raise typer.Exit(code)


def call_off(run: "ClassRun") -> None:
    """Ends the run, and says what that means."""
    was = run.progress()
    run.cancel()
    typer.echo(
        "Cancelled. What is graded stays; the next run grades the rest."
        if was.running or was.state == "broken-off"
        else f"Nothing is being graded in {run.classroom}."
    )


def watch(run: "ClassRun", *, again: bool, collect: bool) -> int:
    """Has the class graded and shows how far it is; the exit code."""
    from technopark.grading import report
    from technopark.progress import say, step

    title = f"Grading {run.classroom}, {run.assignment}"
    try:
        with step(f"{title}: starting") as shown:
            for progress in run.follow(run.start(again=again, collect=collect)):
                shown.title = f"{title}: {report.line(progress)}"
    except KeyboardInterrupt:
        words = f"`./park grade {run.classroom} {run.assignment}"
        say(f"\nGrading goes on without this window. {words} --status` says how far it is,")
        say(f"{words} --cancel` ends it.")
        return INTERRUPTED
    return end(progress)


def end(progress: "Progress") -> int:
    """Says what came out; the exit code."""
    from technopark.grading import report

    if progress.pupils:
        typer.echo(report.table(progress))
        typer.echo()
    match progress.state:
        case "done":
            typer.echo(f"Graded: {report.line(progress)}.")
            return ATTENTION if progress.counts.attention else 0
        case "never":
            typer.echo("Nobody has asked for this class to be graded yet.")
            return 0
        case "grading" | "collecting":
            typer.echo(f"Being graded: {report.line(progress)}.")
            return 0
        case "cancelled":
            typer.echo(f"Grading was cancelled: {report.line(progress)}.")
        case "broken-off":
            typer.echo(f"Grading broke off: {report.line(progress)}. Call it again to go on.")
        case "failed":
            typer.echo(f"Grading did not come to its end. {progress.problem}")
    return ERROR
