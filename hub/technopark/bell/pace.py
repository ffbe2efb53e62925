"""How early and how fast servers are started on a machine, from the settings and measured costs.

Called by `rounds`, and by `commands` and `pages`, which tell when starting begins. Pure.
"""

from datetime import timedelta

from technopark.bell.plan import Pace
from technopark.capacity import COSTS
from technopark.settings import Settings

BUSY_SECONDS = 1.0
"""Between two looks at the hub while servers are being started one after the other."""
_CALM = 0.5
"""Part of the machine's cores that starts before the bell may keep busy."""
_CULLED = 0.8
"""Part of the culler's patience after which a server that waits is no longer safe from it."""


def pace_of(settings: Settings, cores: int) -> Pace:
    """How fast servers are started on a machine with so many cores, and how early."""
    bell = settings.bell
    lead = min(bell.lead_minutes, _CULLED * settings.servers.idle_minutes)
    at_a_time = bell.at_a_time or 2 * cores
    start = COSTS[settings.servers.way].start_cpu / (cores * _CALM)
    return Pace(
        each=timedelta(seconds=max(start, BUSY_SECONDS / at_a_time)),
        lead=timedelta(minutes=lead),
        ready=timedelta(minutes=min(bell.ready_minutes, lead / 2)),
        unused=timedelta(minutes=bell.unused_minutes),
        at_a_time=at_a_time,
    )
