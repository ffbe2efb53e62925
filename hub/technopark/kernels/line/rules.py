"""The rules of each flavour's line, from the settings.

Called by the broker when it starts, and again when it knows better how long leases last.
"""

from typing import Literal

from technopark.kernels.line.terms import Rules
from technopark.settings import Leases

MINUTE = 60.0
HOUR = 3600.0


def rules_for(
    settings: Leases, flavour: Literal["gpu", "sandbox"], typical: float | None = None
) -> Rules:
    """The rules as the admin set them.

    Args:
        settings: the park's `leases`.
        flavour: which line.
        typical: how many seconds leases lasted lately; None: half of what they may.
    """
    line = settings.line
    limit = MINUTE * (settings.gpu.minutes if flavour == "gpu" else settings.sandbox.minutes)
    return Rules(
        half_life=line.half_life_hours * HOUR,
        site_weights=line.site_weights,
        course_weights=line.course_weights,
        longest_wait=line.longest_wait_hours * HOUR,
        limit=limit,
        typical=limit / 2 if typical is None else typical,
        least=line.least_minutes * MINUTE,
        lead=line.lead_minutes * MINUTE,
        unused=line.unused_minutes * MINUTE,
    )
