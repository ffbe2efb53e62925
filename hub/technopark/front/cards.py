"""The card of an image: which trees of the shelf hold what its pages download.

`gather` writes cards, the spawner reads the one of a server's image and hands it to the server.
An image without a card serves its own files, as it does where there is no park.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from technopark.front import shelf
from technopark.settings import Settings

PATH = "/static"
"""Where the trees are, below the park's address."""


@dataclass(frozen=True)
class Card:
    """Names of trees; empty where the image has no such files."""

    lab: str
    """JupyterLab itself."""
    themes: str
    icons: str
    """Of the browser's tab."""
    labextensions: dict[str, str]
    """By the extension's name."""
    translations: dict[str, str]
    """By the language, such as `ru_RU`: tree and file."""

    def trees(self) -> set[str]:
        """All the trees of the image."""
        named = {self.lab, self.themes, self.icons, *self.labextensions.values()}
        return (named | {path.partition("/")[0] for path in self.translations.values()}) - {""}


def address(settings: Settings) -> str:
    """Where browsers find the trees: one address for all servers.

    Where servers have no names of their own, it is that of the page itself: people may have come
    by another one than `web.address`.
    """
    return f"{settings.web.address}{PATH}" if settings.web.has_subdomains else PATH


def for_server(settings: Settings, image: str) -> str:
    """What a server of `image` is told, as JSON; empty where the image has no card."""
    if not is_complete(settings, image):
        return ""
    return json.dumps({"address": address(settings), **asdict(read(settings, image))})


def read(settings: Settings, image: str) -> Card:
    """The card of an image that has one."""
    return Card(**json.loads(_path(settings, image).read_text(encoding="utf-8")))


def known(settings: Settings) -> list[str]:
    """The ids of the images that have a card."""
    return [f"sha256:{path.stem}" for path in _folder(settings).glob("*.json")]


def is_complete(settings: Settings, image: str) -> bool:
    """Whether the image has a card and all its trees are on the shelf."""
    if not _path(settings, image).exists():
        return False
    return all((shelf.trees(settings) / name).exists() for name in read(settings, image).trees())


def trees_in_use(settings: Settings) -> set[str]:
    """The trees that any card names."""
    return set().union(*(read(settings, image).trees() for image in known(settings)))


def write(settings: Settings, image: str, card: Card) -> None:
    """Keeps the card of an image, at once or not at all."""
    place = _folder(settings)
    place.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=place, delete=False, encoding="utf-8") as draft:
        json.dump(asdict(card), draft)
    Path(draft.name).replace(_path(settings, image))


def remove(settings: Settings, image: str) -> None:
    """Forgets an image that is gone."""
    _path(settings, image).unlink(missing_ok=True)


def _path(settings: Settings, image: str) -> Path:
    return _folder(settings) / f"{image.removeprefix('sha256:')}.json"


def _folder(settings: Settings) -> Path:
    return settings.data / "front" / "images"
