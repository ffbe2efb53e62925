"""The container of a lease, wholly described: what the engine is asked to start.

Called by `tending` and `pool`. Everything comes from the store and the settings, but for the keys
of the connection, the folder in the home, and the variables that `asking` let through.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from technopark.engine.containers import HOME
from technopark.engine.leased import CONNECTION_FILE, Device, Node, Order
from technopark.people.lessons import Lesson
from technopark.settings import Settings
from technopark.store import Lease

PYTHON = "/opt/course/bin/python"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Sandboxes run beside each other: each computes on one core."""


@dataclass(frozen=True)
class Kind:
    """Which sandboxes are alike: any of them does for a submission of this course version."""

    image: str
    materials: Path


def kind_of(lesson: Lesson, settings: Settings) -> Kind:
    """The kind of sandbox in which this lesson's submissions are graded."""
    return Kind(lesson.course_image, settings.data / "courses" / lesson.content / "materials")


def gpu_order(lease: Lease, lesson: Lesson, nodes: Iterable[Node], settings: Settings) -> Order:
    """A kernel on the device that the lease was granted.

    Raises:
        LookupError: the device is not there any more.
    """
    limits = settings.leases.gpu
    kind = kind_of(lesson, settings)
    own = {
        "HOME": HOME,
        "USER": "pupil",
        "TECHNOPARK_DEVICE": lease.device,
        "TECHNOPARK_LANGUAGE": lesson.language,
        "TZ": lesson.timezone,
        "LANG": "C.UTF-8",
    }
    sent = {name: str(value) for name, value in lease.environment.items()}
    return Order(
        name=lease.box,
        flavour="gpu",
        image=lesson.gpu_image or "",
        command=(PYTHON, "-m", "ipykernel_launcher", "-f", CONNECTION_FILE),
        node=lease.node,
        device=_device(lease, nodes),
        memory=limits.memory,
        cpu=limits.cpu,
        pids=limits.pids,
        scratch=limits.scratch,
        environment=own | sent,
        labels=_labels(lease),
        folders={settings.homes / lease.person_name: f"{HOME}:rw", kind.materials: "/course:ro"},
        folder=HOME if lease.cwd in ("", ".") else f"{HOME}/{lease.cwd}",
        connection=lease.connection,
        address=lease.address,
        first_port=lease.first_port,
    )


def sandbox_order(name: str, kind: Kind, node: str, settings: Settings) -> Order:
    """A sandbox that waits for a submission, or is for one; nothing in it is of one lease."""
    limits = settings.leases.sandbox
    return Order(
        name=name,
        flavour="sandbox",
        image=kind.image,
        command=(PYTHON, "-P", "-m", "technopark_sandbox"),
        node=node,
        device=None,
        memory=limits.memory,
        cpu=limits.cpu,
        pids=limits.pids,
        scratch=limits.scratch,
        environment={
            "HOME": HOME,
            "USER": "pupil",
            "TECHNOPARK_LANGUAGE": settings.language,
            "LANG": "C.UTF-8",
            **ONE_THREAD,
        },
        folders={kind.materials: "/course:ro"},
    )


def _device(lease: Lease, nodes: Iterable[Node]) -> Device:
    for node in nodes:
        for device in node.devices:
            if (node.name, device.uuid) == (lease.node, lease.device):
                return device
    raise LookupError(f"{lease.node} has no device {lease.device} any more")


def _labels(lease: Lease) -> dict[str, str]:
    return {"technopark.person": lease.person_name, "technopark.classroom": lease.classroom_id}
