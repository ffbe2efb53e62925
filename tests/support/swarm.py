"""A park whose machine is the manager of the tests' Swarm: its settings, and a kernel to lease."""

import secrets
import shutil
from pathlib import Path
from typing import Any

import yaml

from support.cluster import BOSS, FAR, Node
from support.kernels import curve_connection
from technopark.engine.leased import CONNECTION_FILE, Device, Order
from technopark.settings import SOURCE

PYTHON = "/opt/course/bin/python"
KERNEL = (PYTHON, "-m", "ipykernel_launcher", "-f", CONNECTION_FILE)
CARD = {BOSS: Device("card-of-the-first"), FAR: Device("card-of-the-second")}

SET_UP = """
import sys
from pathlib import Path
from technopark.machine.network import ensure_network
from technopark.settings import load
print(ensure_network(load(Path(sys.argv[1]))).gateway)
"""
"""Makes the park's network on the node that runs it; prints the node's address there."""


def swarm_config(folder: Path, park: str, manager: Node, **more: Any) -> Path:
    """A file of settings.

    Args:
        folder: where it is written; all nodes see it.
        park: the name of the park's network.
        manager: the park's machine.
        more: sections that the test needs.
    """
    path = folder / f"{park}.yaml"
    content = {
        "data": str(folder / park),
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "network": {"name": park},
        "engine": {"url": manager.url},
        "leases": {
            "engine": "swarm",
            "nodes": [
                {"name": name, "devices": [{"uuid": card.uuid}]} for name, card in CARD.items()
            ],
        },
        **more,
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def kernel_order(image: str, shared: Path) -> Order:
    """A kernel in a pupil's home, on the node that is not the park's machine."""
    home = shared / secrets.token_hex(4)
    home.mkdir()
    shutil.chown(home, 1000, 1000)
    return Order(
        name=secrets.token_hex(8),
        flavour="gpu",
        image=image,
        command=KERNEL,
        node=FAR,
        device=CARD[FAR],
        memory=512 << 20,
        cpu=1.0,
        pids=128,
        scratch=64 << 20,
        environment={"HOME": "/home/pupil"},
        folders={home: "/home/pupil:rw"},
        connection=curve_connection(),
    )
