"""The card of an image: which trees of the shelf hold what its pages download.

`gather` writes cards, the spawner reads the one of a server's image and hands it to the server.
An image without a card serves its own files, as it does where there is no park.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from technopark.front import shelf
from technopark.settings import Settings

PATH = "/static"
"""Where the trees are, below the park's address."""

LOCALES = {"ru": "ru_RU"}
"""Lab's names of our languages; English has no texts of its own."""


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
    first: list[str] = field(default_factory=list)
    """What every page asks for first, as it does: tree, file and query."""

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
    told = asdict(read(settings, image))
    del told["first"]  # the server's own page says it
    return json.dumps({"address": address(settings), **told})


def ahead(settings: Settings, language: str) -> list[str]:
    """Addresses of what a page of Lab will ask for first, for the pages that come before it.

    Whose page that will be they do not know yet: it is what the newest image shares with all others
    that have the same Lab.

    Args:
        settings: the park's.
        language: of the texts.
    """
    folder = _folder(settings)
    changed = folder.stat().st_mtime_ns if folder.exists() else 0
    first, translations = _newest_look(folder, changed)
    texts = translations.get(LOCALES.get(language, ""))
    return [f"{address(settings)}/{file}" for file in (*first, *([texts] if texts else ()))]


@lru_cache(maxsize=4)
def _newest_look(folder: Path, changed: int) -> tuple[list[str], dict[str, str]]:
    """What pages ask for first, and translations; `changed` is when cards came or went."""
    del changed
    found = []
    for path in folder.glob("*.json"):
        with suppress(FileNotFoundError):  # its image is just being forgotten
            found.append((path.stat().st_mtime_ns, _read(path)))
    if not found:
        return [], {}
    newest = max(found, key=lambda one: one[0])[1]
    alike = [card for _, card in found if card.lab == newest.lab]
    first = [file for file in newest.first if all(file in card.first for card in alike)]
    return first, newest.translations


def read(settings: Settings, image: str) -> Card:
    """The card of an image that has one."""
    return _read(_path(settings, image))


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


def _read(path: Path) -> Card:
    return Card(**json.loads(path.read_text(encoding="utf-8")))


def _path(settings: Settings, image: str) -> Path:
    return _folder(settings) / f"{image.removeprefix('sha256:')}.json"


def _folder(settings: Settings) -> Path:
    return settings.data / "front" / "images"
