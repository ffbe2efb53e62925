"""Linux has limits of its own; the doctor names those that pupils would meet first."""

from collections.abc import Callable
from pathlib import Path

import pytest

from technopark.capacity import GIGABYTE, MOST_SERVERS
from technopark.machine import kernel_limits
from technopark.machine.kernel_limits import LIMITS, servers_that_fit, too_low

SetLimits = Callable[[int], None]


@pytest.fixture
def set_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetLimits:
    """Gives every limit of the made-up kernel one value."""
    monkeypatch.setattr(kernel_limits, "SYSTEM", tmp_path)

    def give(value: int) -> None:
        for limit in LIMITS:
            path = tmp_path / limit.name.replace(".", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{value}\n", "ascii")

    return give


def test_a_roomy_kernel_is_left_alone(set_all: SetLimits) -> None:
    set_all(1_000_000)
    assert list(too_low(1000)) == []


def test_each_limit_that_is_too_low_is_named_with_the_call_that_raises_it(
    set_all: SetLimits,
) -> None:
    set_all(1024)
    found = list(too_low(1000))
    assert len(found) == len(LIMITS)
    assert found[0].startswith("sysctl -w net.ipv4.neigh.default.gc_thresh3=3100 (now 1024")


def test_a_kernel_without_such_a_limit_is_no_problem(set_all: SetLimits, tmp_path: Path) -> None:
    set_all(1_000_000)
    (tmp_path / "net/netfilter/nf_conntrack_max").unlink()
    assert list(too_low(300)) == []


def test_no_machine_is_asked_for_more_servers_than_a_bridge_holds() -> None:
    assert servers_that_fit(24 * GIGABYTE, "forked") < servers_that_fit(48 * GIGABYTE, "forked")
    assert servers_that_fit(1024 * GIGABYTE, "forked") == MOST_SERVERS
