"""Servers of both ways, forked and ordinary, in containers that differ in nothing else."""

import io
import json
import tarfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docker import APIClient
from websockets.sync.client import connect

import technopark_forked
import technopark_server
from technopark.bench.messages import execute_request, is_end_of, output_of
from technopark.bench.spawn import wait_for_answer
from technopark.bench.stub_hub import PREFIX, SERVER_PORT, TOKEN
from technopark.catalogue.images import ensure_images
from technopark.engine import builds
from technopark.engine.forks import PROGRAMS, fork, idle_program
from technopark.engine.parent import parent_folder
from technopark.engine.short_lived import Running, running
from technopark.settings import Servers, Settings, load

SERVER = "technopark-serv"
"""The first 15 letters of its name: what the kernel keeps."""
PACKAGES = Path("/opt/server/lib/python3.13/site-packages")
KERNELS_PACKAGES = Path("/opt/course/lib/python3.13/site-packages")
_EXIT_SECONDS = 30
_REST_SECONDS = 0.3


@dataclass(frozen=True)
class Server:
    """A pupil's server that answers."""

    container: Running
    pid: int
    """Of the server itself, by this machine's numbers."""

    def proc(self, name: str) -> str:
        """A file of the server's folder in /proc."""
        return Path(f"/proc/{self.pid}/{name}").read_text()

    def run(self, code: str, name: str = "") -> str:
        """Runs `code` in a new kernel of the server; what it printed.

        Args:
            code: a cell.
            name: of a kernelspec; default: the server's own.
        """
        address = f"http://{self.container.ip}:{SERVER_PORT}{PREFIX}api/kernels"
        headers = {"Authorization": f"token {TOKEN}"}
        asked_for = json.dumps({"name": name} if name else {}).encode()
        request = urllib.request.Request(address, asked_for, headers)  # http
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            kernel = json.load(answer)["id"]
        url = f"{address}/{kernel}/channels".replace("http", "ws", 1)
        with connect(url, additional_headers=headers, max_size=None, proxy=None) as channels:
            asked = execute_request(code)
            channels.send(json.dumps(asked))
            said = ""
            while True:
                message = json.loads(channels.recv(timeout=60))
                said += output_of(message, asked)
                if is_end_of(message, asked):
                    return said

    def end_kernels(self) -> None:
        """Ends all kernels of the server."""
        address = f"http://{self.container.ip}:{SERVER_PORT}{PREFIX}api/kernels"
        headers = {"Authorization": f"token {TOKEN}"}
        ask = urllib.request.Request
        with urllib.request.urlopen(ask(address, None, headers), timeout=30) as answer:  # noqa: S310
            kernels = [kernel["id"] for kernel in json.load(answer)]
        for kernel in kernels:
            request = ask(f"{address}/{kernel}", None, headers, method="DELETE")
            urllib.request.urlopen(request, timeout=30).close()  # noqa: S310

    def exit_code(self) -> int:
        """The container's, when it has ended."""
        return int(
            self.container.client.wait(self.container.id, timeout=_EXIT_SECONDS)["StatusCode"]
        )


@dataclass(frozen=True)
class Forking:
    """A parent that runs."""

    client: APIClient
    settings: Settings
    image: str
    environment: Mapping[str, str]
    """Of a server whose hub is a stub."""

    @property
    def folder(self) -> Path:
        """Where its socket is."""
        return parent_folder(self.settings)


@contextmanager
def server(
    client: APIClient,
    image: str,
    environment: Mapping[str, str],
    parent: Path | None = None,
    limits: Servers | None = None,
    *,
    kernels: bool = True,
) -> Iterator[Server]:
    """A server that answers, forked where `parent` is the folder of one, else ordinary.

    `kernels`: whether a parent of its kernels is forked, too.
    """
    program = idle_program() if parent else {}
    limits = limits or Servers()
    with running(client, image, limits=limits, environment=environment, **program) as container:
        if parent:
            for program in PROGRAMS if kernels else PROGRAMS[:1]:
                fork(parent, container.id, container.pid, program)
        wait_for_answer(container)
        yield Server(container, _server_process(container))


def processes(container: Running) -> dict[int, str]:
    """The names of all processes in a container, by this machine's numbers."""
    found = {}
    for row in container.client.top(container.id, ps_args="-eo pid,comm")["Processes"]:
        found[int(row[0])] = str(row[1])
    return found


def current_image(client: APIClient, name: str = "base") -> str:
    """The newest image of a name, with the packages under test laid over its own."""
    built = sorted(client.images(f"technopark/{name}"), key=lambda found: found["Created"])
    below = built[-1]["Id"] if built else ensure_images([name], load(), print)[name].id
    packages = {
        package.__name__: Path(package.__file__ or "").parent
        for package in (technopark_forked, technopark_server)
    }
    places = [PACKAGES / package for package in packages]
    places.append(KERNELS_PACKAGES / technopark_forked.__name__)
    # Without what was compiled from the image's own, which Python would take in their place.
    lines = ["RUN rm -rf " + " ".join(map(str, places))]
    lines += [f"COPY {place.name} {place}" for place in places]
    return derived(client, below, lines, packages)


def derived(
    client: APIClient, below: str, lines: list[str], folders: Mapping[str, Path] | None = None
) -> str:
    """An image made from another by some lines of a Dockerfile; the engine keeps no name for it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        content = "\n".join([f"FROM {below}", "USER root", *lines, "USER pupil"]).encode()
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
        for name, folder in (folders or {}).items():
            for path in sorted(folder.rglob("*.py")):
                tar.add(path, f"{name}/{path.relative_to(folder)}", filter=_without_owner)
    stream.seek(0)
    return builds.build(client, stream, {}, lambda _: None).id


def _without_owner(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    return entry


def below(server: Server, parent: int) -> int | None:
    """A Python process in the server's container that is a child of process `parent`."""
    found = server.container.client.top(server.container.id, ps_args="-eo pid,ppid,comm")
    rows = [(int(pid), int(above), name) for pid, above, name in found["Processes"]]
    return next((pid for pid, above, name in rows if (above, name) == (parent, "python")), None)


def is_at_rest(pid: int) -> bool:
    """Whether process `pid` of this machine has one thread, which does not compute."""
    before = _cpu_and_threads(pid)
    time.sleep(_REST_SECONDS)
    return before == _cpu_and_threads(pid) and before[1] == 1


def _cpu_and_threads(pid: int) -> tuple[int, int]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]), int(fields[17])


def _server_process(container: Running) -> int:
    return next(pid for pid, name in processes(container).items() if name == SERVER)
