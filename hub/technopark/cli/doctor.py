"""`technopark doctor`: is all well, and if not, what to do."""

import typer


def doctor() -> None:
    """Check the whole chain; say what to do.

    From Python to what a pupil's container can reach; changes nothing.
    """
    from technopark.machine.doctor import examine
    from technopark.settings import load

    ill = 0
    for finding in examine(load()):
        mark = "!!" if finding.advice else "ok"
        typer.echo(f"  {mark}  {finding.subject:14} {finding.advice or finding.found}")
        ill += bool(finding.advice)
    if ill:
        typer.echo(f"\n{ill} thing{'s' if ill > 1 else ''} to mend, the first one first.")
        raise typer.Exit(1)
    typer.echo("\nAll is well.")
