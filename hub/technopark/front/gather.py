"""Takes what browsers download out of images, once for each image, and puts it on the shelf.

Called by `up`. Images are read, never run: a container is made for it, not started, and removed.
"""

import io
import json
import tarfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import PurePosixPath

import docker
from docker.errors import NotFound

from technopark.engine.builds import find_image
from technopark.engine.client import engine_errors, open_engine
from technopark.engine.networks import PARK_LABEL
from technopark.front import cards, first_look, shelf
from technopark.front.cards import Card
from technopark.settings import Settings

LAB = "/opt/server/share/jupyter/lab"
EXTENSIONS = ("/opt/course/share/jupyter/labextensions", "/opt/server/share/jupyter/labextensions")
"""As in the server's own search path: of two extensions of one name the first one counts."""

MADE = "/opt/server/share/technopark/browser"
"""What `technopark_server.browser_files` wrote when the image was built."""

CONFIG = "/opt/server/etc/jupyter/labconfig"
"""Whose `page_config.json` says which extensions pages of this image leave out."""


def gather(settings: Settings, images: Iterable[str]) -> int:
    """Puts the files of `images` on the shelf; takes off what no image of this engine needs.

    Args:
        settings: the park's.
        images: ids (`sha256:...`); those that the engine lacks are left out.

    Returns:
        How many images were new.

    Raises:
        EngineError: the engine does not answer.
    """
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        for card in cards.known(settings):
            if find_image(client, card) is None:
                cards.remove(settings, card)
        new = [
            image
            for image in dict.fromkeys(images)
            if not cards.is_complete(settings, image) and find_image(client, image)
        ]
        for image in new:
            cards.write(settings, image, _take(client, image, settings))
    shelf.keep_only(shelf.trees(settings), cards.trees_in_use(settings))
    return len(new)


def _take(client: docker.APIClient, image: str, settings: Settings) -> Card:
    """Puts the trees of one image on the shelf; says which they are."""
    container = str(
        client.create_container(image, labels={PARK_LABEL: settings.network.name})["Id"]
    )
    try:
        lab = _files(client, container, LAB)
        made = _files(client, container, MADE)
        config = _files(client, container, CONFIG).get("page_config.json", b"{}")
        extensions: dict[str, dict[str, bytes]] = {}
        for place in reversed(EXTENSIONS):
            extensions |= _by_extension(_files(client, container, place))
    finally:
        client.remove_container(container, force=True)
    themes = _below(lab, "themes")
    for files in extensions.values():
        themes |= _below(files, "themes")
    look = first_look.of_lab(_below(lab, "static"))
    looks = {name: first_look.of_extension(name, files) for name, files in extensions.items()}
    trees = {name: _put(settings, each.files, each.entry) for name, each in looks.items()}
    lab_tree = _put(settings, look.files, look.entry)
    left_out = json.loads(config).get("disabledExtensions", {})
    wanted = [(lab_tree, look)]
    wanted += [(trees[name], looks[name]) for name in looks if not left_out.get(name)]
    return Card(
        lab=lab_tree,
        themes=_put(settings, themes),
        icons=_put(settings, _below(made, "icons")),
        labextensions=trees,
        translations={
            PurePosixPath(path).stem: f"{_put(settings, {path: content}, path)}/{path}"
            for path, content in _below(made, "translations").items()
        },
        first=[f"{tree}/{each.entry}" for tree, each in wanted if each.entry],
    )


def _put(settings: Settings, files: dict[str, bytes], asked_first: str = "") -> str:
    path = asked_first.partition("?")[0]
    return shelf.put(shelf.trees(settings), files, {path}) if files else ""


def _files(client: docker.APIClient, container: str, folder: str) -> dict[str, bytes]:
    """All regular files under a folder of a container; none where there is no such folder."""
    try:
        stream, _ = client.get_archive(container, folder)
    except NotFound:
        return {}
    packed = io.BytesIO(b"".join(stream))
    top = len(PurePosixPath(folder).name) + 1
    with tarfile.open(fileobj=packed) as tar:
        return {
            member.name[top:]: file.read()
            for member in tar
            # Links are left out: they could lead anywhere.
            if member.isreg() and shelf.is_inside(member.name) and (file := tar.extractfile(member))
        }


def _by_extension(files: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Files by the extension that they are of: `name/...` or `@scope/name/...`."""
    found: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        steps = path.split("/")
        length = 2 if path.startswith("@") else 1
        if len(steps) > length:
            name = "/".join(steps[:length])
            found.setdefault(name, {})["/".join(steps[length:])] = content
    return found


def _below(files: dict[str, bytes], folder: str) -> dict[str, bytes]:
    start = f"{folder}/"
    return {path[len(start) :]: files[path] for path in files if path.startswith(start)}
