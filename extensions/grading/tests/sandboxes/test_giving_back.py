"""A run that ends leaves nothing at the broker: neither sandboxes nor places in the line."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from technopark_grading.sandboxes.channels import FromBroker, from_broker
from technopark_grading.sandboxes.sandbox import NoSandboxError

SECONDS = 10.0


class Broker:
    """Lets everybody wait in line until they leave it."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.seen: set[str] = set()
        self.left: set[str] = set()
        self.somebody_left = threading.Event()
        self.in_line = threading.Barrier(3, timeout=SECONDS)


@pytest.fixture
def broker() -> Iterator[Broker]:
    made = Broker()

    class Answers(BaseHTTPRequestHandler):
        def view(self, lease: str) -> None:
            ended = lease in made.left
            state = {
                "id": lease,
                "state": "ended" if ended else "waiting",
                "version": len(made.left),
            }
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(state | {"message": "Given back."}).encode())

        def do_POST(self) -> None:
            made.asked.append(f"lease-{len(made.asked)}")
            self.view(made.asked[-1])

        def do_GET(self) -> None:
            lease = self.path.partition("?")[0].rpartition("/")[2]
            if lease not in made.seen:
                made.seen.add(lease)
                made.in_line.wait()
            else:
                made.somebody_left.wait(SECONDS)
            self.view(lease)

        def do_DELETE(self) -> None:
            made.left.add(self.path.rpartition("/")[2])
            made.somebody_left.set()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def sandboxes_of(broker: Broker) -> FromBroker:
    return from_broker({"TECHNOPARK_BROKER_URL": broker.url, "JUPYTERHUB_API_TOKEN": "ours"})


def test_who_leaves_gives_up_every_place_in_line(broker: Broker) -> None:
    sandboxes = sandboxes_of(broker)
    with ThreadPoolExecutor(2) as hands:
        waiting = [hands.submit(sandboxes) for _ in range(2)]
        broker.in_line.wait()
        sandboxes.leave()
        for one in waiting:
            with pytest.raises(NoSandboxError, match="Given back"):
                one.result(SECONDS)
    assert broker.left == set(broker.asked) == {"lease-0", "lease-1"}


def test_what_another_process_left_behind_is_given_back(broker: Broker) -> None:
    sandboxes_of(broker).give_back("lease-of-the-dead")
    assert broker.left == {"lease-of-the-dead"}


def test_a_server_that_knows_no_broker_says_so() -> None:
    with pytest.raises(NoSandboxError, match="knows no broker"):
        from_broker({})()
