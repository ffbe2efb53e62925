"""`technopark bench`: measure, against a peer run in the same call."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

_TOLD_TO_END = 128 + signal.SIGTERM
"""The exit code of whom a signal ended, by the shells' custom."""


def bench(
    name: Annotated[str, typer.Argument(help="Which bench.")],
    json: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    runs: Annotated[
        int | None, typer.Option("--runs", min=1, help="How often each is measured.")
    ] = None,
    submissions: Annotated[
        int | None, typer.Option("--submissions", min=1, help="Bench `grade`: how many.")
    ] = None,
    pupils: Annotated[
        int | None, typer.Option("--pupils", min=1, help="`bell`, `city`, `page`: how many.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", min=0, help="Bench `city`: all come within these.")
    ] = None,
    clients: Annotated[
        str | None,
        typer.Option("--clients", help="Bench `hub`: how many; several as 300,1000,3000."),
    ] = None,
) -> None:
    """Measure ours against a peer.

    Runs both in turn, prints the medians and the ratio. What is not said is as the bench has it.
    """
    from importlib import import_module

    from technopark.bench import BENCHES, SIZES
    from technopark.bench.growth import draw_growth
    from technopark.bench.report import report, table, write
    from technopark.machine import MachineError
    from technopark.settings import load

    if name not in BENCHES:
        raise MachineError(f"There is no bench {name!r}; there are: {', '.join(sorted(BENCHES))}.")
    said: dict[str, object] = {
        "runs": runs,
        "submissions": submissions,
        "pupils": pupils,
        "minutes": minutes,
    }
    said["clients"] = numbers(clients) if clients else None
    sizes = {size: value for size, value in said.items() if value is not None}
    for size in sizes.keys() - {"runs", *SIZES.get(name, ())}:
        raise MachineError(f"The bench {name!r} knows no --{size}; `technopark bench --help`.")
    # Told to end, a bench takes down what it has set up, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TOLD_TO_END))
    written = report(name, import_module(BENCHES[name]).run(load(), **sizes))
    typer.echo(table(written))
    if json:
        write(written, json)
        typer.echo(f"\nWritten to {json}")
        if drawn := draw_growth(written, json):
            typer.echo(f"Drawn in {drawn}")


def numbers(written: str) -> list[int]:
    """`300,1000` as numbers.

    Raises:
        MachineError: it is something else.
    """
    from technopark.machine import MachineError

    parts = written.split(",")
    if not all(part.strip().isdecimal() and int(part) for part in parts):
        raise MachineError(f"Expected numbers of clients such as 300,1000,3000, not {written!r}.")
    return [int(part) for part in parts]
