"""Whether the registry, from which nodes of a Swarm fetch images, can be used from this machine.

Called by `doctor`; changes nothing.
"""

from contextlib import closing

from technopark.engine.client import engine_errors, open_engine
from technopark.engine.registry import RegistryError, sign_in
from technopark.machine import MachineError
from technopark.settings import Settings


def check_registry(settings: Settings) -> str:
    """What the registry is like, in words.

    Raises:
        MachineError: there is one, and it is of no use.
    """
    registry = settings.registry
    if not registry.address:
        on_nodes = settings.leases.engine == "swarm"
        return "none: images are copied to the nodes by hand" if on_nodes else "none"
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        try:
            sign_in(client, settings)
        except RegistryError as problem:
            raise MachineError(
                f"The registry {registry.address} does not let this machine in ({problem}). Does "
                "it run, does this machine's engine know its certificate (in /etc/docker/certs.d), "
                "are `registry.user` and its password right? Until then no node fetches an image; "
                "what nodes have already, they start."
            ) from None
    return f"{registry.address} answers"
