"""PostgreSQL instead of SQLite: unit tests with a database, and a whole park by URL.

PostgreSQL is Debian's, started for this test alone in a folder of its own, on a socket.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import httpx
import pytest
from sqlalchemy import NullPool, create_engine, text
from support.park import Park, make_park
from support.visitor import Visitor

from technopark.bench.rehearsal import archive
from technopark.machine.network import park_network

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
        server.send_signal(signal.SIGINT)  # does not wait for clients, as SIGTERM would
        server.wait()
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    "part", ["store", "people", "signin", "exchange", "kernels", "bell", "portal", "safety"]
)
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


@pytest.fixture(scope="module")
def park(
    postgresql: str, tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None
) -> Iterator[Park]:
    """A park whose hub, people and exchange keep their tables in one PostgreSQL database."""
    url = postgresql.replace("postgresql+psycopg://", "postgresql://", 1)
    made = make_park(tmp_path_factory.mktemp("postgresql"), "tppg", database={"url": url})
    try:
        made.call("up")
        yield made
    finally:
        made.call("down")


@pytest.mark.docker
def test_a_lesson_on_postgresql(
    park: Park, postgresql: str, signed_in: Callable[[str], Visitor]
) -> None:
    masha, teacher = signed_in("masha"), signed_in("anna-pavlovna")
    masha.start("data-6a").raise_for_status()
    kernel = masha.new_kernel("data-6a")
    assert masha.run("data-6a", kernel, "print(5 * 4)") == "20\n"
    token = teacher.hub("POST", "/users/anna-pavlovna/tokens", json={"expires_in": 600}).json()
    gateway = park_network(park.settings).gateway
    httpx.put(
        f"http://{gateway}:{park.settings.exchange.port}/classrooms/data-6a/assignments/penguins",
        content=archive({"penguins.ipynb": b"{}"}),
        headers={"Authorization": f"token {token['token']}"},
        trust_env=False,
    ).raise_for_status()

    for command in ("fetch_assignment", "submit"):
        code, said = park.run_inside("masha", "data-6a", *in_class(command, "penguins"))
        assert code == 0, said
    assert "Квитанция №" in said
    engine = create_engine(postgresql, poolclass=NullPool)
    with engine.connect() as database:
        rows = database.execute(text("SELECT person_name FROM park_submission")).all()
        assert [name for (name,) in rows] == ["masha"]
        assert database.execute(text("SELECT count(*) FROM users WHERE name = 'masha'")).scalar()
    assert not list(park.settings.data.glob("*.sqlite*"))
    assert "postgresql, writable" in park.call("doctor")


def in_class(*arguments: str) -> list[str]:
    """nbgrader's command in a terminal that stands in the classroom's folder."""
    return ["sh", "-c", f"cd ~/data-6a && exec /opt/server/bin/nbgrader {' '.join(arguments)}"]
