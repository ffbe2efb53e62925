"""Runs a service as a process: its command line, its log, its server.

Called by the `__main__` of each service, which says what it serves and on which port.
"""

import logging
import os
import sys
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI

Ip = Annotated[str, typer.Option(envvar="TECHNOPARK_BRIDGE_IP", help="Address to listen on")]
Port = Annotated[int, typer.Option(help="TCP port; 0: as the settings say")]


def hub_api_url() -> str:
    """The hub's API, which knows who is asking; ends the process where none is named."""
    url = os.environ.get("JUPYTERHUB_API_URL")
    if not url:
        sys.exit(
            "JUPYTERHUB_API_URL is not set: name the hub's API, such as http://IP:8081/hub/api"
        )
    return url


def serve(app: FastAPI, ip: str, port: int, stop_seconds: int, **websockets: Any) -> None:
    """Serves `app` until it is told to stop.

    Args:
        app: the service.
        ip: the address to listen on.
        port: the TCP port.
        stop_seconds: so long what is under way may take to end.
        websockets: uvicorn's settings of websockets.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every look at the hub
    uvicorn.run(
        app,
        host=ip,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=stop_seconds,
        **websockets,
    )
