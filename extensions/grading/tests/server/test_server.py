"""The grading server starts: pupils come from the exchange, and a click downloads the marks."""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from nbgrader.api import Gradebook

from technopark_grading.gradebook import roster

pytestmark = pytest.mark.slow

ROSTER = [
    {"name": "masha", "full_name": "Иволгина Маша"},
    {"name": "anna", "full_name": "Синицына Анна Мария"},
    {"name": "timur", "full_name": "Тимур"},
]


@pytest.fixture(scope="module")
def exchange() -> Iterator[list[str]]:
    """An exchange service that knows the classroom; the tokens it saw."""
    tokens: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tokens.append(self.headers["Authorization"])
            known = self.path == "/classrooms/robots-5/roster"
            self.send_response(200 if known else 403)
            self.end_headers()
            self.wfile.write(json.dumps(ROSTER).encode() if known else b"{}")

        def log_message(self, *_: object) -> None:
            pass

    service = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TECHNOPARK_EXCHANGE_URL", f"http://127.0.0.1:{service.server_port}")
        patch.setenv("TECHNOPARK_CLASSROOM", "robots-5")
        patch.setenv("JUPYTERHUB_API_TOKEN", "the-servers-own")
        yield tokens
    service.shutdown()
    thread.join()
    service.server_close()


def test_the_roster_fills_the_gradebook(exchange: list[str], classroom: Any) -> None:
    roster.refresh(classroom.db_url, "robots-5", logging.getLogger("test"))
    with Gradebook(classroom.db_url, "robots-5") as book:
        names = {s.id: (s.first_name, s.last_name) for s in book.students}
    assert names["masha"] == ("Маша", "Иволгина")
    assert names["anna"] == ("Анна Мария", "Синицына")
    assert names["timur"] == ("", "Тимур")
    assert "token the-servers-own" in exchange


def test_a_silent_exchange_is_one_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, classroom: Any, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TECHNOPARK_EXCHANGE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("TECHNOPARK_CLASSROOM", "robots-5")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "x")
    roster.refresh(classroom.db_url, "robots-5", logging.getLogger("test"))
    assert [record.levelname for record in caplog.records if record.name == "test"] == ["WARNING"]


def test_formgrader_lists_the_assignments_of_the_course(classroom: Any) -> None:
    second = classroom.root / "source" / "loops" / "loops.ipynb"
    second.parent.mkdir()
    second.write_bytes((classroom.root / "source" / "sums" / "sums.ipynb").read_bytes())
    assert {a["name"]: a["status"] for a in classroom.api.get_assignments()} == {
        "sums": "draft",
        "loops": "draft",
    }


@pytest.fixture(scope="module")
def grading_server(exchange: list[str], make_grading_server: Any, classroom: Any) -> Iterator[str]:
    """A real Jupyter Server over the classroom's course directory; its address."""
    server = make_grading_server(classroom)
    server.start()
    yield server.address
    server.stop()


def _wait_for(ready: Callable[[], bool]) -> None:
    for _ in range(240):
        with contextlib.suppress(requests.RequestException):
            if ready():
                return
        time.sleep(0.25)
    pytest.fail("It did not happen within a minute.")


def test_a_click_downloads_the_marks_of_the_whole_class(
    grading_server: str, classroom: Any
) -> None:
    address = f"{grading_server}/technopark/marks.csv"
    signed_in = {"Authorization": "token secret"}

    def names() -> str:
        return requests.get(address, headers=signed_in, timeout=20).content.decode("utf-8-sig")

    _wait_for(lambda: "Иволгина Маша;masha" in names())
    answer = requests.get(address, headers=signed_in, timeout=20)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="marks-robots-5-' in answer.headers["Content-Disposition"]
    assert names().startswith("Ученик;Имя для входа;")


def test_marks_are_for_those_who_signed_in(grading_server: str) -> None:
    address = f"{grading_server}/technopark/marks.csv"
    answer = requests.get(address, timeout=20, allow_redirects=False)
    assert answer.status_code in (302, 403)
    assert "Ученик" not in answer.text


def test_the_list_of_assignments_offers_the_marks(grading_server: str) -> None:
    address = f"{grading_server}/formgrader/manage_assignments"
    page = requests.get(address, headers={"Authorization": "token secret"}, timeout=20)
    assert "/technopark/marks.csv" in page.text
