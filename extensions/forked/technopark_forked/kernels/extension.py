"""Sees to a pupil's kernels as soon as the server is up: their parent, and the first question.

Jupyter Server calls `_load_jupyter_server_extension`. Nothing here may delay the first answer.
"""

import os
from functools import partial
from typing import Any

from technopark_forked.kernels.asking import asking_soon
from technopark_forked.kernels.keeper import LAUNCHER, Keeper, keep, kept
from technopark_forked.kernels.provisioner import PROVISIONER

_AFTER_SECONDS = 0.5
"""From the server's first turn to the parent's start: the page's first requests go before it."""
_CONNECTION = "kernel_websocket_connection_class"


def _load_jupyter_server_extension(server: Any) -> None:
    settings = server.web_app.settings
    settings[_CONNECTION] = asking_soon(settings[_CONNECTION])
    keep(partial(_keeper, server))
    server.io_loop.add_callback(server.io_loop.call_later, _AFTER_SECONDS, _start)


def _keeper(server: Any) -> Keeper | None:
    spec = server.kernel_spec_manager.get_kernel_spec(server.kernel_manager.default_kernel_name)
    asked = spec.metadata.get("kernel_provisioner", {})
    if asked.get("provisioner_name") != PROVISIONER or tuple(spec.argv[1:3]) != LAUNCHER:
        server.log.info("Kernels %s are not forked: their kernelspec asks for none.", spec.name)
        return None
    environment = {**os.environ, **spec.env}
    libraries = asked.get("config", {}).get("libraries", os.devnull)
    return Keeper(spec.argv[: 1 + len(LAUNCHER)], environment, libraries, server.log)


def _start() -> None:
    if (keeper := kept()) is not None:
        keeper.start()
