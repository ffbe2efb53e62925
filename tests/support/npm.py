"""Packages from npm that tests use, installed once as they are locked in a folder of `tests/`.

Called by `openid_provider` and `axe`; each has a folder of its own in `var/`.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from support.proxy import one_at_a_time
from technopark.node import NODE, NPM
from technopark.settings import SOURCE


def installed(name: str) -> Path:
    """Where the packages are that `tests/<name>/package-lock.json` names, and what lies by it."""
    locked, place = SOURCE / "tests" / name, SOURCE / "var" / f"test-{name}"
    with one_at_a_time(place.with_suffix(".lock")):
        files = sorted(locked.iterdir())
        wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
        stamp = place / "stamp"
        if not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            for file in files:
                shutil.copy(file, place)
            _install(place)
            stamp.write_text(wanted)
    return place


def _install(place: Path) -> None:
    options = ["--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier"]
    done = subprocess.run(
        [NODE, NPM, "ci", *options],
        cwd=place,
        env={**os.environ, "PATH": f"{NODE.parent}:{os.environ.get('PATH', os.defpath)}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"npm could not install {place.name}:\n{done.stderr[-2000:]}"
