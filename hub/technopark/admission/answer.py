"""Waiting until a server that was started answers, looking often: a pupil waits with us.

Called by the spawner inside a turn. JupyterHub's own wait looks again after pauses that grow to
seconds, which is longer than a server takes to start.
"""

import asyncio
from contextlib import suppress

from jupyterhub.utils import wait_for_http_server

LOOK = 0.04
"""Seconds between two attempts to connect."""
_PATIENCE = 2.0
"""Seconds after which an attempt is given up: packets to a new container may get lost."""


async def until_it_answers(ip: str, port: int, path: str, seconds: float) -> None:
    """Returns when the server answers over HTTP.

    Args:
        ip: the server's address.
        port: the TCP port.
        path: what is asked for, such as `/user/masha/data-6a/api`.
        seconds: JupyterHub's own wait gives up after so long; who calls this has a limit as well.

    Raises:
        TimeoutError: it listens, and does not answer in time.
    """
    while not await _listens(ip, port):  # noqa: ASYNC110  # nobody tells when it does
        await asyncio.sleep(LOOK)
    await wait_for_http_server(f"http://{ip}:{port}{path}", timeout=seconds)


async def _listens(ip: str, port: int) -> bool:
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            _reader, writer = await asyncio.open_connection(ip, port)
        writer.close()
        return True
    return False
