"""A leased kernel on the real engine, asked for and used from inside a pupil's server."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.park import Park, make_park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.engine.client import open_engine
from technopark.engine.leased import LEASE_LABEL
from technopark.engine.networks import PARK_LABEL
from technopark.machine import supervisor
from technopark.machine.readiness import http_status
from technopark.people import classrooms
from technopark.settings import load
from technopark.store import open_store

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]

ROOM = "data-6a"

HOLDER = """
import json, os, sys, time, urllib.error, urllib.request, uuid
import zmq
from jupyter_client import BlockingKernelClient

def call(method, path, body=None):
    request = urllib.request.Request(
        os.environ["TECHNOPARK_BROKER_URL"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"],
            "Content-Type": "application/json",
        },
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=40) as answer:
        return json.loads(answer.read() or b"null")

def until(lease, *states):
    while lease["state"] not in states:
        lease = call("GET", f"/leases/{lease['id']}?since={lease['version']}&wait=20")
    return lease

def ask(kernel):
    public, secret = zmq.curve_keypair()
    keys = {
        "key": uuid.uuid4().hex,
        "signature_scheme": "hmac-sha256",
        "curve_publickey": public.decode(),
        "curve_secretkey": secret.decode(),
    }
    wish = {"flavour": "gpu", "kernel_id": kernel, "connection": keys, "cwd": "data-6a"}
    return until(call("POST", "/leases", wish), "running", "ended"), keys

def client(lease, keys):
    made = BlockingKernelClient()
    made.load_connection_info({"transport": "tcp", **lease["address"], **keys})
    made.start_channels()
    made.wait_for_ready(timeout=30)
    return made

def run(kernel, code):
    said = []
    def hear(message):
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])
    kernel.execute_interactive(code, timeout=90, output_hook=hear)
    return "".join(said)
"""
"""What `technopark_kernels` does in a server, in short."""


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None) -> Iterator[Park]:
    """A park with one GPU that is declared and not there."""
    if running := os.environ.get("TECHNOPARK_TEST_PARK"):
        yield Park(Path(running), load(Path(running)))
        return
    leases = {"nodes": [{"devices": [{"uuid": "card-0"}]}]}
    made = make_park(tmp_path_factory.mktemp("broker"), "tplent", leases=leases)
    try:
        made.call("up")
        yield made
    finally:
        made.call("down")


@pytest.fixture
def masha(park: Park, signed_in: Arrive) -> Iterator[Callable[[str], Any]]:
    """Runs code in Masha's server, after HOLDER; answers what it prints as JSON."""
    signed_in("masha").start(ROOM)
    yield lambda code: inside(park, "masha", code)
    for container in leased(park):  # by the admin: her server may have gone with her right
        park.call("leases", "end", container["Labels"][LEASE_LABEL])
    eventually(lambda: not leased(park), 20, "the kernels of the test are gone")


def inside(park: Park, person: str, code: str) -> Any:
    program = f"{HOLDER}\n{code}"
    ended, said = park.run_inside(person, ROOM, "/opt/server/bin/python", "-c", program)
    assert ended == 0, said
    return json.loads(said.splitlines()[-1]) if said.strip() else None


def leased(park: Park) -> list[dict[str, Any]]:
    """The containers of leases, as the engine has them."""
    labels = [f"{PARK_LABEL}={park.settings.network.name}", LEASE_LABEL]
    found: list[dict[str, Any]] = open_engine(park.settings.engine).containers(
        filters={"label": labels}
    )
    return found


def pid_of_broker(park: Park) -> int:
    return next(each.pid for each in supervisor.states(park.settings) if each.name == "broker")


def test_a_pupil_computes_on_a_leased_kernel_in_the_same_home(
    park: Park, masha: Callable[[str], Any]
) -> None:
    found = masha(
        """
lease, keys = ask("one")
kernel = client(lease, keys)
said = run(kernel, "print(1 + 1)")
seen = run(kernel, "import os; open('made.txt', 'w').write('x'); print(os.getcwd())")
device = run(kernel, "print(os.environ['TECHNOPARK_DEVICE'], 'JUPYTERHUB_API_TOKEN' in os.environ)")
print(json.dumps([lease, said, seen, device]))
"""
    )
    lease, said, seen, device = found
    assert lease["state"] == "running", lease
    assert (said, seen, device) == ("2\n", "/home/pupil/data-6a\n", "card-0 False\n")
    assert (park.settings.homes / "masha" / ROOM / "made.txt").read_text() == "x"


COUNTING = """
import time
open("counting", "w").close()
for number in range(40):
    print(number, flush=True)
    time.sleep(0.2)
"""


def test_a_kernel_counts_on_while_the_broker_is_killed(
    park: Park, masha: Callable[[str], Any]
) -> None:
    counts = park.settings.homes / "masha" / ROOM / "counting"
    counts.unlink(missing_ok=True)
    program = f"""
lease, keys = ask("two")
said = run(client(lease, keys), {COUNTING!r})
print(json.dumps([lease, said, call("GET", f"/leases/{{lease['id']}}")]))
"""
    killed = pid_of_broker(park)
    with ThreadPoolExecutor(1) as thread:
        told = thread.submit(masha, program)
        eventually(lambda: counts.exists() or told.done(), 60, "the kernel counts")
        before = [one["Id"] for one in leased(park)]
        os.kill(killed, signal.SIGKILL)
        lease, counted, after = told.result(120)

    assert counted.split() == [str(number) for number in range(40)]
    assert pid_of_broker(park) not in (0, killed)
    assert (after["id"], after["state"]) == (lease["id"], "running")
    assert after["address"] == lease["address"]
    assert [one["Id"] for one in leased(park)] == before


def test_a_killed_kernel_says_so_and_starts_again_in_its_place(
    park: Park, masha: Callable[[str], Any]
) -> None:
    first = masha("lease, keys = ask('three')\nprint(json.dumps(lease))")
    (container,) = leased(park)
    open_engine(park.settings.engine).kill(container["Id"], "SIGKILL")
    look = f"call('GET', '/leases/{first['id']}?since={first['version']}&wait=20')"
    died = masha(f"print(json.dumps({look}))")
    assert (died["state"], died["exit_code"]) == ("stopped", 137)

    again, said = masha(
        """
lease, keys = ask("three")
print(json.dumps([lease, run(client(lease, keys), "print(1 + 1)")]))
"""
    )
    assert (again["id"], again["device"], said) == (first["id"], first["device"], "2\n")


def test_a_neighbour_reaches_no_leased_kernel(
    park: Park, masha: Callable[[str], Any], signed_in: Arrive
) -> None:
    signed_in("petya").start(ROOM)
    lease = masha("lease, keys = ask('four')\nprint(json.dumps(lease))")
    address = lease["address"]["ip"], lease["address"]["shell_port"]
    knock = f"""
import socket
def reaches(address):
    try:
        socket.create_connection(address, 2).close()
        return True
    except OSError:
        return False
print(json.dumps(reaches({address!r})))
"""
    assert masha(knock) is True
    assert inside(park, "petya", knock) is False
    assert inside(park, "petya", "print(json.dumps(call('GET', '/leases')))") == []


def test_a_pupil_who_leaves_the_classroom_loses_the_kernel_within_seconds(
    park: Park, masha: Callable[[str], Any]
) -> None:
    masha("ask('five')")
    assert leased(park)
    store = open_store(park.settings.database_url)
    try:
        with store.write() as session:
            classrooms.remove_member(session, ROOM, "masha")
        eventually(lambda: not leased(park), 30, "the kernel is gone")
    finally:
        with store.write() as session:
            classrooms.add_members(session, ROOM, "pupil", ["masha"])
        store.close()


def test_the_broker_is_looked_after_by_the_doctor(park: Park) -> None:
    assert http_status("127.0.0.1", park.settings.ports.broker, "/health") is None
    said = park.call("doctor")
    assert f":{park.settings.ports.broker} answers" in said
