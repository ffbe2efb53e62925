"""The park's images on this machine: there already, or built with what building needs.

Called by `up`, `test` and `images build`. How an image is built is the catalogue's business.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from technopark.catalogue import recipe, rootfs
from technopark.catalogue.images import ensure_images, images_in_use
from technopark.machine import MachineError
from technopark.machine.debian import ensure_program
from technopark.progress import say
from technopark.settings import Settings

PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def ensure_all_images(settings: Settings) -> dict[str, str]:
    """The ids of all images of the park, by name; with all there, no network is needed.

    Raises:
        MachineError: images are missing, and this machine is not connected to build them.
        ImageError: a build failed.
    """
    names = recipe.all_images()
    have = images_in_use(settings)
    missing = [name for name in names if name not in have]
    if not missing:
        return have
    if not is_connected():
        raise MachineError(
            f"The images {', '.join(missing)} are not on this machine, and it has no network "
            "connection to build them. Connect it and call this again; or, on a connected machine "
            "with the same revision of this folder, `./park images build`, then carry them over "
            "with `docker save` and `docker load`."
        )
    if not rootfs.ready_base(settings):
        ensure_program("mmdebstrap", "what the images' Debian is made with")
    say(f"Building the images {', '.join(missing)}; the first time this takes some minutes.")
    return {name: image.id for name, image in ensure_images(names, settings, say).items()}


def is_connected(
    environment: Mapping[str, str] = os.environ, routes: Path = Path("/proc/net/route")
) -> bool:
    """Whether this machine has a way to the world: a default route, or a proxy."""
    if any(environment.get(name) for name in PROXIES):
        return True
    rows = routes.read_text(encoding="ascii").splitlines()[1:] if routes.exists() else []
    return any(row.split()[1] == "00000000" for row in rows)
