"""The park's images: each named by its content, built when missing, found again at no cost.

Called by `up`, `images`, `course build` and the benches. With all images present it asks nobody but
the engine: no network is touched.
"""

import fcntl
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker

from technopark.catalogue import recipe, rootfs
from technopark.catalogue.buildlog import BuildLog
from technopark.engine import builds
from technopark.engine.builds import Image
from technopark.engine.client import engine_errors, open_engine
from technopark.problem import Problem
from technopark.settings import Settings

Report = Callable[[str], None]
"""Takes a line for the person who waits."""

AT_A_TIME = 2
"""Builds that run side by side: one waits for the network while the other compiles."""


class ImageError(Problem):
    """An image could not be built; says which, why, and where the whole log is."""


def tag(name: str, settings: Settings) -> str:
    """The name and tag that the image `name` has, whether it is built or not."""
    if name == recipe.ROOT and (ready := rootfs.ready_base(settings)):
        return ready
    return f"technopark/{name}:{recipe.key(name, rootfs.ready_base(settings))}"


def images_in_use(settings: Settings) -> dict[str, str]:
    """The ids (`sha256:...`) of the park's images as they are now, by name; only those built.

    Raises:
        EngineError: the engine does not answer.
    """
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        found = {
            name: builds.find_image(client, tag(name, settings)) for name in recipe.all_images()
        }
    return {name: image.id for name, image in found.items() if image}


def ensure_images(names: Iterable[str], settings: Settings, report: Report) -> dict[str, Image]:
    """Builds those images of `names` that the engine lacks, and what they are made from.

    Args:
        names: such as `data`, `grader-data`; `recipe.all_images()` gives all.
        settings: the park's.
        report: called with lines of progress, from several threads.

    Returns:
        The engine's image for each of `names`.

    Raises:
        RecipeError: there is no such image.
        ImageError: one could not be built.
        EngineError: the engine does not answer.
    """
    wanted = list(dict.fromkeys(names))
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        works = _Works(client, settings, _tags(wanted, settings), report)
        if works.missing(wanted):
            with _alone(settings, report), ThreadPoolExecutor(AT_A_TIME) as pool:
                for wave in _waves(works.missing(wanted)):
                    list(pool.map(works.make, wave))
        made = {name: works.find(name) for name in wanted}
    return {name: image for name, image in made.items() if image}


@contextmanager
def _alone(settings: Settings, report: Report) -> Iterator[None]:
    """Nobody else builds for this park within the block; two would make the same images twice."""
    path = settings.data / "run" / "images.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("images: waiting for another program that builds them")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _tags(names: Iterable[str], settings: Settings) -> dict[str, str]:
    """The tags of `names` and of all that they are made from, taken before anything is built.

    Whoever edits a file while images are built gets the image of the state before, as one whole.
    """
    tags: dict[str, str] = {}
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in tags:
            tags[name] = tag(name, settings)
            queue += _parents(name)
    return tags


def _parents(name: str) -> list[str]:
    if name == recipe.ROOT:
        return []
    return [parent for _, parent in recipe.recipe(name).parents]


def _waves(missing: Iterable[str]) -> list[list[str]]:
    """The images in an order in which none comes before its parents; each list at one time."""

    def depth(name: str) -> int:
        return 1 + max(map(depth, _parents(name)), default=-1)

    waves: dict[int, list[str]] = {}
    for name in sorted(missing):
        waves.setdefault(depth(name), []).append(name)
    return [waves[level] for level in sorted(waves)]


@dataclass(frozen=True)
class _Works:
    """One call of `ensure_images`: where it builds, which tags it makes, whom it tells."""

    client: docker.APIClient
    settings: Settings
    tags: Mapping[str, str]
    report: Report

    def find(self, name: str) -> Image | None:
        return builds.find_image(self.client, self.tags[name])

    def missing(self, wanted: Iterable[str]) -> set[str]:
        """What must be built: a parent only where a child needs it, so that it may be removed."""
        missing: set[str] = set()
        queue = list(wanted)
        while queue:
            name = queue.pop()
            if name not in missing and self.find(name) is None:
                missing.add(name)
                queue += _parents(name)
        return missing

    def make(self, name: str) -> None:
        """Makes one image, with its log kept and its progress told."""
        path = self.settings.data / "logs" / "images" / f"{name}.log"
        with BuildLog(name, path, self.report) as log:
            try:
                image = self._root(log) if name == recipe.ROOT else self._build(name, log)
            except Problem as error:
                raise ImageError(
                    f"The image {name!r} could not be built.\n{log.end(error)}"
                ) from error
        self.report(f"image {name}: {image.size / 1e6:.0f} MB ({log.seconds:.0f} s)")

    def _root(self, log: BuildLog) -> Image:
        if ready := rootfs.ready_base(self.settings):
            return builds.pull(self.client, ready, log.write)
        with tempfile.TemporaryDirectory(dir=self.settings.data) as folder:
            archive = Path(folder) / "root.tar"
            rootfs.make_root(archive, log.write)
            name = recipe.ROOT
            labels = self._labels(name)
            return builds.import_root(self.client, archive, self.tags[name], labels)

    def _build(self, name: str, log: BuildLog) -> Image:
        made_from = recipe.recipe(name)
        parents = {argument: self.tags[parent] for argument, parent in made_from.parents}
        arguments = {**recipe.host_arguments(made_from), **parents}
        with recipe.context(made_from) as context:
            built = builds.build(self.client, context, arguments, log.write)
        labels = self._labels(name) | self._sizes(built, made_from.starts_from)
        return builds.name_image(self.client, built, self.tags[name], labels)

    def _labels(self, name: str) -> dict[str, str]:
        return {
            "technopark.name": name,
            "technopark.key": self.tags[name].rpartition(":")[2],
            "technopark.revision": recipe.revision(),
        }

    def _sizes(self, built: Image, starts_from: str) -> dict[str, str]:
        """How large the image is, and by how much it is larger than the one it starts from."""
        below = self.find(starts_from)
        added = built.size - (below.size if below else 0)
        return {"technopark.bytes": str(built.size), "technopark.added_bytes": str(added)}
