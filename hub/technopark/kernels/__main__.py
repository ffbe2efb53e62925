"""Runs the broker: `python -m technopark.kernels [--ip IP] [--port PORT]`.

Started by the park's supervisor. The hub's API is named by JUPYTERHUB_API_URL, the address to
listen on by `--ip` or TECHNOPARK_BRIDGE_IP.
"""

import typer

from technopark.engine.lease_engines import open_lease_engine
from technopark.kernels import relay
from technopark.kernels.app import create_app
from technopark.services import serving
from technopark.settings import load

_STOP_SECONDS = 5


def main(ip: serving.Ip = "127.0.0.1", port: serving.Port = 0) -> None:
    """Runs the broker until it is told to stop; kernels go on without it."""
    settings = load()
    app = create_app(settings, serving.hub_api_url(), open_lease_engine(settings))
    serving.serve(app, ip, port or settings.ports.broker, _STOP_SECONDS, **relay.SERVED)


if __name__ == "__main__":
    typer.run(main)
