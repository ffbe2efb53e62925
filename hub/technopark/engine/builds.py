"""Images in the engine: looked up, imported from a root filesystem, built, labelled and named.

Called by `catalogue.images`. Knows nothing of which images there are or what they are for.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import docker
from docker.errors import ImageNotFound

from technopark.engine.client import EngineError

BUILD_TIMEOUT = 3600
"""Seconds without a word from the engine after which a build is given up."""


@dataclass(frozen=True)
class Image:
    """An image that the engine has."""

    id: str
    """`sha256:` and 64 hexadecimal digits; names this content for ever."""
    size: int
    """Bytes, all layers."""


class BuildError(EngineError):
    """A step of a Dockerfile failed; the whole output is in the log."""


def find_image(client: docker.APIClient, name: str) -> Image | None:
    """The image that `name` (a tag or an id) stands for, if the engine has it."""
    try:
        found = client.inspect_image(name)  # type: ignore[no-untyped-call]
    except ImageNotFound:
        return None
    return Image(found["Id"], found["Size"])


def import_root(
    client: docker.APIClient, archive: Path, tag: str, labels: Mapping[str, str]
) -> Image:
    """An image of one layer from a tar file of a root filesystem.

    Raises:
        EngineError: the engine refused the archive.
    """
    repository, _, version = tag.rpartition(":")
    changes = [f'LABEL {name}="{value}"' for name, value in labels.items()]
    answer = str(client.import_image_from_file(str(archive), repository, version, changes))
    if '"error"' in answer:
        raise EngineError(f"The engine did not take the root filesystem: {answer.strip()}")
    return _built(client, tag)


def pull(client: docker.APIClient, name: str, log: Callable[[str], None]) -> Image:
    """Fetches an image from the registry that its name says.

    Raises:
        EngineError: there is no such image, or the registry does not answer.
    """
    for answer in client.pull(name, stream=True, decode=True):
        if "error" in answer:
            raise EngineError(f"The engine could not fetch {name}: {answer['error']}")
        log(f"{answer.get('status', '')}\n")
    return _built(client, name)


def build(
    client: docker.APIClient,
    context: BinaryIO,
    arguments: Mapping[str, str],
    log: Callable[[str], None],
) -> Image:
    """Builds the Dockerfile in `context` (a tar stream) with the engine's own builder.

    Args:
        client: the engine.
        context: a tar stream with a file `Dockerfile`.
        arguments: values of the Dockerfile's ARG lines.
        log: called with each piece of the build's output.

    Returns:
        An image that has no name yet: `name_image` gives it one.

    Raises:
        BuildError: a step failed.
    """
    built = ""
    answers = client.build(
        fileobj=context,
        custom_context=True,
        buildargs=dict(arguments),
        rm=True,
        forcerm=True,
        decode=True,
        timeout=BUILD_TIMEOUT,
    )
    for answer in answers:
        if "error" in answer:
            log(f"\n{answer['error']}\n")
            raise BuildError(str(answer["error"]).strip())
        if "aux" in answer:  # one for each stage of the Dockerfile; the last one is the image
            built = answer["aux"].get("ID", built)
        log(str(answer.get("stream") or answer.get("status") or json.dumps(answer)))
    return _built(client, built)


def name_image(
    client: docker.APIClient, image: Image, tag: str, labels: Mapping[str, str]
) -> Image:
    """The same content as `image`, with a name and labels; asked again, it is the same image.

    Labels come after the build because the image's size is among them.

    Raises:
        BuildError: the engine refused.
    """
    dockerfile = io.BytesIO(f"FROM {image.id}\n".encode())
    answers = client.build(
        fileobj=dockerfile, tag=tag, labels=dict(labels), rm=True, forcerm=True, decode=True
    )
    for answer in answers:
        if "error" in answer:
            raise BuildError(str(answer["error"]).strip())
    return _built(client, tag)


def _built(client: docker.APIClient, tag: str) -> Image:
    image = find_image(client, tag)
    if image is None:
        raise EngineError(f"The engine said that it made {tag}, and does not have it.")
    return image
