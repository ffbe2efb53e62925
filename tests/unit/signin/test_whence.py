"""Where a browser is: believed as far as the park's own machines say so, and no further."""

import pytest

from technopark.settings import Web
from technopark.signin.whence import believed, place

HUB = "10.77.0.1"
PUPIL = "198.51.100.7"
TLS = "192.0.2.80"
CONTAINER = "10.77.0.23"
LIE = "203.0.113.99"


@pytest.mark.parametrize(
    ("peer", "chain", "fronts", "expected"),
    [
        # a browser, the park's proxy
        (HUB, PUPIL, [], PUPIL),
        (HUB, f"{LIE},{PUPIL}", [], PUPIL),
        (HUB, f"::ffff:{PUPIL}", [], PUPIL),
        # a browser, the park's nginx, the proxy behind a Unix socket
        (HUB, f"{PUPIL},undefined", [], PUPIL),
        (HUB, f"{LIE}, {PUPIL},undefined", [], PUPIL),
        # a TLS front before all that
        (HUB, f"{PUPIL}, {TLS}", [TLS], PUPIL),
        (HUB, f"{LIE}, {PUPIL}, {TLS},undefined", ["192.0.2.0/24"], PUPIL),
        (HUB, f"{PUPIL}, {TLS}", [], TLS),
        (HUB, f"{TLS}", [TLS], TLS),
        (HUB, f"{LIE}, nonsense, {TLS}", [TLS], TLS),
        # past the proxy: a pupil's container, which says what it likes
        (CONTAINER, LIE, [], CONTAINER),
        (CONTAINER, f"{LIE},undefined", [CONTAINER], CONTAINER),
        # nobody says anything
        (HUB, "", [], HUB),
    ],
)
def test_the_last_address_that_one_of_ours_wrote_down(
    peer: str, chain: str, fronts: list[str], expected: str
) -> None:
    assert believed(peer, HUB, chain, fronts) == expected


def test_a_front_on_this_machine_is_believed_where_there_is_one() -> None:
    chain = f"{PUPIL}, 127.0.0.1"
    with_tls = Web(address="https://park.example", fronts=["192.0.2.7"])
    without = Web(address="http://park.example")
    assert believed(HUB, HUB, chain, with_tls.believed_fronts) == PUPIL
    assert believed(HUB, HUB, chain, without.believed_fronts) == "127.0.0.1"


def test_a_front_is_an_address() -> None:
    with pytest.raises(ValueError, match=r"tls\.park\.example"):
        Web(fronts=["tls.park.example"])


def test_a_subscriber_of_ipv6_is_one_address() -> None:
    assert place("2001:db8:1:2::17") == place("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert place(PUPIL) == PUPIL
