"""The shelf: trees of files, each named by its content and compressed once, under `data`/front.

`gather` puts trees there, nginx or `app` serve them. A tree never changes and is there as a whole
or not at all: browsers keep what they got for a year without asking again.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

import brotli

from technopark.settings import Settings

NAME = r"[0-9a-f]{20}"
"""A tree's name."""

FORMS = {".br": "br", ".gz": "gzip"}
"""The compressed forms of a file that lie beside it, and what HTTP calls them; the best first."""

TEXTS = {".css", ".eot", ".html", ".ico", ".js", ".json", ".map", ".svg", ".ttf", ".txt", ".wasm"}
"""Kinds of files that become smaller; pictures and woff fonts are compressed already."""

_QUALITY, _BEST_QUALITY = 9, 11
"""Of brotli. The best makes Lab smaller by 8 percent and takes nine times as long, so that is for
what every page loads."""
_BEST_WINDOW = 24
"""Its logarithm in bytes; such files are longer than brotli's usual 4 MB."""

Files = Mapping[str, bytes]
"""Relative paths with `/`, and what is in the files."""


def trees(settings: Settings) -> Path:
    """The folder of all trees."""
    return settings.data / "front" / "static"


def tree_name(files: Files) -> str:
    """The name of a tree: the same for the same files, whichever image they come from."""
    rows = sorted((path, hashlib.sha256(content).hexdigest()) for path, content in files.items())
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:20]


def put(folder: Path, files: Files, for_all: Collection[str] = ()) -> str:
    """Puts a tree on the shelf, unless it is there; returns its name.

    Args:
        folder: of the trees.
        files: the tree.
        for_all: which of them every page loads; they are worth the effort to make them small.

    Raises:
        ValueError: a path leads out of the tree.
    """
    for path in files:
        if not is_inside(path):
            raise ValueError(f"{path!r} is no path inside a tree")
    name = tree_name(files)
    if (folder / name).exists():
        return name
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix="draft-", dir=folder))
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            made = (
                pool.submit(_write, draft / path, content, best=path in for_all)
                for path, content in sorted(files.items(), key=lambda one: one[0] not in for_all)
            )
            for one in list(made):
                one.result()
        draft.chmod(0o755)
        _settle(draft, folder / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return name


def keep_only(folder: Path, names: set[str]) -> None:
    """Takes all other trees, and what was left half done, off the shelf."""
    for found in list(folder.iterdir()) if folder.exists() else []:
        if found.name not in names:
            shutil.rmtree(found)


def is_inside(path: str) -> bool:
    """Whether a relative path stays inside its folder and is written in the plainest way."""
    steps = PurePosixPath(path).parts
    return (
        bool(re.fullmatch(r"[^\0\\]+", path))
        and "/".join(steps) == path
        and not path.startswith("/")
        and not {"..", "."} & set(steps)
    )


def compressed(path: str, content: bytes, *, best: bool = False) -> Iterator[tuple[str, bytes]]:
    """The forms of a file worth having: their endings, and what is in them.

    Args:
        path: its name.
        content: the file.
        best: as small as can be, however long it takes (a second for each 0.4 MB).
    """
    if PurePosixPath(path).suffix not in TEXTS:
        return
    how = {"quality": _BEST_QUALITY, "lgwin": _BEST_WINDOW} if best else {"quality": _QUALITY}
    made = {
        ".br": brotli.compress(content, **how),
        ".gz": gzip.compress(content, compresslevel=9, mtime=0),
    }
    for ending, form in made.items():
        if len(form) < len(content):
            yield ending, form


def _write(path: Path, content: bytes, *, best: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    for ending, form in compressed(path.name, content, best=best):
        path.with_name(path.name + ending).write_bytes(form)


def _settle(draft: Path, place: Path) -> None:
    try:
        draft.rename(place)
    except OSError:
        if not place.exists():  # else another program put the same tree there meanwhile
            raise
