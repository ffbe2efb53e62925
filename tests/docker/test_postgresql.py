"""The store, the people and the exchange on PostgreSQL: the same unit tests, another database.

PostgreSQL is Debian's, started for this test alone in a folder of its own, on a socket.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def ensure_postgresql() -> Path:
    """The folder of PostgreSQL's programs; Debian's package is installed where there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "--yes", "--no-install-recommends", "postgresql"]
        subprocess.run(["apt-get", "update"], check=True, env=environment)
        subprocess.run(command, check=True, env=environment)
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1]


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server: the URL of a role that may create databases."""
    programs = ensure_postgresql()
    # PostgreSQL refuses to run as root, and its user cannot look into root's folders.
    folder = Path(mkdtemp(prefix="technopark-postgresql-"))
    as_owner: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    subprocess.run(
        [*as_owner, programs / "initdb", "-D", data, "-U", "park", "-A", "trust", "-E", "UTF8"],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*as_owner, programs / "postgres", "-D", data, *options],
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + 30
        ready = [programs / "pg_isready", "-q", "-h", folder]
        while subprocess.run(ready, check=False).returncode != 0:
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield f"postgresql+psycopg://park@/postgres?host={folder}"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


@pytest.mark.parametrize("part", ["people", "exchange"])
def test_the_park_runs_on_postgresql(postgresql: str, part: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", ROOT / "tests" / "unit" / part],
        cwd=ROOT,
        env={**os.environ, "TECHNOPARK_TEST_POSTGRESQL": postgresql},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
