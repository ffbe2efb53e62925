"""The park's network on this machine, with the firewall that belongs to it.

Called by `up`, `down` and `doctor`; the network itself is the engine's (`engine.networks`).
"""

from contextlib import closing

from technopark.engine.client import engine_errors, open_engine
from technopark.engine.firewall import ensure_firewall, remove_firewall
from technopark.engine.networks import Network, find_network, remove_network
from technopark.engine.networks import ensure_network as ensure_engine_network
from technopark.machine import MachineError
from technopark.machine.debian import ensure_program, is_root
from technopark.machine.neighbours import ensure_room
from technopark.settings import Settings


def ensure_network(settings: Settings) -> Network:
    """The bridge for pupils' containers, and the rules for what they may reach on this host.

    Raises:
        MachineError: we are not root.
        EngineError: the engine or the firewall refuses.
    """
    if not is_root():
        raise MachineError(
            "Only root may set the firewall that keeps pupils' containers away from this machine. "
            "Call this as root (sudo ./park up)."
        )
    ensure_program("iptables", "the firewall around pupils' containers")
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        network = ensure_engine_network(client, settings.network.name, settings.network.subnet)
    ensure_firewall(network, doors(settings))
    ensure_room()
    return network


def park_network(settings: Settings) -> Network:
    """The network that `up` has made.

    Raises:
        MachineError: it has not.
    """
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        network = find_network(client, settings.network.name)
    if network is None:
        raise MachineError(
            f"There is no network {settings.network.name}: the park is down. `./park up` starts it."
        )
    return network


def drop_network(settings: Settings) -> bool:
    """Takes away the network and its rules; whether there was one."""
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        removed = remove_network(client, settings.network.name)
    remove_firewall(settings.network.name)
    return removed


def doors(settings: Settings) -> list[int]:
    """The TCP ports of the gateway that containers may reach."""
    ports = settings.ports
    return [ports.hub, settings.exchange.port, ports.egress, ports.broker, ports.portal]
