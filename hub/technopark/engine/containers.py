"""How a container that runs a pupil's code is locked down, whichever engine starts it.

Called by the spawner, by course checks and benches: the limits are the same everywhere.
"""

from typing import Any

from docker.types import LogConfig, Ulimit

from technopark.settings import Servers

PUPIL = 1000
"""uid and gid of everybody in a container."""

HOME = "/home/pupil"
_SMALL_HOME = 64 << 20
NOWHERE = "192.0.2.1"
"""An address that leads nowhere (RFC 5737): names are not looked up outside the machine."""


def hardened(limits: Servers, *, memory: int, home_in_memory: bool = True) -> dict[str, Any]:
    """Arguments of docker-py's `create_host_config` for a container that trusts nobody.

    Args:
        limits: the pupils' limits.
        memory: bytes; no swap beyond them.
        home_in_memory: a home that is gone with the container; folders may be bound into it.
    """
    tmpfs = {"/tmp": f"size={limits.scratch},mode=1777,nosuid,nodev", "/run": "size=8m,mode=755"}  # noqa: S108
    if home_in_memory:
        tmpfs[HOME] = memory_home(_SMALL_HOME)
    return {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        "tmpfs": tmpfs,
        "mem_limit": memory,
        "memswap_limit": memory,
        "cpu_period": 100_000,
        "cpu_quota": int(limits.cpu * 100_000),
        "pids_limit": limits.pids,
        "ulimits": [Ulimit(name="nofile", soft=limits.open_files, hard=limits.open_files)],
        "dns": [NOWHERE],
        "dns_opt": ["timeout:1", "attempts:1"],  # a pupil's mistake must not cost ten seconds
        "log_config": LogConfig(type="json-file", config={"max-size": "1m", "max-file": "2"}),
        "auto_remove": False,
    }


def memory_home(size: int) -> str:
    """Options of a tmpfs that is somebody's home, of `size` bytes at most."""
    return f"size={size},mode=700,uid={PUPIL},gid={PUPIL},nosuid,nodev"
