"""Pages load what is the same for everybody from the park's front, and not from this server.

Jupyter Server loads and starts it. The spawner says in the environment where the files are; a
server that is told nothing, such as one outside a park, serves its own.
"""

import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.routing import PathMatches, Rule

VARIABLE = "TECHNOPARK_STATIC"
"""JSON: `address`, below it the trees `lab`, `themes`, `icons`, `labextensions` (by name) and the
files `translations` (by language); empty names where the image has none."""

EXTENSION = "technopark-shared"
"""Ours in Lab (`labextension/`): it fetches translations from the front."""

LABS_OWN = "@jupyterlab/translation-extension:translator-connector"
"""What ours takes the place of."""

Shared = dict[str, Any]
PageConfig = dict[str, Any]
Hook = Callable[[Any, PageConfig], PageConfig]


class SharedFile(JupyterHandler):
    """Sends browsers to the front for files whose address Lab puts together itself."""

    def initialize(self, address: str) -> None:
        """Called by tornado.

        Args:
            address: of the tree.
        """
        self._address = address

    @web.authenticated
    def get(self, path: str) -> None:
        """The file's address at the front."""
        self.set_header("Cache-Control", "private, max-age=3600")
        self.redirect(f"{self._address}/{quote(path, safe='/@')}")


def shared_files() -> Shared | None:
    """Where the files are; None: only here."""
    told = os.environ.get(VARIABLE)
    return json.loads(told) if told else None


def point_to_front(config: PageConfig, shared: Shared) -> PageConfig:
    """Lab's page, with the addresses of the front in place of the server's own.

    Where the front lacks an extension, such as one that a pupil put into their home, all of them
    come from the server: Lab has one address for them.
    """
    address, trees = shared["address"], shared["labextensions"]
    if shared["lab"]:
        config["fullStaticUrl"] = f"{address}/{shared['lab']}"
    config["buildCheck"] = config["buildAvailable"] = False  # nobody here builds Lab
    # What is switched off as a whole Lab would load all the same.
    off = set(config.get("disabledExtensions", ()))
    extensions = [one for one in config["federated_extensions"] if one["name"] not in off]
    config["federated_extensions"] = extensions
    if any(extension["name"] not in trees for extension in extensions):
        return config
    config["fullLabextensionsUrl"] = address
    for extension in extensions:
        name, load = extension["name"], extension["load"].replace("\\", "/")
        # Lab asks for address/name/load, and names may have two parts; `..` takes them away.
        extension["load"] = f"{'../' * (name.count('/') + 1)}{trees[name]}/{load}"
    if shared["translations"] and EXTENSION in trees:
        texts = {language: f"{address}/{file}" for language, file in shared["translations"].items()}
        config["technoparkTranslations"] = texts
        config["disabledExtensions"] = sorted({*config.get("disabledExtensions", ()), LABS_OWN})
    return config


def _load_jupyter_server_extension(server: Any) -> None:
    shared = shared_files()
    if shared is None:
        return
    for path, tree in (("lab/api/themes", shared["themes"]), ("static/favicons", shared["icons"])):
        if tree:
            pattern = f"{url_path_join(server.base_url, path)}/(.+)"
            to = {"address": f"{shared['address']}/{tree}"}
            # Before Lab's own, which would answer first.
            rule = Rule(PathMatches(pattern), SharedFile, to)
            server.web_app.default_router.rules.insert(0, rule)


async def _start_jupyter_server_extension(server: Any) -> None:
    # Now, as JupyterHub puts its own hook there after all extensions are loaded.
    shared, settings = shared_files(), server.web_app.settings
    if shared is not None:
        settings["page_config_hook"] = _after(settings.get("page_config_hook"), shared)


def _after(hook: Hook | None, shared: Shared) -> Hook:
    def pointed(handler: Any, config: PageConfig) -> PageConfig:
        return point_to_front(hook(handler, config) if hook else config, shared)

    return pointed
