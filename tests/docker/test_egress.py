"""The way out by name: a course reaches the hosts of its lists, and others reach nothing."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from support.park import Park, make_park
from support.visitor import Visitor

from technopark.settings import SOURCE

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]

WITH, WITHOUT = "weather-6a", "data-6a"
"""Masha's classes: the course of one may reach the weather station, that of the other nothing."""

ASK = """
import urllib.error, urllib.request
try:
    with urllib.request.build_opener().open({url!r}, timeout=10) as answer:
        print(answer.status, answer.read().decode())
except urllib.error.HTTPError as refusal:
    print(refusal.code, refusal.read().decode())
except OSError as error:
    print("no way:", error)
"""


class Station(BaseHTTPRequestHandler):
    """A weather station on the internet, in small."""

    def do_GET(self) -> None:
        """Tells the temperature and what was shown to it."""
        told = f"+21; shown: {sorted(name.lower() for name in self.headers)}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing on the terminal."""


@contextmanager
def station() -> Iterator[str]:
    """A running weather station; its host and port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Station) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def listed() -> Iterator[str]:
    """A station that the park's list `weather` names."""
    with station() as place:
        yield place


@pytest.fixture(scope="module")
def park(
    listed: str, tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None
) -> Iterator[Park]:
    """A park with one course that may reach the weather station, and one that may reach nothing."""
    folder = tmp_path_factory.mktemp("egress")
    write_courses(folder / "courses")
    (folder / "demo.yaml").write_text(DEMO, encoding="utf-8")
    made = make_park(
        folder,
        "tpway",
        network={"allowed": {"weather": [listed]}},
        courses=str(folder / "courses"),
        demo=str(folder / "demo.yaml"),
    )
    try:
        made.call("up")
        yield made
    finally:
        made.call("down")


DEMO = f"""
people:
  - {{name: masha, full_name: Маша, site: gymnasium}}
  - {{name: anna, full_name: Анна Павловна, site: gymnasium, role: teacher}}
classrooms:
  - {{id: {WITH}, title: Погода, site: gymnasium, course: weather, teachers: [anna],
     pupils: [masha]}}
  - {{id: {WITHOUT}, title: Данные, site: gymnasium, course: data-start, teachers: [anna],
     pupils: [masha]}}
"""


def write_courses(folder: Path) -> None:
    """The course of the project, as it is and with a list of hosts."""
    for name in ("data-start", "weather"):
        shutil.copytree(SOURCE / "courses" / "data-start", folder / name)
    description = folder / "weather" / "course.yaml"
    course = yaml.safe_load(description.read_text("utf-8"))
    course |= {"id": "weather", "network": ["weather"]}
    description.write_text(yaml.safe_dump(course, allow_unicode=True), encoding="utf-8")


def test_a_course_reaches_its_hosts_and_no_other(signed_in: Arrive, listed: str) -> None:
    masha = signed_in("masha")
    masha.start(WITH)
    kernel = masha.new_kernel(WITH)
    told = masha.run(WITH, kernel, ASK.format(url=f"http://{listed}/"))
    assert told.startswith("200 +21")
    assert "authorization" not in told, "the server's token is not for the station"
    with station() as other:
        refused = masha.run(WITH, kernel, ASK.format(url=f"http://{other}/"))
    assert refused == f"403 The course of {WITH} may not reach {other}.\n"


def test_a_course_without_lists_has_no_way_out(park: Park, signed_in: Arrive, listed: str) -> None:
    masha = signed_in("masha")
    masha.start(WITHOUT)
    kernel = masha.new_kernel(WITHOUT)
    ended, variables = park.run_inside("masha", WITHOUT, "env")
    assert ended == 0
    assert "proxy" not in variables.lower()
    assert masha.run(WITHOUT, kernel, ASK.format(url=f"http://{listed}/")).startswith("no way:")
    # A child who reads how the other class does it gets no further.
    networks = park.container("masha", WITHOUT)["NetworkSettings"]["Networks"]
    way_out = f"{networks[park.settings.network.name]['Gateway']}:{park.settings.ports.egress}"
    token = "import os; token = os.environ['JUPYTERHUB_API_TOKEN']\n"
    for classroom, answer in (
        (WITHOUT, f"403 The course of {WITHOUT} may not reach {listed}.\n"),
        (WITH, "407 This way out is for the park's servers: show your server's token.\n"),
    ):
        proxy = f"os.environ['http_proxy'] = f'http://{classroom}:{{token}}@{way_out}'\n"
        code = token + proxy + ASK.format(url=f"http://{listed}/")
        assert masha.run(WITHOUT, kernel, code) == answer
    proxy = f"os.environ['http_proxy'] = 'http://{way_out}'\n"
    refused = masha.run(WITHOUT, kernel, proxy + ASK.format(url=f"http://{listed}/"))
    assert refused.startswith("407 ")
