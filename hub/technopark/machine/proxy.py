"""The proxy in front of the park: configurable-http-proxy from npm, exactly as locked.

Called by `up`.
"""

import hashlib
import shutil
from pathlib import Path

from technopark.machine import MachineError
from technopark.node import NODE, NodeError, install
from technopark.progress import step
from technopark.settings import SOURCE, Settings

LOCKED = SOURCE / "hub" / "proxy"
"""package.json and package-lock.json."""

ERROR_PAGES = LOCKED / "pages"
"""What people see while the hub or a server does not answer."""


def proxy_program(settings: Settings) -> Path:
    """configurable-http-proxy, to be run with `NODE`."""
    package = settings.data / "node" / "node_modules" / "configurable-http-proxy"
    return package / "bin" / "configurable-http-proxy"


def ensure_proxy(settings: Settings) -> None:
    """Installs the proxy as locked; does nothing where that is what is installed.

    Raises:
        MachineError: npm fails.
    """
    place = settings.data / "node"
    stamp = place / "stamp"
    wanted = _fingerprint()
    if proxy_program(settings).exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(place, ignore_errors=True)
    try:
        with step("Installing the proxy with npm"):
            install(LOCKED, place, "--omit=dev")
    except NodeError as error:
        raise MachineError(
            "The proxy could not be installed with npm. Is this machine connected? "
            f"npm says:\n{error}"
        ) from None
    stamp.write_text(wanted)


def _fingerprint() -> str:
    parts = (LOCKED / "package-lock.json").read_bytes() + str(NODE).encode()
    return hashlib.sha256(parts).hexdigest()
