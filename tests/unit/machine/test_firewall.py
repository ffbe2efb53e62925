"""The rules around pupils' containers, as iptables prints them."""

from technopark.engine.networks import Network
from technopark.machine.firewall import chain, rules

PARK = Network("park-of-city", "10.77.0.1", "10.77.0.0/20")


def test_only_the_parks_doors_are_open() -> None:
    assert rules(PARK, [8081, 8082]) == [
        "-A TECHNOPARK-park-of-city -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A TECHNOPARK-park-of-city -d 10.77.0.1/32 -p tcp -m tcp --dport 8081 -j ACCEPT",
        "-A TECHNOPARK-park-of-city -d 10.77.0.1/32 -p tcp -m tcp --dport 8082 -j ACCEPT",
        "-A TECHNOPARK-park-of-city -j DROP",
    ]


def test_nothing_is_open_over_ipv6() -> None:
    assert rules(PARK, [8081], "ip6tables") == ["-A TECHNOPARK-park-of-city -j DROP"]


def test_the_longest_name_fits_into_the_kernels_limit() -> None:
    assert len(chain(PARK.name)) <= 28
