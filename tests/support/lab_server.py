"""A pupil's server with the panel's server side, as a program of this machine; no containers.

Where Lab's pages are wanted, too, it has the front end that the images get.
"""

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
from technopark.catalogue import frontends
from technopark.settings import SOURCE

IMAGE = SOURCE / "images" / "base"
CONFIG = """
c.ServerApp.allow_root = True
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.open_browser = False
c.ServerApp.root_dir = {folder!r}
c.IdentityProvider.token = "open"
unused = ("jupyter_lsp", "notebook", "notebook_shim", "jupyter_server_terminals")
panels = ("assignment_list", "course_list", "formgrader", "validate_assignment")
nbgrader = [f"nbgrader.server_extensions.{{name}}" for name in panels]
c.ServerApp.jpserver_extensions = {{
    **dict.fromkeys([*unused, *nbgrader], False),
    "jupyterlab": {lab}, "technopark_server": {lab}, "technopark_lab": True,
}}
c.LabApp.workspaces_dir = {workspaces!r}
c.LabApp.app_settings_dir = {settings!r}
c.LabServerApp.extra_labextensions_path = [{extensions!r}]
"""


class LabServer:
    """One pupil's server that runs."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder
        self._client = httpx.Client(
            base_url=address, headers={"Authorization": "token open"}, trust_env=False, timeout=120
        )

    @property
    def page(self) -> str:
        """Where Lab is."""
        return f"{self.address}lab?token=open"

    def ask(self, path: str) -> Any:
        return self._client.get(f"technopark/{path}").json()

    def act(self, action: str, task: str) -> httpx.Response:
        return self._client.post(f"technopark/tasks/{action}", json={"task": task})

    def close(self) -> None:
        self._client.close()


@contextmanager
def lab_server(
    home: Path,
    name: str,
    exchange: str,
    classroom: str = "data-6a",
    language: str = "en",
    *,
    lab: bool = False,
) -> Iterator[LabServer]:
    """The server of a pupil.

    Args:
        home: the pupil's, an empty folder.
        name: the pupil's.
        exchange: where the exchange answers.
        classroom: whose server it is.
        language: the pupil's.
        lab: whether it has Lab's pages, too; the first of them as pupils see it first.
    """
    folder, workspaces, extensions = home / classroom, home / "workspaces", home / "extensions"
    folder.mkdir()
    if lab:
        workspaces.mkdir()
        look = IMAGE / "settings" / "first-look.json"
        (workspaces / "default-37a8.jupyterlab-workspace").write_bytes(look.read_bytes())
        for label, path in frontends.made(SOURCE / "extensions" / "lab").items():
            (extensions / label).parent.mkdir(parents=True, exist_ok=True)
            (extensions / label).write_bytes(path.read_bytes())
    config = home / "config.py"
    places = {"folder": folder, "workspaces": workspaces, "extensions": extensions}
    places["settings"] = IMAGE / "settings" / language
    text = CONFIG.format(lab=lab, **{key: str(place) for key, place in places.items()})
    config.write_text(text, "utf-8")
    environment = os.environ | {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "no-config"),
        "JUPYTER_CONFIG_PATH": str(IMAGE / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERHUB_API_TOKEN": token(name),
        "JUPYTERHUB_USER": name,
        "TECHNOPARK_CLASSROOM": classroom,
        "TECHNOPARK_EXCHANGE_URL": exchange,
        "TECHNOPARK_LANGUAGE": language,
        # Nobody is there; a hand can be raised all the same.
        "TECHNOPARK_PORTAL_URL": "http://127.0.0.1:9",
        "TZ": "Europe/Moscow",
    }
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
