"""An admin calls `technopark grade`; the hub and the grading server are played by one server."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from technopark.cli.grade import call_off, end, watch
from technopark.grading import GradingError
from technopark.grading.class_run import ClassRun, Progress, known_classroom
from technopark.grading.door import Door
from technopark.settings import Servers, Settings, Web
from technopark.store import Store

SERVER = "/hub/api/users/grading-data-6a/servers/data-6a"
RUN = "/user/grading-data-6a/data-6a/technopark/autograde/sums"
TOKEN = "the-services-own"


def pupil(name: str, state: str, **more: Any) -> dict[str, Any]:
    plain = {"points": None, "of": None, "reason": "", "new": True, "full_name": name.title()}
    return {"name": name, "state": state} | plain | more


def progress(state: str, *pupils: dict[str, Any], **more: Any) -> dict[str, Any]:
    states = [one["state"] for one in pupils]
    counts = {one: states.count(one) for one in ("waiting", "grading", "graded", "attention")}
    plain = {"seconds_left": None, "stalled": "", "problem": "", "run": "1"}
    return {
        "state": state,
        "running": state in ("collecting", "grading"),
        "counts": counts | {"all": len(pupils)},
        "pupils": list(pupils),
        **plain,
        **more,
    }


WAITING, GRADING = pupil("masha", "waiting"), pupil("masha", "grading")
MASHA = pupil("masha", "graded", points=5.0, of=6.0)
TIMUR = pupil("timur", "attention", reason="It was odd.")


class Play:
    """What the hub and the grading server answer, in turn; what they were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, Any]] = []
        self.hub: list[tuple[int, dict[str, Any]]] = []
        self.run: list[tuple[int, dict[str, Any]]] = []
        self.port = 0

    def answer(self, method: str, path: str, host: str, body: Any) -> tuple[int, dict[str, Any]]:
        self.asked.append((method, path, host, body))
        if path == SERVER:
            address = f"http://grading-data-6a.park.example:{self.port}{RUN.split('technopark')[0]}"
            ready = {"ready": True, "pending": None, "full_url": address, "url": address}
            return self.hub.pop(0) if self.hub else (200, ready)
        if path == f"{SERVER}/progress":
            return 200, {"message": "Spawn failed: no image."}
        if path == RUN:
            return self.run.pop(0) if len(self.run) > 1 else self.run[0]
        return 404, {"message": "Not Found"}

    def runs(self, *states: dict[str, Any]) -> None:
        self.run = [(200, state) for state in states]


@pytest.fixture
def play() -> Iterator[Play]:
    made = Play()

    class Answers(BaseHTTPRequestHandler):
        def answer(self) -> None:
            assert self.headers["Authorization"] == f"token {TOKEN}"
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(sent) if sent else None
            code, content = made.answer(self.command, self.path, self.headers["Host"], body)
            self.send_response(code)
            self.end_headers()
            stream = "data: " if self.path.endswith("/progress") else ""
            self.wfile.write(f"{stream}{json.dumps(content)}".encode())

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  # their names there

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(play: Play, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassRun]:
    monkeypatch.setattr("technopark.grading.door.LOOK_S", 0.01)
    web = Web(address=f"http://park.example:{play.port}", listen="127.0.0.1")
    with closing(Door(Settings(web=web, servers=Servers(start_timeout=5)), TOKEN)) as door:
        yield ClassRun(door, "data-6a", "sums", look_s=0.01, patience_s=0.3)


def test_a_server_that_does_not_run_is_started_first(run: ClassRun, play: Play) -> None:
    play.hub = [(404, {}), (201, {}), (200, {"ready": False, "pending": "spawn"})]
    play.runs(progress("collecting"))
    assert run.start(again=False, collect=True).state == "collecting"
    called = [(method, path) for method, path, _, _ in play.asked]
    assert called == [
        ("GET", SERVER),
        ("POST", SERVER),
        ("GET", SERVER),
        ("GET", SERVER),
        ("POST", RUN),
    ]
    assert play.asked[-1][2:] == (
        f"grading-data-6a.park.example:{play.port}",
        {"again": False, "collect": True},
    )


def test_a_server_that_does_not_come_up_is_told_with_the_hubs_reason(
    run: ClassRun, play: Play
) -> None:
    play.hub = [(404, {}), (202, {}), (200, {"ready": False, "pending": None})]
    with pytest.raises(GradingError, match=r"did not start: Spawn failed: no image\."):
        run.start(again=False, collect=True)


def test_an_unknown_assignment_is_told_which_there_are(run: ClassRun, play: Play) -> None:
    play.run = [(404, {"code": "unknown-assignment", "assignments": ["loops", "sums-2"]})]
    with pytest.raises(GradingError, match="no assignment 'sums'; it has: loops, sums-2"):
        run.start(again=False, collect=True)


def test_an_image_of_an_earlier_version_is_a_sentence(run: ClassRun, play: Play) -> None:
    play.run = [(200, {"running": False, "graded": 3})]
    with pytest.raises(GradingError, match="was its image built"):
        run.progress()


def test_a_park_that_is_down_is_a_sentence() -> None:
    web = Web(address="http://127.0.0.1:9")
    with (
        closing(Door(Settings(web=web), TOKEN)) as door,
        pytest.raises(GradingError, match="up` starts it"),
    ):
        ClassRun(door, "data-6a", "sums").progress()


def test_an_unknown_classroom_is_told_which_there_are(park: Store) -> None:
    known_classroom(park, "data-6a")
    with pytest.raises(GradingError, match="no classroom 'data-6b'; there are: data-6a, robots-5b"):
        known_classroom(park, "data-6b")


def test_the_run_is_followed_until_it_is_over(run: ClassRun, play: Play) -> None:
    play.runs(progress("grading", WAITING), progress("grading", GRADING), progress("done", MASHA))
    seen = list(run.follow(run.progress()))
    assert [state.counts.graded for state in seen] == [0, 0, 1]


def test_a_server_that_is_away_for_a_moment_stops_nobody(run: ClassRun, play: Play) -> None:
    play.run = [
        (200, progress("grading", GRADING)),
        (503, {}),
        (200, progress("broken-off", WAITING)),
        (200, progress("grading", GRADING)),
        (200, progress("done", MASHA)),
    ]
    assert list(run.follow(run.progress()))[-1].state == "done"


def test_a_run_that_nobody_goes_on_with_is_given_up(run: ClassRun, play: Play) -> None:
    play.runs(progress("grading", GRADING), progress("broken-off", WAITING))
    assert list(run.follow(run.progress()))[-1].state == "broken-off"


def test_a_server_that_stays_away_is_a_sentence(run: ClassRun, play: Play) -> None:
    play.run = [(200, progress("grading", GRADING)), (503, {})]
    with pytest.raises(GradingError, match="look again later"):
        list(run.follow(run.progress()))


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (progress("done", MASHA), 0, "Graded: 1 of 1 done."),
        (progress("done", MASHA, TIMUR), 1, "1 needs attention:\n  Timur (timur): It was odd."),
        (progress("failed", problem="No such thing."), 2, "No such thing."),
        (progress("cancelled", MASHA, WAITING), 2, "was cancelled: 1 of 2 done"),
        (progress("broken-off", MASHA, WAITING), 2, "Call it again to go on."),
        (progress("grading", MASHA, GRADING, seconds_left=40), 0, "about 40 s left"),
        (progress("never"), 0, "Nobody has asked"),
    ],
)
def test_the_end_is_told_in_words_and_in_the_exit_code(
    state: dict[str, Any], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end(Progress.model_validate(state)) == code
    assert words in capsys.readouterr().out


def test_the_table_has_everybodys_points(capsys: pytest.CaptureFixture[str]) -> None:
    end(Progress.model_validate(progress("done", MASHA, TIMUR)))
    rows = capsys.readouterr().out.splitlines()
    assert rows[0].split() == ["Masha", "(masha)", "5", "of", "6"]
    assert rows[1].split() == ["Timur", "(timur)", "needs", "attention"]


def test_ctrl_c_only_ends_the_looking_on(
    run: ClassRun, play: Play, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    play.runs(progress("grading", GRADING))

    def interrupted(*_: object) -> Iterator[Progress]:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "follow", interrupted)
    assert watch(run, again=False, collect=True) == 130
    said = capsys.readouterr().err
    assert "goes on without this window" in said
    assert "./park grade data-6a sums --cancel" in said
    assert [method for method, path, _, _ in play.asked if path == RUN] == ["POST"]


def test_cancelling_says_what_stays(
    run: ClassRun, play: Play, capsys: pytest.CaptureFixture[str]
) -> None:
    play.runs(progress("grading", GRADING), progress("cancelled", WAITING))
    call_off(run)
    assert "What is graded stays" in capsys.readouterr().out
    assert play.asked[-1][0] == "DELETE"
