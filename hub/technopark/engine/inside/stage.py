"""Becomes a sandbox whose standard input and output are one connection from the passage.

Arguments: the port to listen on and the command, which then is process 1 of the container. Nobody
else can connect: the first connection is the only one.
"""

import os
import socket
import sys

_INPUT, _OUTPUT = 0, 1


def main(port: str, *command: str) -> None:
    """Returns never."""
    with socket.create_server(("", int(port)), backlog=1) as listening:
        connection, _ = listening.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for stream in (_INPUT, _OUTPUT):
        os.dup2(connection.fileno(), stream)
    os.execv(command[0], command)  # noqa: S606  # that is what it is for


if __name__ == "__main__":
    main(*sys.argv[1:])
