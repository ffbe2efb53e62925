"""The park's images: each named by its content, built when missing, found again at no cost.

Called by `up`, `images`, `course build` and the benches. With all images present it asks nobody but
the engine: no network is touched.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
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
        missing = _missing(client, wanted, settings)
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            for wave in _waves(missing):
                list(pool.map(lambda name: _make(client, name, settings, report), wave))
        made = {name: builds.find_image(client, tag(name, settings)) for name in wanted}
    return {name: image for name, image in made.items() if image}


def _parents(name: str) -> list[str]:
    if name == recipe.ROOT:
        return []
    return [parent for _, parent in recipe.recipe(name).parents]


def _missing(client: docker.APIClient, wanted: Iterable[str], settings: Settings) -> list[str]:
    """What must be built: parents only where a child is missing, so that they may be cleaned up."""
    missing: list[str] = []
    looked_at: set[str] = set()
    queue = list(wanted)
    while queue:
        name = queue.pop()
        if name in looked_at:
            continue
        looked_at.add(name)
        if builds.find_image(client, tag(name, settings)) is None:
            missing.append(name)
            queue += _parents(name)
    return missing


def _waves(missing: Iterable[str]) -> list[list[str]]:
    """The images in an order in which none comes before its parents; each list at one time."""

    def depth(name: str) -> int:
        return 1 + max(map(depth, _parents(name)), default=-1)

    waves: dict[int, list[str]] = {}
    for name in sorted(missing):
        waves.setdefault(depth(name), []).append(name)
    return [waves[level] for level in sorted(waves)]


def _make(client: docker.APIClient, name: str, settings: Settings, report: Report) -> None:
    """Builds one image, with its log kept and its progress told."""
    log = BuildLog(name, settings.data / "logs" / "images" / f"{name}.log", report)
    with log:
        try:
            if name == recipe.ROOT:
                image = _make_root(client, settings, log.write)
            else:
                image = _build(client, name, settings, log.write)
        except Problem as error:
            raise ImageError(f"The image {name!r} could not be built.\n{log.end(error)}") from error
    report(f"image {name}: {image.size / 1e6:.0f} MB ({log.seconds:.0f} s)")


def _make_root(client: docker.APIClient, settings: Settings, log: Report) -> Image:
    if ready := rootfs.ready_base(settings):
        return builds.pull(client, ready, log)
    with tempfile.TemporaryDirectory(dir=settings.data) as folder:
        archive = Path(folder) / "root.tar"
        rootfs.make_root(archive, log)
        name = tag(recipe.ROOT, settings)
        return builds.import_root(client, archive, name, _labels(recipe.ROOT, settings))


def _build(client: docker.APIClient, name: str, settings: Settings, log: Report) -> Image:
    made_from = recipe.recipe(name)
    arguments = {argument: tag(parent, settings) for argument, parent in made_from.parents}
    with recipe.context(made_from) as context:
        return builds.build(
            client,
            context,
            tag(name, settings),
            {**arguments, **recipe.host_arguments(made_from)},
            _labels(name, settings),
            log,
        )


def _labels(name: str, settings: Settings) -> Mapping[str, str]:
    return {
        "technopark.name": name,
        "technopark.key": tag(name, settings).rpartition(":")[2],
        "technopark.revision": recipe.revision(),
    }
