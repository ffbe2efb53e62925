"""Sandboxes from the broker: asked for, waited for, spoken with, given back."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Response, WebSocket

from technopark_grading.sandboxes import channels
from technopark_grading.sandboxes.sandbox import NoSandboxError, SandboxLostError


class Broker:
    """As the park's broker answers, with an engine that only says yes."""

    def __init__(self) -> None:
        self.away = 0
        self.refuses = ""
        self.state_at_last = "running"
        self.speaks = True
        self.asked: list[str] = []
        self.app = FastAPI()
        self.app.post("/leases")(self.ask)
        self.app.get("/leases/{lease}")(self.look)
        self.app.delete("/leases/{lease}")(self.give_back)
        self.app.websocket("/leases/{lease}/stream")(self.stream)

    def ask(self, response: Response) -> dict[str, Any]:
        self.asked.append("ask")
        if self.away:
            self.away -= 1
            response.status_code = 503
            return {}
        if self.refuses:
            response.status_code = 403
            return {"code": "not-yours", "message": self.refuses}
        response.status_code = 202
        return {"id": "one", "state": "waiting", "version": 1}

    def look(self, lease: str, since: int, wait: float) -> dict[str, Any]:
        self.asked.append(f"look {since}" if wait else "look")
        return {"id": lease, "state": self.state_at_last, "version": 2, "message": "Nobody there."}

    def give_back(self, lease: str) -> None:
        self.asked.append(f"give back {lease}")

    async def stream(self, socket: WebSocket) -> None:
        if socket.headers.get("authorization") != "token secret":
            await socket.close()
            return
        await socket.accept()
        line = b""
        while not line.endswith(b"\n"):
            line += await socket.receive_bytes()
        if self.speaks:
            answer = {"n": json.loads(line)["n"], "ok": True, "size": len(line)}
            for byte in json.dumps(answer).encode() + b"\n":
                await socket.send_bytes(bytes([byte]))
        await socket.close()


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    server = uvicorn.Server(
        uvicorn.Config(broker.app, port=0, log_level="error", ws="websockets-sansio")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    broker.port = server.servers[0].sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    yield broker
    server.should_exit = True
    thread.join()


def open_from(broker: Broker, key: str = "secret") -> Any:
    url = f"http://127.0.0.1:{broker.port}"  # type: ignore[attr-defined]
    opener = channels.from_broker({"TECHNOPARK_BROKER_URL": url, "JUPYTERHUB_API_TOKEN": key})
    return opener()


def test_a_sandbox_is_waited_for_spoken_with_and_given_back(broker: Broker) -> None:
    with open_from(broker) as sandbox:
        sandbox.open({"big.bin": b"x" * 300_000}, {}, 50_000)
        assert sandbox.lease == "one"  # what a run notes, to give it back after a crash
    assert broker.asked == ["ask", "look 1", "give back one"]


def test_a_broker_that_is_away_is_asked_again(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_AGAIN_S", 0.01)
    broker.away = 2
    with open_from(broker) as sandbox:
        sandbox.start("one")
    assert broker.asked[:3] == ["ask", "ask", "ask"]


def test_a_broker_that_stays_away_is_told_of(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_AGAIN_S", 0.01)
    monkeypatch.setattr(channels, "BROKER_PATIENCE_S", 0.1)
    broker.away = 1_000_000
    with pytest.raises(NoSandboxError, match=r"has been away .*What is graded is kept"):
        open_from(broker)


def test_a_refusal_is_told_in_the_brokers_words(broker: Broker) -> None:
    broker.refuses = "Sandboxes are for grading servers."
    with pytest.raises(NoSandboxError, match="Sandboxes are for grading servers"):
        open_from(broker)


def test_a_lease_that_ends_before_it_runs_is_no_sandbox(broker: Broker) -> None:
    broker.state_at_last = "ended"
    with pytest.raises(NoSandboxError, match="Nobody there"):
        open_from(broker)


def test_a_stream_that_ends_is_a_lost_sandbox(broker: Broker) -> None:
    broker.speaks = False
    with open_from(broker) as sandbox, pytest.raises(SandboxLostError, match="has ended"):
        sandbox.start("one")
    assert broker.asked[-1] == "give back one"


def test_a_sandbox_that_cannot_be_reached_is_given_back(broker: Broker) -> None:
    with pytest.raises(NoSandboxError, match="cannot be reached"):
        open_from(broker, key="another")
    assert broker.asked[-1] == "give back one"


def test_a_server_that_knows_no_broker_never_runs_pupils_code_itself() -> None:
    with pytest.raises(NoSandboxError, match="knows no broker"):
        channels.from_broker({})()
