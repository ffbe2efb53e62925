"""Which address a leased kernel gets: a free one, and none that was just held."""

import pytest

from technopark.engine import lease_network
from technopark.engine.client import EngineError
from technopark.engine.lease_network import LeaseNetwork
from technopark.engine.networks import Network


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> LeaseNetwork:
    """Eight addresses for leases, the last of which is for broadcasts."""
    made = Network("park", "10.77.0.1", "10.77.0.0/28")
    monkeypatch.setattr(lease_network, "find_network", lambda *_: made)
    return LeaseNetwork(None, "park")  # type: ignore[arg-type]  # nothing is asked of it


def test_each_address_has_its_turn_before_one_is_given_again(network: LeaseNetwork) -> None:
    given = [network.free_address([]) for _ in range(7)]
    assert sorted(given) == [f"10.77.0.{number}" for number in (10, 11, 12, 13, 14, 8, 9)]
    assert network.free_address([]) == given[0]


def test_an_address_in_use_is_passed_over(network: LeaseNetwork) -> None:
    taken = [f"10.77.0.{number}" for number in range(8, 14)]
    assert network.free_address(taken) == "10.77.0.14"
    with pytest.raises(EngineError, match=r"All 7 addresses .* larger `network\.subnet`"):
        network.free_address([*taken, "10.77.0.14"])


def test_a_park_that_is_down_has_none(
    network: LeaseNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_network, "find_network", lambda *_: None)
    with pytest.raises(EngineError, match="the park is down"):
        network.free_address([])
