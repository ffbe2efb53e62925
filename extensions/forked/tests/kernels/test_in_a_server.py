"""Forked kernels in a running Jupyter Server that has leased ones, too, as a course on GPUs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from jupyter_client.kernelspec import KernelSpecManager
from support.notebook import FORKED, PATIENCE
from support.waiting import eventually

pytestmark = pytest.mark.slow

CALM = 60
"""Seconds within which there is a parent, on a machine however busy."""

CONFIG = """
from technopark_kernels import switch_on
switch_on(c)
c.ServerApp.allow_root = True
c.ServerApp.port_retries = 0
c.MappingKernelManager.default_kernel_name = "{name}"
unused = ("jupyterlab", "jupyter_lsp", "notebook", "notebook_shim", "jupyter_server_terminals")
panels = ("assignment_list", "course_list", "formgrader", "validate_assignment")
nbgrader = [f"nbgrader.server_extensions.{{name}}" for name in panels]
c.ServerApp.jpserver_extensions = {{
    **dict.fromkeys([*unused, *nbgrader], False), "technopark_forked.kernels": True
}}
"""


@dataclass
class Server:
    """A running Jupyter Server."""

    url: str
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """What its API answers. Raises HTTPError where it refuses."""
        headers = {"Authorization": "token secret"}
        answer = requests.request(
            method, f"{self.url}/api/{path}", json=content, headers=headers, timeout=PATIENCE
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def children(self) -> dict[int, str]:
        """What its processes are: `parent` of kernels, `forked` or `ordinary` kernel, by pid."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if child.status() == psutil.STATUS_ZOMBIE:
                    continue
                is_of_parent = "technopark_forked.kernels.parent" in child.cmdline()
                is_kernel = child.num_threads() > 5
                kind = "forked" if is_kernel else "parent"
                found[child.pid] = kind if is_of_parent else "ordinary"
        return found

    def has(self, *kinds: str) -> bool:
        """Whether these are its processes, and no others."""
        return sorted(self.children().values()) == sorted(kinds)


@pytest.fixture
def server(tmp_path: Path, specs: KernelSpecManager) -> Iterator[Server]:
    del specs  # they are in the folder that JUPYTER_PATH names
    (tmp_path / "jupyter").mkdir()
    (tmp_path / "specs").rename(tmp_path / "jupyter" / "kernels")
    config = tmp_path / "config.py"
    config.write_text(CONFIG.format(name=FORKED))
    environment = {
        **os.environ,
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "no-config"),
    }
    command = [sys.executable, "-m", "jupyter_server", f"--config={config}", "--port=0"]
    options = ["--no-browser", "--IdentityProvider.token=secret", "--ServerApp.ip=127.0.0.1"]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    try:
        found = eventually(lambda: told(tmp_path / "runtime"), PATIENCE, "the server is up")
        yield Server(f"http://127.0.0.1:{found['port']}", process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def told(runtime: Path) -> dict[str, Any] | None:
    """What a server that is up writes about itself."""
    for file in runtime.glob("jpserver-*.json"):
        try:
            found: dict[str, Any] = json.loads(file.read_text())
            requests.get(f"{found['url']}api", timeout=1)
        except (ValueError, OSError):
            continue
        return found
    return None


def test_a_pupil_starts_interrupts_restarts_and_ends_a_kernel(server: Server) -> None:
    eventually(lambda: server.has("parent"), CALM, "there is a parent of kernels")
    kernel = server.ask("POST", "kernels", {"name": FORKED})["id"]
    eventually(lambda: server.has("forked"), PATIENCE, "a forked kernel runs, and no parent")
    (first,) = server.children()

    server.ask("POST", f"kernels/{kernel}/interrupt")
    assert server.has("forked")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: server.has("ordinary"), PATIENCE, "a killed kernel starts again")
    eventually(lambda: end(server, kernel), PATIENCE, "the kernel can be ended")

    eventually(lambda: server.has("parent"), CALM, "there is a parent again")
    kernel = server.ask("POST", "kernels", {"name": FORKED})["id"]
    eventually(lambda: server.has("forked"), PATIENCE, "a forked kernel runs")
    server.ask("POST", f"kernels/{kernel}/restart")
    eventually(lambda: server.has("ordinary"), PATIENCE, "it is another one")
    beside = server.ask("POST", "kernels", {"name": FORKED})["id"]
    assert server.has("ordinary", "ordinary")
    for one in (kernel, beside):
        eventually(lambda one=one: end(server, one), PATIENCE, "a kernel can be ended")
    assert server.has()


def test_the_server_ends_with_all_that_it_started(server: Server) -> None:
    eventually(lambda: server.has("parent"), CALM, "there is a parent of kernels")
    server.ask("POST", "kernels", {"name": FORKED})
    below = psutil.Process(server.process.pid).children(recursive=True)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(PATIENCE) == 0
    eventually(lambda: not any(map(runs, below)), PATIENCE, "all have ended")


def end(server: Server, kernel: str) -> bool:
    """Whether a kernel was ended: jupyter_client refuses while it restarts one by itself."""
    try:
        server.ask("DELETE", f"kernels/{kernel}")
    except requests.HTTPError:
        return False
    return True


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
