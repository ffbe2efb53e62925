"""Starts JupyterHub's single-user server without what only a hub, or nobody here, needs.

The program of every pupil's and grading server (`technopark-server`). JupyterHub's log imports the
hub's pages, and with them its database and migrations: a third of the start's CPU and memory.
"""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NEVER_USED = (
    "alembic",
    "httpx",  # Lab's extension manager, which is switched off
    "jupyterhub.handlers",
    "jupyterhub.orm",
    "jupyterhub.roles",
    "requests",  # Lab's lists of allowed extensions
    "sqlalchemy",
    "websocket",  # Jupyter Server's gateway
)
"""Packages that a single-user server imports at its start and calls nothing of.

What is imported later, such as nbgrader by the panels, gets the real ones.
"""

AT_ITS_START = (
    "jinja2.ext",
    "jupyter_core.migrate",
    "jupyter_server.kernelspecs.handlers",
    "jupyter_server.nbconvert.handlers",
    "jupyter_server.services.api.handlers",
    "jupyter_server.services.config.handlers",
    "jupyter_server.services.contents.handlers",
    "jupyter_server.services.events.handlers",
    "jupyter_server.services.kernels.handlers",
    "jupyter_server.services.kernelspecs.handlers",
    "jupyter_server.services.nbconvert.handlers",
    "jupyter_server.services.security.handlers",
    "jupyter_server.services.sessions.handlers",
    "jupyter_server.services.shutdown",
    "jupyter_server.view.handlers",
    "jupyter_server_terminals.app",
    "psutil",
    "technopark_lab.extension",
    "technopark_server.live.extension",
    "technopark_server.shared_files",
    "terminado.websocket",
    "tornado.platform.asyncio",
)
"""What a server imports by name while it starts: a parent of servers has it ready, too."""


class _Missing(Exception):  # noqa: N818  # it stands for classes of all kinds, also of errors
    """Stands for whatever was asked of a module that was left out."""

    def __init__(self, *arguments: object, **named: object) -> None:
        raise NotImplementedError("technopark_server.launch leaves this out of servers")


class _StandIn(ModuleType):
    """A module whose every name is a class that nothing is an instance of."""

    __path__: list[str] = []  # noqa: RUF012  # what makes it a package
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Missing


class _StandIns(MetaPathFinder, Loader):
    """Finds stand-ins for the packages of `NEVER_USED` and all below them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The stand-in, where `fullname` is one of those."""
        del path, target
        return ModuleSpec(fullname, self, is_package=True) if _is_left_out(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty module."""
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: there is no code."""


def _is_left_out(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in NEVER_USED)


@contextmanager
def left_out() -> Iterator[None]:
    """Within the block, imports of `NEVER_USED` give stand-ins; after it, the real modules."""
    finder = _StandIns()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if isinstance(sys.modules[name], _StandIn)]:
            del sys.modules[name]
            package, _, attribute = name.rpartition(".")
            if package in sys.modules:
                delattr(sys.modules[package], attribute)


@contextmanager
def certificates_aside() -> Iterator[None]:
    """Within the block, nobody reads the system's certificates.

    aiohttp reads them all when it is imported, for the calls to the hub; those go over plain HTTP
    on the bridge. Where the hub is asked over https nothing is set aside.
    """
    bundle = os.environ.get("SSL_CERT_FILE")
    if bundle is None or os.environ.get("JUPYTERHUB_API_URL", "").startswith("https:"):
        yield
        return
    os.environ["SSL_CERT_FILE"] = os.devnull
    try:
        yield
    finally:
        os.environ["SSL_CERT_FILE"] = bundle


def load() -> None:
    """Imports what every single-user server needs to start."""
    with left_out(), certificates_aside():
        from jupyterhub import singleuser  # noqa: F401
        from jupyterlab import labapp  # noqa: F401  # what it imports is left out here, too


def load_all() -> None:
    """Imports also what a server needs soon after its start; for a parent, whose forks share it.

    A pupil's first look shows the tasks: nbgrader costs whoever imports it alone 0.6 s of CPU
    and 42 MB.
    """
    load()
    from technopark_server.panels import EXTENSIONS  # imports Jupyter Server

    panels = [f"nbgrader.server_extensions.{name}" for name in EXTENSIONS["pupil"]]
    for name in (*AT_ITS_START, *panels, "technopark_lab.desk"):
        import_module(name)
    _remember_provisioners()
    _remember_exporters()
    _remember_languages()


def _remember_provisioners() -> None:
    """Has jupyter_client look for ways to start kernels once, among all packages of the image."""
    from jupyter_client.provisioning import KernelProvisionerFactory as Factory

    found = Factory._get_all_provisioners()
    Factory._get_all_provisioners = staticmethod(lambda: found)


def _remember_exporters() -> None:
    """Has nbconvert look for what it can export to once: every notebook that is opened asks it.

    To say so it makes one of each, by a look at all packages for each: 0.4 s of CPU.
    """
    from nbconvert.exporters import base

    find = base.get_exporter
    found = {name: find(name) for name in base.get_export_names()}

    def exporter(name: str, *settings: Any, **named: Any) -> Any:
        return found.get(name) or find(name, *settings, **named)

    base.get_export_names = lambda *_settings, **_named: list(found)
    base.get_exporter = exporter


def _remember_languages() -> None:
    """Has babel read what it knows of all languages; each page asks whether there is Russian."""
    from babel import Locale

    for language in ("ru_RU", "en"):
        Locale.parse(language)


def serve() -> None:
    """Runs the single-user server; its arguments are jupyterhub-singleuser's."""
    from jupyterhub import singleuser

    singleuser.main()


def main() -> None:
    """The program `technopark-server`."""
    gc.disable()  # nothing that is imported is garbage, and looking for it takes time
    load()
    gc.freeze()
    gc.enable()
    serve()
