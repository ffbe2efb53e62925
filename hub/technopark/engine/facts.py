"""What a Docker engine says of itself.

Called by `machine` before anything else is asked of the engine; never changes it.
"""

from dataclasses import dataclass
from pathlib import Path

from docker import APIClient
from docker.errors import DockerException
from requests.exceptions import RequestException


@dataclass(frozen=True)
class EngineFacts:
    """An engine that answers."""

    version: str
    api: str
    storage: str
    cgroup: str
    """Version of the kernel's control groups: `1` or `2`."""
    root: str
    """The folder where it keeps images and containers."""


def engine_facts(url: str, timeout: float = 10) -> EngineFacts | None:
    """What the engine at `url` is, or None where none answers within `timeout` seconds.

    Raises:
        PermissionError: there is one, but this user may not talk to it.
    """
    if url.startswith("unix://") and not Path(url.removeprefix("unix://")).exists():
        return None
    try:
        client = APIClient(base_url=url, version="auto", timeout=int(timeout))
        try:
            version, info = client.version(), client.info()
        finally:
            client.close()
    except (DockerException, RequestException) as error:
        if "Permission denied" in str(error):
            raise PermissionError(url) from None
        return None
    return EngineFacts(
        version=str(version.get("Version", "unknown")),
        api=str(version["ApiVersion"]),
        storage=str(info.get("Driver", "unknown")),
        cgroup=str(info.get("CgroupVersion", "1")),
        root=str(info.get("DockerRootDir", "unknown")),
    )
