"""Addresses and the networks of sites, as `config/sites.yaml` names them.

Called by cards and by sign-in; pure.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address


def parsed(text: str) -> Address | None:
    """The address; IPv4 as such, also where it is written within IPv6. None: it is none."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Whether `address` belongs to one of `networks`."""
    found = parsed(address)
    return found is not None and any(found in ip_network(network) for network in networks)
