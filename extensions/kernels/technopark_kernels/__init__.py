"""Kernels that run on a lease of the park's broker, beside local ones in one JupyterLab.

`switch_on` is called by jupyter_server_config.py of servers whose course has a GPU image; nothing
here is imported by any other. It must stay light: it is part of a server's start.
"""

import os
from pathlib import Path
from typing import Any

SHARE = Path(__file__).parent / "share" / "jupyter"
"""Holds the kernelspec `python3-gpu`."""


def switch_on(config: Any) -> None:
    """Adds leased kernels to a server.

    Args:
        config: what `get_config()` gives to Jupyter Server's configuration file.
    """
    paths = os.environ.get("JUPYTER_PATH", "")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (paths, str(SHARE))))
    config.ServerApp.kernel_manager_class = "technopark_kernels.manager.LeasingKernelManager"
    config.ServerApp.kernel_websocket_connection_class = (
        "technopark_kernels.connection.ParkConnection"
    )
