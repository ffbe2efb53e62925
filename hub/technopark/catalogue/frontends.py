"""Our extensions of JupyterLab: made from TypeScript into what browsers load.

Called by `recipe` when an image is built, and by `./park test lint` (as a program). Sources are
copied to var/lab and made there, so that a package's folder holds sources alone; what was made
from the same sources is not made again.
"""

import fcntl
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from technopark.node import NODE, NodeError, install, npm
from technopark.problem import Problem
from technopark.settings import SOURCE

PLACE = SOURCE / "var" / "lab"
"""Belongs to the project's folder, as the environments do."""

_LOCK = "package-lock.json"
_SOURCES = ("package.json", _LOCK, "tsconfig.json", "eslint.config.mjs", "src", "style")
_MADE = "labextension"
"""What the build writes; package.json says so."""


class FrontendError(Problem):
    """An extension could not be made from its sources."""


def is_frontend(package: Path) -> bool:
    """Whether a package of `extensions/` has something to be made for browsers."""
    return (package / _LOCK).is_file()


def made(package: Path) -> dict[str, Path]:
    """The files that browsers load of a package, by their path below Lab's `labextensions`.

    Raises:
        FrontendError: npm or the build fails.
    """
    with _workshop(package) as place:
        _once(place, "build", package, made=_MADE)
        folder = place / _MADE
        return {
            f"{_name(package)}/{path.relative_to(folder).as_posix()}": path
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def check(package: Path) -> None:
    """Compiles a package's TypeScript strictly and looks for what our rules forbid.

    Raises:
        FrontendError: it found something.
    """
    with _workshop(package) as place:
        _once(place, "lint", package)


@contextmanager
def _workshop(package: Path) -> Iterator[Path]:
    """A folder with the package's sources and what they need; nobody else works in it meanwhile."""
    place = PLACE / package.name
    place.mkdir(parents=True, exist_ok=True)
    with (PLACE / f"{package.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        wanted = _hash([package / "package.json", package / _LOCK, NODE.parent.parent])
        stamp = place / "installed.stamp"
        if not stamp.exists() or stamp.read_text() != wanted:
            try:
                # Nothing that is needed runs a script when it is installed, and nothing shall.
                install(package, place, "--ignore-scripts")
            except NodeError as error:
                raise FrontendError(
                    f"What {package.name} is made with could not be installed by npm. Is this "
                    f"machine connected? npm says:\n{error}"
                ) from None
            stamp.write_text(wanted)
        _copy(package, place)
        yield place


def _once(place: Path, script: str, package: Path, made: str = "") -> None:
    """Runs one of the package's scripts, unless it went well with the same sources before."""
    wanted = _hash(_files(package))
    stamp = place / f"{script}.stamp"
    if stamp.exists() and stamp.read_text() == wanted and (place / made).exists():
        return
    stamp.unlink(missing_ok=True)
    try:
        npm(place, "run", script)
    except NodeError as error:
        raise FrontendError(
            f"{package} does not get through `npm run {script}`:\n{error}"
        ) from None
    stamp.write_text(wanted)


def _copy(package: Path, place: Path) -> None:
    for name in _SOURCES:
        source, target = package / name, place / name
        if target.is_dir():
            shutil.rmtree(target)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy(source, target)


def _files(package: Path) -> list[Path]:
    found = [package / name for name in _SOURCES if (package / name).is_file()]
    for name in _SOURCES:
        found += sorted(path for path in (package / name).rglob("*") if path.is_file())
    return found


def _hash(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _name(package: Path) -> str:
    """The extension's name, under which Lab looks for it."""
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    return str(about["name"])


def main() -> None:
    """Checks all packages; for `./park test lint`."""
    for package in sorted((SOURCE / "extensions").iterdir()):
        if is_frontend(package):
            check(package)


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(str(problem))
