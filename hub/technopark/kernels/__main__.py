"""Runs the broker: `python -m technopark.kernels [--ip IP] [--port PORT]`.

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
from technopark.engine.lease_engines import open_lease_engine
from technopark.kernels import relay
from technopark.kernels.app import create_app

_STOP_SECONDS = 5


def serve(
    ip: Annotated[
        str, typer.Option(envvar="TECHNOPARK_BRIDGE_IP", help="Address to listen on")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port; 0: as the settings say")] = 0,
) -> None:
    """Runs the broker until it is told to stop; kernels go on without it."""
    settings = park_settings.load()
    hub_api_url = os.environ.get("JUPYTERHUB_API_URL")
    if not hub_api_url:
        sys.exit(
            "JUPYTERHUB_API_URL is not set: name the hub's API, such as http://IP:8081/hub/api"
        )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        create_app(settings, hub_api_url, open_lease_engine(settings)),
        host=ip,
        port=port or settings.ports.broker,
        log_level="warning",
        **relay.SERVED,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


if __name__ == "__main__":
    typer.run(serve)
