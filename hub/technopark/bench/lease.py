"""The bench `lease`: what a kernel elsewhere costs a pupil, beside one in their own container.

Called by `technopark bench lease`. A real pupil's server starts local and leased kernels in turn,
asked as a browser asks; a waiting sandbox is claimed as grading claims it. How fair the line is
comes from simulated school days (`fairness`).
"""

import asyncio
from contextlib import closing
from statistics import median

import httpx

from technopark.bench.fairness import rehearse
from technopark.bench.kernel_clock import Clocked, KernelError, clock
from technopark.bench.own_park import BenchPark, own_park
from technopark.bench.report import Figures, Measured
from technopark.bench.sandbox_clock import SandboxClock
from technopark.engine.client import open_engine
from technopark.engine.networks import find_network
from technopark.people.rights import grading_user
from technopark.progress import step
from technopark.settings import Settings

PUPIL, TEACHER, CLASSROOM = "masha", "anna-pavlovna", "data-6a"
LOCAL, LEASED = "python3", "python3-gpu"
TRIPS = 50


def run(settings: Settings, runs: int = 5) -> Measured:
    """Starts `runs` kernels of each kind, in turn.

    Raises:
        KernelError: a kernel gave no result.
        BenchParkError: the park for it did not come up.
    """
    with step("Days in the line"):
        days = rehearse()
    fairness = {
        "jain": days.jain,
        "starved": days.starved,
        "idle_while_waiting": days.idle_while_waiting,
        "longest_wait_s": days.longest_wait_s,
    }
    device = {"leases": {"nodes": [{"devices": [{"uuid": "bench-gpu-0"}]}]}}
    peer: list[Figures] = []
    ours: list[Figures] = []
    with own_park(settings, "tpbench", device) as park, closing(park.client(PUPIL)) as pupil:
        server = park.start_server(pupil, PUPIL, CLASSROOM)
        sandboxes = _sandboxes(park)
        sandboxes.first_result()  # from now on others wait, ready
        for number in range(runs):
            with step(f"run {number + 1} of {runs}"):
                local, leased = _clock(pupil, server, LOCAL), _clock(pupil, server, LEASED)
                pooled = sandboxes.first_result()
            peer.append({"first_result_s": local.first_result, "round_trip_ms": _trip(local)})
            ours.append(
                {
                    "cold_s": leased.first_result,
                    "pooled_s": pooled,
                    "round_trip_ms": _trip(leased),
                    **fairness,
                }
            )
    return Measured(ours=ours, peer=peer)


def _clock(pupil: httpx.Client, server: str, kernel: str) -> Clocked:
    address = str(pupil.base_url.join(server))
    return asyncio.run(clock(address, pupil.headers["Authorization"], kernel, trips=TRIPS))


def _trip(clocked: Clocked) -> float:
    return median(clocked.round_trips) * 1000


def _sandboxes(park: BenchPark) -> SandboxClock:
    """Speaks for the classroom's grading server, with the token that the server was given."""
    with closing(park.client(TEACHER)) as teacher:
        park.start_server(teacher, grading_user(CLASSROOM), CLASSROOM)
    name = park.settings.network.name
    with closing(open_engine(park.settings.engine)) as engine:
        server = engine.inspect_container(f"{name}-{grading_user(CLASSROOM)}--{CLASSROOM}")
        network = find_network(engine, name)
    if network is None:
        raise KernelError(f"There is no network {name}: the bench's park is down.")
    known = dict(variable.split("=", 1) for variable in server["Config"]["Env"])
    address = f"http://{network.gateway}:{park.settings.ports.broker}"
    return SandboxClock(address, known["JUPYTERHUB_API_TOKEN"])
