"""`technopark logs`: what the park's processes have said."""

import subprocess
from typing import Annotated

import typer


def logs(
    name: Annotated[str, typer.Argument(help="Of a process; none: of all.")] = "",
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as it is written.")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", help="How many of the last lines.")] = 50,
) -> None:
    """Show what the park's processes have said."""
    from technopark.machine import MachineError
    from technopark.settings import load

    settings = load()
    folder = settings.data / "logs"
    files = sorted(folder.glob(f"{name or '*'}.log"))
    if not files:
        known = ", ".join(sorted(path.stem for path in folder.glob("*.log"))) or "none yet"
        raise MachineError(f"There is no log {name!r} in {folder}; there are: {known}.")
    tail = ["tail", f"--lines={lines}", *(["--follow=name", "--retry"] if follow else [])]
    try:
        subprocess.run([*tail, *map(str, files)], check=False)
    except KeyboardInterrupt:
        return
