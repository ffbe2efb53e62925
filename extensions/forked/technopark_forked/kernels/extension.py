"""Starts the parent of kernels in a pupil's server, as soon as the server is up.

Jupyter Server calls `_load_jupyter_server_extension`. Nothing here may delay the first answer.
"""

import os
from typing import Any

from technopark_forked.kernels.keeper import LAUNCHER, Keeper, keep
from technopark_forked.kernels.provisioner import PROVISIONER

_AFTER_SECONDS = 0.5
"""From the server's first turn to the parent's start: the page's first requests go before it."""


def _load_jupyter_server_extension(server: Any) -> None:
    spec = server.kernel_spec_manager.get_kernel_spec(server.kernel_manager.default_kernel_name)
    asked = spec.metadata.get("kernel_provisioner", {})
    if asked.get("provisioner_name") != PROVISIONER or tuple(spec.argv[1:3]) != LAUNCHER:
        server.log.info("Kernels %s are not forked: their kernelspec asks for none.", spec.name)
        return
    environment = {**os.environ, **spec.env}
    libraries = asked.get("config", {}).get("libraries", os.devnull)
    keeper = Keeper(spec.argv[: 1 + len(LAUNCHER)], environment, libraries, server.log)
    keep(keeper)
    server.io_loop.add_callback(server.io_loop.call_later, _AFTER_SECONDS, keeper.start)
