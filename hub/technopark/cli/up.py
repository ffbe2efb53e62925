"""`technopark up` and `down`: start everything on this machine, and end it."""

import signal
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from technopark.people.demo import SignIn
    from technopark.settings import Settings

ROLES = {
    "pupil": "ученик",
    "teacher": "учитель",
    "author": "автор",
    "curator": "куратор",
    "admin": "администратор",
}
"""One sign-in of each is shown, in this order."""


def up(
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay; Ctrl-C takes the park down.")
    ] = False,
) -> None:
    """Start everything on this machine.

    Prints the address and the demo sign-ins when people can sign in. Repeat it at any time.
    """
    from technopark.machine.park import start_park, stop_park
    from technopark.settings import load

    settings = load()
    sign_ins = start_park(settings)
    typer.echo(welcome(settings, sign_ins))
    if foreground:
        _stay(settings)
        stop_park(settings)


def down(
    keep_servers: Annotated[
        bool, typer.Option("--keep-servers", help="Leave pupils' servers running.")
    ] = False,
) -> None:
    """End everything of this park.

    Its processes, pupils' servers and its network; everybody's work is kept.
    """
    from technopark.machine.park import stop_park
    from technopark.settings import load

    stopped = stop_park(load(), keep_servers)
    processes = "Processes ended" if stopped.processes else "No process was running"
    servers = "servers left as they are" if keep_servers else f"{stopped.containers} servers ended"
    typer.echo(f"{processes}; {servers}. Everybody's work is kept in the data folder.")


def welcome(settings: "Settings", sign_ins: "list[SignIn]") -> str:
    """What `up` ends with."""
    lines = ["", f"The park is up: {settings.web.address}", ""]
    shown = [next((one for one in sign_ins if one.role == role), None) for role in ROLES]
    for sign_in in filter(None, shown):
        role = f"{sign_in.role} ({ROLES[sign_in.role]})"
        lines.append(f"  {role:24} {sign_in.name:18} {sign_in.passphrase}")
    if sign_ins:
        lines += ["", "  Made-up people: take `demo` out of the settings in production.", ""]
    lines.append("./park status tells how it goes, ./park down ends it.")
    return "\n".join(lines)


def _stay(settings: "Settings") -> None:
    from technopark.machine.supervisor import is_running

    # A service manager says TERM, a person Ctrl-C: both mean the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while is_running(settings):
            time.sleep(1)
    except (KeyboardInterrupt, SystemExit):
        typer.echo("\nTaking the park down ...")
