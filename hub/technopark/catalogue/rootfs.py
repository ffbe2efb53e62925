"""The root filesystem under all images: Debian by mmdebstrap, or a ready image that settings name.

Called by `catalogue.images`, only when no image made from the same list of packages is there. No
public image registry is needed for it.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from technopark.problem import Problem
from technopark.settings import Settings

SUITE = "trixie"
PACKAGES = ("ca-certificates", "python3", "tini", "tzdata")
LEFT_OUT = (
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/lintian/*",
    "/usr/share/man/*",
)
KEPT = ("/usr/share/doc/*/copyright",)

RECIPE = "\n".join((SUITE, *PACKAGES, *LEFT_OUT, *KEPT))
"""What decides the content of the root filesystem; part of the key of every image."""


class RootError(Problem):
    """No root filesystem could be made."""


def ready_base(settings: Settings) -> str:
    """The image that stands in for Debian by mmdebstrap (`BASE_IMAGE`, then settings); or ''."""
    return os.environ.get("BASE_IMAGE") or settings.images.base


def make_root(archive: Path, log: Callable[[str], None]) -> None:
    """Writes the root filesystem into the tar file `archive`.

    Raises:
        RootError: mmdebstrap is missing or failed.
    """
    command = shutil.which("mmdebstrap")
    if command is None:
        raise RootError(
            "The images start from Debian, which mmdebstrap makes, and it is not installed. "
            "Install it (apt-get install mmdebstrap), or name a ready image with Python 3.13, tini "
            "and ca-certificates in `images.base` of the settings."
        )
    arguments = [command, "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    arguments += [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    arguments += [f"--dpkgopt=path-include={path}" for path in KEPT]
    arguments += [SUITE, str(archive), *_mirror()]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None  # noqa: S101  # it is a pipe: for the type checker
        for line in process.stdout:
            log(line)
    if process.returncode:
        raise RootError("mmdebstrap could not make the root filesystem.")


def _mirror() -> list[str]:
    """The mirror that this machine's apt takes Debian from; none: mmdebstrap's own default."""
    apt = shutil.which("apt-get")
    if apt is None:
        return []
    listed = subprocess.run(
        [apt, "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)"],
        check=False,
        capture_output=True,
        text=True,
    )
    for line in listed.stdout.splitlines():
        address, *release = line.split()
        if release == ["Debian", "Debian"]:
            return [address]
    return []
