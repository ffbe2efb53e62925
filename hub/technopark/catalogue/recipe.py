"""What an image is made from, and the key that names this content.

Called by `catalogue.images`. Reads `images/` and `extensions/` of the project, never the engine:
the name of an image is known before it is built.
"""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import certifi
import uv

from technopark.catalogue import frontends, rootfs
from technopark.problem import Problem
from technopark.settings import SOURCE

IMAGES = SOURCE / "images"
EXTENSIONS = SOURCE / "extensions"
HOST_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

ROOT = "root"
TOOLS = ("builder", "stack", "base", "grader", "peer")
"""Folders of `images/` that are no course's image."""

PACKAGES = {
    "base": ("exchange", "forked", "grading", "kernels", "lab", "sandbox", "server"),
    "robotics": ("robots",),
}
"""Which packages of `extensions/` go into which image."""

LOCKS = {"peer": ("stack/server.txt", "stack/course.txt")}
"""Which images install what another one's files lock."""

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
"""Every Dockerfile has these arguments without declaring them."""

_GRADER = "grader-"
_NOT_CONTENT = (
    *("tests", "node_modules"),
    *("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"),
)


class RecipeError(Problem):
    """There is no such image, or what it is made from cannot be put together."""


@dataclass(frozen=True)
class Recipe:
    """One image: a folder with a Dockerfile, and the images that the Dockerfile starts from."""

    name: str
    folder: Path
    parents: tuple[tuple[str, str], ...]
    """Pairs of a Dockerfile's ARG and the name of the image that it stands for."""
    certified: bool
    """Whether this machine has certificates of its own to give to the image."""

    @property
    def dockerfile(self) -> str:
        """The text of the Dockerfile."""
        return (self.folder / "Dockerfile").read_text(encoding="utf-8")

    @property
    def starts_from(self) -> str:
        """The name of the image that the Dockerfile's last stage starts from."""
        stages = re.findall(r"^FROM \$\{(\w+)\}", self.dockerfile, re.MULTILINE)
        return dict(self.parents)[stages[-1]]


def course_images() -> list[str]:
    """The names of the images that courses may name."""
    folders = (path.parent.name for path in IMAGES.glob("*/Dockerfile"))
    return sorted(name for name in folders if name not in TOOLS)


def all_images() -> list[str]:
    """The names of all images that a park needs: `base`, the courses' and their graders'."""
    courses = course_images()
    return ["base", *courses, *(f"{_GRADER}{name}" for name in courses)]


def recipe(name: str) -> Recipe:
    """How the image `name` is made.

    Raises:
        RecipeError: there is no such image.
    """
    course = name.removeprefix(_GRADER)
    folder = IMAGES / ("grader" if course != name else name)
    if not (folder / "Dockerfile").is_file() or (course != name and course not in course_images()):
        raise RecipeError(
            f"There is no image {name!r}. There are: {', '.join(all_images())}. "
            "A new one is a folder of images/ with a Dockerfile."
        )
    stands_for = {
        "ROOT": ROOT,
        "BUILDER": "builder",
        "STACK": "stack",
        "BASE": course if course != name else "base",
    }
    text = (folder / "Dockerfile").read_text(encoding="utf-8")
    arguments = re.findall(r"^ARG (\w+)$", text, re.MULTILINE)
    parents = {(name, stands_for[name]) for name in arguments if name in stands_for}
    return Recipe(name, folder, tuple(sorted(parents)), HOST_CERTIFICATES.is_file())


def key(name: str, root: str = "") -> str:
    """Twelve hexadecimal digits that name the content of image `name`.

    Args:
        name: the image.
        root: the ready image that takes the place of Debian by mmdebstrap, if any.

    Raises:
        RecipeError: there is no such image.
    """
    digest = hashlib.sha256()
    if name == ROOT:
        digest.update((root or rootfs.RECIPE).encode())
    else:
        made_from = recipe(name)
        digest.update(f"{made_from.certified}\n".encode())
        for argument, parent in made_from.parents:
            digest.update(f"{argument}={key(parent, root)}\n".encode())
        for label, path in _inputs(made_from):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{label} {os.access(path, os.X_OK)} {content}\n".encode())
    return digest.hexdigest()[:12]


def context(made_from: Recipe) -> BinaryIO:
    """The build's context as a tar stream: the folder, our packages, uv and certificates.

    Raises:
        RecipeError: a package of `extensions/` cannot be built.
        FrontendError: what it brings for browsers cannot.
    """
    stream = tempfile.TemporaryFile()  # noqa: SIM115  # the caller reads it
    with tarfile.open(fileobj=stream, mode="w") as tar, tempfile.TemporaryDirectory() as wheels:
        for label, path in (*_files(made_from.folder), *_locks(made_from.name)):
            _add(tar, label, path)
        for package in PACKAGES.get(made_from.name, ()):
            _build_wheel(EXTENSIONS / package, Path(wheels))
            if frontends.is_frontend(EXTENSIONS / package):
                for label, path in frontends.made(EXTENSIONS / package).items():
                    _add(tar, f"labextensions/{label}", path)
        for wheel in sorted(Path(wheels).iterdir()):
            _add(tar, f"wheels/{wheel.name}", wheel)
        for label, path in _supplies().items():
            if re.search(rf"^COPY .*\b{re.escape(label)}\b", made_from.dockerfile, re.MULTILINE):
                _add(tar, label, path)
    stream.seek(0)
    return stream


def host_arguments(made_from: Recipe) -> dict[str, str]:
    """Build arguments that pass on where this machine takes packages from; none are recorded."""
    declared = set(re.findall(r"^ARG (\w+)$", made_from.dockerfile, re.MULTILINE))
    passed = declared & {"UV_DEFAULT_INDEX"} | set(PROXIES)
    return {name: os.environ[name] for name in sorted(passed) if name in os.environ}


def _supplies() -> dict[str, Path]:
    """Files of this machine that Dockerfiles may copy; only their presence is in the key."""
    certificates = HOST_CERTIFICATES if HOST_CERTIFICATES.is_file() else Path(certifi.where())
    return {"uv": Path(uv.find_uv_bin()), "ca-certificates.crt": certificates}


def _inputs(made_from: Recipe) -> Iterator[tuple[str, Path]]:
    yield from _files(made_from.folder)
    yield from _locks(made_from.name)
    for package in PACKAGES.get(made_from.name, ()):
        for label, path in _files(EXTENSIONS / package):
            yield f"{package}/{label}", path


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of `folder` that images are made from, in a steady order, with relative names."""
    for path in sorted(folder.rglob("*")):
        steps = path.relative_to(folder)
        if path.is_file() and path.suffix != ".in" and not set(steps.parts) & set(_NOT_CONTENT):
            yield steps.as_posix(), path


def _locks(name: str) -> list[tuple[str, Path]]:
    return [(Path(label).name, IMAGES / label) for label in LOCKS.get(name, ())]


def _add(tar: tarfile.TarFile, label: str, path: Path) -> None:
    """Adds a file without owner and time, so that the engine's build cache knows it again."""
    entry = tarfile.TarInfo(label)
    entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
    content = path.read_bytes()
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _build_wheel(package: Path, folder: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=package,
        check=False,
        capture_output=True,
        text=True,
    )
    if built.returncode:
        raise RecipeError(f"{package} cannot be built as a package:\n{built.stderr.strip()}")


@cache
def revision() -> str:
    """The project's git revision, with `+` where files differ from it; else `unknown`."""
    if shutil.which("git") is None:  # a copied folder on a machine without git
        return "unknown"
    described = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"],
        cwd=SOURCE,
        check=False,
        capture_output=True,
        text=True,
    )
    return described.stdout.strip() or "unknown"
