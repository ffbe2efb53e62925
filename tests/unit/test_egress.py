"""Which hosts a course may reach, and what they are shown."""

from typing import Any, cast

import pytest
from proxy.http.exception import HttpRequestRejected
from proxy.http.parser import HttpParser, httpParserTypes

from technopark import egress
from technopark.egress import AllowedHosts, is_allowed

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


def asked(line: bytes) -> HttpParser:
    """A request as a pupil's server sends it, with its token."""
    request = HttpParser(httpParserTypes.REQUEST_PARSER)
    token = b"Proxy-Authorization: Basic ZGF0YS02YTpzZWNyZXQ=\r\n"  # data-6a:secret
    request.parse(memoryview(line + b" HTTP/1.1\r\n" + token + b"\r\n"))
    return request


@pytest.fixture
def way_out(monkeypatch: pytest.MonkeyPatch) -> AllowedHosts:
    """The way out of a server of data-6a, as the hub and the store know it."""
    servers = {("secret", "data-6a"): "masha"}
    monkeypatch.setattr(egress, "_whose", lambda token, room: servers.get((token, room)))
    monkeypatch.setattr(egress, "_hosts", lambda _name, room: HOSTS if room == "data-6a" else [])
    return AllowedHosts("1", cast(Any, None), cast(Any, None), cast(Any, None))


def test_no_host_is_shown_the_servers_token(way_out: AllowedHosts) -> None:
    request = asked(b"GET http://data.example/table.csv")
    assert way_out.before_upstream_connection(request)
    for one in (request, asked(b"GET http://data.example/more.csv")):
        passed_on = way_out.handle_client_request(one)
        assert passed_on
        assert not passed_on.has_header(b"proxy-authorization")
        assert passed_on.header(b"connection") == b"close", "the next one may be for another host"


def test_a_tunnel_is_left_to_its_two_ends(way_out: AllowedHosts) -> None:
    request = asked(b"CONNECT data.example:443")
    assert way_out.before_upstream_connection(request)
    passed_on = way_out.handle_client_request(request)
    assert passed_on
    assert not passed_on.has_header(b"connection")


@pytest.mark.parametrize(
    "line",
    [
        b"CONNECT 127.0.0.1:443",
        b"CONNECT [::1]:443",
        b"CONNECT data.example:22",
        b"GET http://other.example/",
        b"GET http://data.example.other.example/",
        "CONNECT д..example:443".encode(),
    ],
)
def test_what_is_not_listed_is_refused(way_out: AllowedHosts, line: bytes) -> None:
    with pytest.raises(HttpRequestRejected) as refused:
        way_out.before_upstream_connection(asked(line))
    assert refused.value.status_code == 403
