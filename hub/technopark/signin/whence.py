"""Where a request to the hub comes from, as far as that can be believed.

Called at every sign-in. What a request says of itself (`X-Forwarded-For`) counts only where the
park's own machines wrote it: a pupil's container reaches the hub, too, and may write anything.
tornado's `remote_ip` believes everybody, and `X-Real-Ip` even more.
"""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_network
from typing import Any

from technopark.people.networks import is_within, parsed

_FROM_A_SOCKET = "undefined"
"""What the proxy adds where nginx reaches it over a Unix socket, which has no address."""


def browser_address(request: Any, fronts: Iterable[str]) -> str:
    """The address of the browser behind a tornado request.

    Args:
        request: tornado's HTTPServerRequest, as the hub has it.
        fronts: addresses or networks of TLS fronts that are believed, too.
    """
    connection = request.connection
    peer = str(connection.context.address[0])
    socket = getattr(connection.stream, "socket", None)
    reached_at = str(socket.getsockname()[0]) if socket else ""
    chain = ",".join(request.headers.get_list("X-Forwarded-For"))
    return believed(peer, reached_at, chain, fronts)


def believed(peer: str, reached_at: str, chain: str, fronts: Iterable[str]) -> str:
    """The last address of `chain` that one of ours wrote down and that is not one of ours.

    Args:
        peer: who is connected to the hub.
        reached_at: the hub's own address of that connection. Only this machine, where the proxy
            is, reaches it from the same one.
        chain: `X-Forwarded-For`; everybody on the way adds at its end whom they heard.
        fronts: addresses or networks of TLS fronts.
    """
    if peer != reached_at:
        return plain(peer)  # past the proxy: a server's container, say
    ours = list(fronts)
    nearest = plain(peer)
    for each in reversed([part.strip() for part in chain.split(",")]):
        if each == _FROM_A_SOCKET:
            continue
        found = parsed(each)
        if found is None:
            break
        nearest = str(found)
        if not is_within(each, ours):
            break
    return nearest


def place(address: str) -> str:
    """What counts as one: an IPv4 address, or the 64 bits that a subscriber of IPv6 has."""
    found = parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return address


def plain(address: str) -> str:
    """The address as it is written everywhere: IPv4 as such, not within IPv6."""
    found = parsed(address)
    return str(found) if found else address[:45]
