"""A pupil's server with the panel's server side, as a program of this machine; no containers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from support.waiting import eventually
from technopark.bench.rehearsal import token
from technopark.settings import SOURCE

CONFIG = """
c.ServerApp.allow_root = True
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.open_browser = False
c.ServerApp.root_dir = {root!r}
c.IdentityProvider.token = "open"
unused = ("jupyterlab", "jupyter_lsp", "notebook", "notebook_shim", "jupyter_server_terminals")
panels = ("assignment_list", "course_list", "formgrader", "validate_assignment")
nbgrader = [f"nbgrader.server_extensions.{{name}}" for name in panels]
c.ServerApp.jpserver_extensions = {{
    **dict.fromkeys([*unused, *nbgrader], False),
    "technopark_lab": True,
}}
"""


class LabServer:
    """One pupil's server that runs."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder
        self._client = httpx.Client(
            base_url=address, headers={"Authorization": "token open"}, trust_env=False, timeout=120
        )

    def ask(self, path: str) -> Any:
        return self._client.get(f"technopark/{path}").json()

    def act(self, action: str, task: str) -> httpx.Response:
        return self._client.post(f"technopark/tasks/{action}", json={"task": task})

    def close(self) -> None:
        self._client.close()


@contextmanager
def lab_server(home: Path, name: str, exchange: str, **environment: str) -> Iterator[LabServer]:
    """The server of `name` in the classroom data-6a.

    Args:
        home: the pupil's, an empty folder.
        name: of the pupil.
        exchange: where the exchange answers.
        environment: more variables.
    """
    folder = home / "data-6a"
    folder.mkdir()
    config = home / "config.py"
    config.write_text(CONFIG.format(root=str(folder)), "utf-8")
    settings = SOURCE / "images" / "base" / "config"
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "no-config"),
        "JUPYTER_CONFIG_PATH": str(settings),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERHUB_API_TOKEN": token(name),
        "JUPYTERHUB_USER": name,
        "TECHNOPARK_CLASSROOM": "data-6a",
        "TECHNOPARK_EXCHANGE_URL": exchange,
        "TECHNOPARK_LANGUAGE": "en",
        "TZ": "Europe/Moscow",
    } | environment
    words = [sys.executable, "-m", "jupyter_server", f"--config={config}", "--port=0"]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        told = eventually(lambda: _told(home / "runtime"), 60, "the server is up")
        server = LabServer(f"http://127.0.0.1:{told['port']}/", folder)
        yield server
        server.close()
    finally:
        process.terminate()
        process.wait(30)
        print((home / "server.log").read_text())


def _told(runtime: Path) -> dict[str, Any] | None:
    """What a server that is up writes about itself."""
    for file in runtime.glob("jpserver-*.json"):
        with suppress(ValueError):
            return dict(json.loads(file.read_text()))
    return None
