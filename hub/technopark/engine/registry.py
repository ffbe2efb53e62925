"""The registry through which images come from this machine's engine to the nodes of a Swarm.

Called by `node_images` and by the doctor. Engines alone speak to it: they know its certificate. Its
password is a file among the park's secrets; it goes to the engines and to nobody else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docker.errors import APIError, ImageNotFound

from technopark.engine.client import EngineError
from technopark.settings import Settings

_NAME_LABEL = "technopark.name"
"""What an image of the park is called, as `catalogue.images` labels it."""
_SHORT = 12


class RegistryError(EngineError):
    """The registry is away, lets nobody in, or does not take an image; in the engine's words."""


def sign_in(client: Any, settings: Settings) -> None:
    """Lets `client`, and what it starts on nodes, push and pull there.

    Raises:
        RegistryError: it does not answer, or not to us.
    """
    registry, password = settings.registry, read_password(settings)
    with _its_refusals():
        client.login(registry.account, password, registry=registry.address, reauth=True)


def push(client: Any, settings: Settings, image: str) -> str:
    """Brings an image into the registry; one that is there already costs a question or two.

    Args:
        client: the engine of the park's machine, signed in.
        settings: the park's.
        image: an id that this engine has.

    Returns:
        Its name there, with the digest: it means this content for ever.

    Raises:
        RegistryError: the engine lacks the image, or the registry does not take it.
    """
    try:
        described = client.inspect_image(image)
    except ImageNotFound:
        raise RegistryError("The park's own machine does not have it.") from None
    name = (described["Config"].get("Labels") or {}).get(_NAME_LABEL) or "image"
    repository = f"{settings.registry.address}/{settings.registry.folder}/{name}"
    version = str(described["Id"]).removeprefix("sha256:")[:_SHORT]
    digest = ""
    with _its_refusals():
        client.tag(described["Id"], repository, version)
        for answer in client.push(repository, version, stream=True, decode=True):
            if "error" in answer:
                raise RegistryError(str(answer["error"]))
            digest = (answer.get("aux") or {}).get("Digest", digest)
    if not digest:
        raise RegistryError("It took the image without a word of its digest.")
    return f"{repository}@{digest}"


@contextmanager
def _its_refusals() -> Iterator[None]:
    """What the engine refuses within the block, it refuses for the registry."""
    try:
        yield
    except APIError as error:
        raise RegistryError(str(error.explanation or error)) from error


def read_password(settings: Settings) -> str:
    """What the admin wrote down, or `up` made; nothing where nobody signs in.

    Raises:
        RegistryError: it cannot be read.
    """
    if not settings.registry.account:
        return ""
    file = settings.registry_password_file
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise RegistryError(
            f"The words of {settings.registry.account!r} belong into {file}, which cannot be read: "
            f"{error.strerror}."
        ) from None
