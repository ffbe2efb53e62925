"""How a leased kernel gets its connection: by its standard input, before it becomes ipykernel.

Called by the engines of leases. The keys stand neither in the container's description nor in its
environment nor on a command line, where others could read them.
"""

import json

from technopark.engine.leased import CONNECTION_FILE, KERNEL_PORTS, Order

TINI = ("tini", "-g", "--")
"""Process 1 of a kernel: hands signals on to the kernel and its children, as a terminal does."""

_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
assert len(_PORTS) == KERNEL_PORTS  # noqa: S101  # two spellings of one thing

# The folder is the pupil's: it is entered as the pupil, never by the engine, which would make it
# as root, or follow a link of theirs. A folder that is gone is no reason to have no kernel.
_SCRIPT = f"""
IFS= read -r connection || exit 70
(umask 077; printf '%s' "$connection" > {CONNECTION_FILE}) || exit 70
unset connection
cd -- "$1"; shift
exec "$@" < /dev/null
"""


def with_connection(order: Order) -> list[str]:
    """The order's command, which first takes a `connection_line` from its standard input."""
    return ["/bin/sh", "-c", _SCRIPT, "kernel", order.folder, *order.command]


def connection_line(order: Order, address: str, first_port: int) -> bytes:
    """The order's connection with its address and ports, as one line of JSON."""
    ports = {name: first_port + number for number, name in enumerate(_PORTS)}
    where = {"transport": "tcp", "ip": address, **ports}
    return json.dumps(dict(order.connection or {}) | where).encode() + b"\n"
