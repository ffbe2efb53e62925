"""Which engine leases run on: the one that the settings name.

Called by the broker when it starts, and by nobody else.
"""

from technopark.engine.docker_leases import DockerLeases
from technopark.engine.leased import LeaseEngine
from technopark.engine.swarm_leases import SwarmLeases
from technopark.settings import Settings


def open_lease_engine(settings: Settings) -> LeaseEngine:
    """The engine of `leases.engine`. Raises EngineError: none answers."""
    is_swarm = settings.leases.engine == "swarm"
    return SwarmLeases(settings) if is_swarm else DockerLeases(settings)
