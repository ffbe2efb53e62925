"""Which hosts a course may reach."""

import pytest

from technopark.egress import is_allowed

HOSTS = ["data.example", "weather.example:8443"]


@pytest.mark.parametrize(
    ("host", "port", "may"),
    [
        ("data.example", 443, True),
        ("data.example", 80, True),
        ("data.example", 22, False),
        ("sub.data.example", 443, False),
        ("weather.example", 8443, True),
        ("weather.example", 443, False),
        ("", 443, False),
    ],
)
def test_only_named_hosts_and_ports(host: str, port: int, may: bool) -> None:
    assert is_allowed(host, port, HOSTS) is may
