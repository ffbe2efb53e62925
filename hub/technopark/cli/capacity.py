"""`technopark capacity`: how many pupils a machine carries, and what changes when a park grows."""

from typing import Annotated

import typer


def capacity(
    cores: Annotated[float | None, typer.Option("--cores", help="Default: this machine's.")] = None,
    memory: Annotated[
        str | None, typer.Option("--memory", help="Such as 64G. Default: this machine's.")
    ] = None,
    pupils: Annotated[
        int | None, typer.Option("--pupils", min=1, help="Do so many fit, at a time?")
    ] = None,
    bell: Annotated[int, typer.Option("--bell", min=1, help="So many come at once.")] = 40,
    image: Annotated[
        str, typer.Option("--image", help="Of the course: base, data, bio or robotics.")
    ] = "data",
    way: Annotated[
        str | None, typer.Option("--way", help="forked or ordinary. Default: as the settings say.")
    ] = None,
) -> None:
    """Say how many pupils a machine carries.

    Figures and where they come from: docs/capacity.md.
    """
    from pydantic import TypeAdapter, ValidationError

    from technopark import host
    from technopark.capacity import LIBRARIES, Way
    from technopark.machine import MachineError
    from technopark.planning import Class, Machine, in_words, plan
    from technopark.settings import Bytes, load

    if image not in LIBRARIES:
        known = ", ".join(LIBRARIES)
        raise MachineError(f"There are no figures for the image {image!r}, but for {known}.")
    try:
        size = TypeAdapter(Bytes).validate_python(memory or host.memory().total)
        chosen: Way = TypeAdapter(Way).validate_python(way or load().servers.way)
    except ValidationError as error:
        wrong = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise MachineError(f"{wrong}; such as --memory 64G --way forked.") from None
    if cores is not None and cores <= 0:
        raise MachineError("A machine has more than 0 cores, such as --cores 8.")
    lesson = Class(image, chosen, bell)
    for line in in_words(plan(Machine(cores or host.cores(), size), lesson), lesson, pupils):
        typer.echo(line)
