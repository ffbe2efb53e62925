"""`technopark bench`: measure, against a peer run in the same call."""

from pathlib import Path
from typing import Annotated

import typer


def bench(
    name: Annotated[str, typer.Argument(help="Which bench.")],
    json: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    runs: Annotated[int, typer.Option("--runs", min=1, help="How often each is measured.")] = 5,
    submissions: Annotated[
        int, typer.Option("--submissions", min=1, help="Bench `grade`: how many.")
    ] = 30,
) -> None:
    """Measure ours against a peer.

    Runs both in turn, prints the medians and the ratio.
    """
    from importlib import import_module

    from technopark.bench import BENCHES
    from technopark.bench.report import report, table, write
    from technopark.machine import MachineError
    from technopark.settings import load

    if name not in BENCHES:
        raise MachineError(f"There is no bench {name!r}; there are: {', '.join(sorted(BENCHES))}.")
    size = {"submissions": submissions} if name == "grade" else {}
    written = report(name, import_module(BENCHES[name]).run(load(), runs, **size))
    typer.echo(table(written))
    if json:
        write(written, json)
        typer.echo(f"\nWritten to {json}")
