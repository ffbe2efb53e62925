"""How the pupil's kernels on GPUs stand: in line, starting, running.

Called by `extension`. It looks at what the server's kernel manager knows and asks nobody; where a
course has no GPUs, `technopark_kernels` is not even imported.
"""

import os
from typing import Any

from technopark_lab.words import say


def has_gpus() -> bool:
    """Whether this server may have kernels on GPUs."""
    return os.environ.get("TECHNOPARK_GPU") == "1"


def standings(kernels: Any) -> list[dict[str, Any]]:
    """The kernels that wait for a GPU or run on one.

    Args:
        kernels: the server's kernel manager.

    Returns:
        For each `kernel` (its id), `phase` (`waiting` or `running`), `place` (1 is the next; None:
        not known) and `sentence`.
    """
    if not has_gpus():
        return []
    found = []
    for name in kernels.list_kernel_ids():
        kernel = kernels.get_kernel(name)
        if getattr(kernel, "is_leased", False) and kernel.standing.phase != "ended":
            lease = kernel.standing.lease
            place = lease.place if lease is not None and lease.state == "waiting" else None
            found.append(
                {
                    "kernel": name,
                    "phase": kernel.standing.phase,
                    "place": place,
                    "sentence": _sentence(kernel.standing, place),
                }
            )
    return found


def _sentence(standing: Any, place: int | None) -> str:
    if standing.phase == "running":
        return say("gpu-runs")
    if place is not None:
        from technopark_kernels.words import in_line

        return in_line(place, standing.lease.estimate_s)
    return say("no-gpu-yet") if standing.lease is None else say("gpu-starts")
