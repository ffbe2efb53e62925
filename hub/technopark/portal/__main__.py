"""Runs the portal: `python -m technopark.portal [--ip IP] [--port PORT]`.

Started by the park's supervisor. The hub's API is named by JUPYTERHUB_API_URL, the token for it by
JUPYTERHUB_API_TOKEN, the address to listen on by `--ip` or TECHNOPARK_BRIDGE_IP.
"""

import os
import sys

import typer

from technopark.portal.app import create_app
from technopark.services import serving
from technopark.settings import load

_STOP_SECONDS = 5


def main(ip: serving.Ip = "127.0.0.1", port: serving.Port = 0) -> None:
    """Runs the portal until it is told to stop."""
    settings = load()
    token = os.environ.get("JUPYTERHUB_API_TOKEN")
    if not token:
        sys.exit("JUPYTERHUB_API_TOKEN is not set: the portal asks the hub with it")
    app = create_app(settings, serving.hub_api_url(), token)
    serving.serve(app, ip, port or settings.ports.portal, _STOP_SECONDS, ws="none")


if __name__ == "__main__":
    typer.run(main)
