"""Runs the exchange: `python -m technopark.exchange [--ip IP] [--port PORT]`.

Started by the park's supervisor. The hub's API is named by JUPYTERHUB_API_URL, the address to
listen on by `--ip` or TECHNOPARK_BRIDGE_IP.
"""

import typer

from technopark.exchange.app import create_app
from technopark.services import serving
from technopark.settings import load

_STOP_SECONDS = 20


def main(ip: serving.Ip = "127.0.0.1", port: serving.Port = 0) -> None:
    """Runs the exchange until it is told to stop; what is being received is received first."""
    settings = load()
    app = create_app(settings, serving.hub_api_url())
    serving.serve(app, ip, port or settings.exchange.port, _STOP_SECONDS, ws="none")


if __name__ == "__main__":
    typer.run(main)
