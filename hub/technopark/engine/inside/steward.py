"""Starts a leased kernel on another machine and hands signals on to it, for as long as it lives.

Arguments: the port to listen on, the file with the connection, where the kernel reads it, the
folder to start in, the command. Each line that the passage sends is the number of a signal.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path


def hand_signals_on(listening: socket.socket, child: "subprocess.Popen[bytes]") -> None:
    """Takes one passage after the other."""
    while True:
        connection, _ = listening.accept()
        with connection, connection.makefile() as lines, suppress(OSError, ValueError):
            for line in lines:
                os.killpg(child.pid, signal.Signals(int(line)))


def main(port: str, given: str, wanted: str, folder: str, *command: str) -> None:
    """Ends as the kernel does."""
    where = os.open(wanted, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(where, "wb") as connection:
        connection.write(Path(given).read_bytes())
    with suppress(OSError):  # a folder that is gone is no reason to have no kernel
        os.chdir(folder)
    listening = socket.create_server(("", int(port)))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=hand_signals_on, args=(listening, child), daemon=True).start()
    code = child.wait()
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main(*sys.argv[1:])
