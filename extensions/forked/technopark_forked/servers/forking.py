"""One request, from its line to a program in a container: look, join, fork, confine.

Called by `parent` in a process that was forked for this request. It returns in the program's
process only. Between joining the container's files and the last dropped privilege nothing is
imported and nothing opened.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from technopark_forked.servers import linux
from technopark_forked.servers.confining import confine, take_streams
from technopark_forked.servers.fresh import be_fresh
from technopark_forked.servers.joining import enter, join_cgroups, take_score
from technopark_forked.servers.programs import Program
from technopark_forked.servers.request import MOST, RefusedError, Request, parse
from technopark_forked.servers.target import Target, look_at

PATIENCE = 8
"""Seconds after which a request that is not done is given up; who asks waits little longer."""
QUESTION = b"{}\n"
"""The line that asks what may be forked."""
_DONE = b"done "
_PIECE = 65536


@dataclass(frozen=True)
class Forked:
    """What the process of a forked program is to do."""

    ending: int | None
    """The pipe that tells process 1 of the container how it ended; a server's alone."""
    serve: Callable[[], None]


def answer(connection: socket.socket, programs: Mapping[str, Program]) -> Forked:
    """Serves one connection and ends this process; returns in the forked program's process.

    Args:
        connection: where the request comes from and the answer goes to.
        programs: what may be forked, by name.
    """
    signal.alarm(PATIENCE)
    try:
        line = _line(connection)
        if line == QUESTION:
            _end(connection, {"programs": sorted(programs)})
        request = parse(line)
        program = _wanted(request, programs)
        target = look_at(request.pid, request.container, is_server=program.is_server)
        take_score(target)
        join_cgroups(target.cgroups)
        enter(target.pidfd, request.pid)
        news, tell = os.pipe()
        is_outside = os.fork() > 0
    except (RefusedError, OSError) as error:
        _end(connection, {"error": str(error)})
    if is_outside:
        os.close(tell)
        _pass_on(news, connection)
    return _become(request, target, program, tell)


def _wanted(request: Request, programs: Mapping[str, Program]) -> Program:
    if request.program not in programs:
        raise RefusedError(
            f"There is no program {request.program!r}; there is {', '.join(programs)}."
        )
    return programs[request.program]


def _become(request: Request, target: Target, program: Program, tell: int) -> Forked:
    """In the container; goes on in a child without any privilege, which process 1 adopts."""
    try:
        take_streams(target, tell)
        confine(target)
        if os.fork():
            os._exit(0)
        be_fresh({**target.environment, **request.environment})
        os.chdir(target.folder)
        linux.rename(program.command.rpartition("/")[2])
        sys.argv = [program.command, *request.arguments]
        os.write(tell, _DONE + str(os.getpid()).encode())
    except OSError as error:
        with suppress(OSError):
            os.write(tell, str(error).encode())
        os._exit(1)
    os.close(tell)
    return Forked(target.ending, program.serve())


def _pass_on(news: int, connection: socket.socket) -> NoReturn:
    """Answers with what the fork says of itself: its number in the container, or why it is none."""
    told = b""
    while piece := os.read(news, _PIECE):
        told += piece
    if told.startswith(_DONE):
        _end(connection, {"pid": int(told.removeprefix(_DONE))})
    _end(connection, {"error": told.decode(errors="replace") or "The fork was killed at once."})


def _line(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        piece = connection.recv(_PIECE)
        if not piece or len(line) > MOST:
            raise RefusedError(f"Expected one line of {MOST} bytes at most.")
        line += piece
    return line


def _end(connection: socket.socket, said: Mapping[str, object]) -> NoReturn:
    with suppress(OSError):
        connection.sendall(json.dumps(said).encode() + b"\n")
    os._exit(0)
