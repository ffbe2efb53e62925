"""Runs the exchange: `python -m technopark.exchange [--ip IP] [--port PORT]`.

Started by the park's supervisor. The hub's API is named by JUPYTERHUB_API_URL, the address to
listen on by `--ip` or TECHNOPARK_BRIDGE_IP.
"""

import logging
import os
import sys
from typing import Annotated

import typer
import uvicorn

from technopark import settings as park_settings
from technopark.exchange.app import create_app

_STOP_SECONDS = 20


def serve(
    ip: Annotated[
        str, typer.Option(envvar="TECHNOPARK_BRIDGE_IP", help="Address to listen on")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port; 0: as the settings say")] = 0,
) -> None:
    """Runs the exchange until it is told to stop; what is being received is received first."""
    settings = park_settings.load()
    hub_api_url = os.environ.get("JUPYTERHUB_API_URL")
    if not hub_api_url:
        sys.exit(
            "JUPYTERHUB_API_URL is not set: name the hub's API, such as http://IP:8081/hub/api"
        )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvicorn.run(
        create_app(settings, hub_api_url),
        host=ip,
        port=port or settings.exchange.port,
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


if __name__ == "__main__":
    typer.run(serve)
