"""The rules around pupils' containers and leased kernels, as iptables prints them."""

from technopark.engine.firewall import chain, lease_chain, rules, way_rules
from technopark.engine.leased import Way
from technopark.engine.networks import Network

PARK = Network("park-of-city", "10.77.0.1", "10.77.0.0/20")


def test_only_the_parks_doors_are_open_and_none_for_leases() -> None:
    assert rules(PARK, [8081, 8082]) == [
        "-A TECHNOPARK-park-of-city -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A TECHNOPARK-park-of-city -s 10.77.8.0/21 -j DROP",
        "-A TECHNOPARK-park-of-city -d 10.77.0.1/32 -p tcp -m tcp --dport 8081 -j ACCEPT",
        "-A TECHNOPARK-park-of-city -d 10.77.0.1/32 -p tcp -m tcp --dport 8082 -j ACCEPT",
        "-A TECHNOPARK-park-of-city -j DROP",
    ]


def test_nothing_is_open_over_ipv6() -> None:
    assert rules(PARK, [8081], "ip6tables") == ["-A TECHNOPARK-park-of-city -j DROP"]


def test_a_server_reaches_the_ports_of_the_kernel_it_holds() -> None:
    assert way_rules("technopark", [Way("10.77.0.5", "10.77.8.9", 52000)]) == [
        "-A TECHNOPARK-L-technopark -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A TECHNOPARK-L-technopark -s 10.77.0.5/32 -d 10.77.8.9/32 -p tcp -m tcp "
        "--dport 52000:52004 -j ACCEPT",
    ]


def test_the_longest_name_fits_into_the_kernels_limit() -> None:
    assert max(len(chain(PARK.name)), len(lease_chain(PARK.name))) <= 28
