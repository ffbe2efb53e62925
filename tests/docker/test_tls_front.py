"""A lesson behind a TLS front: https for browsers, plain HTTP from the front to the park.

The front is the park's own proxy program, a second time, with a certificate made for the test.
"""

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from support.park import Park, free_ports, make_park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.machine.proxy import proxy_program
from technopark.node import NODE

pytestmark = pytest.mark.docker
CLASS = "data-6a"


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def park(tmp_path: Path, names_of_localhost: None) -> Iterator[Park]:
    """A park whose address is https, without nginx, whether or not that is installed."""
    outside, inside = free_ports(2)
    address = f"https://park.localhost:{outside}"
    web: dict[str, object] = {"address": address, "listen": "127.0.0.1", "port": inside}
    web["front"] = "embedded"
    made = make_park(tmp_path, "tptls", web=web)
    try:
        made.call("up")
        yield made
    finally:
        made.call("down")


@pytest.fixture
def front(park: Park, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What speaks TLS at the park's address, trusted by this test's visitors."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    names = "subjectAltName=DNS:park.localhost,DNS:*.park.localhost"
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    openssl += ["-subj", "/CN=park.localhost", "-addext", names]
    subprocess.run([*openssl, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    port = httpx.URL(park.address).port
    assert port
    words = [str(NODE), str(proxy_program(park.settings)), "--ip=127.0.0.1", f"--port={port}"]
    (api,) = free_ports(1)
    words += [f"--ssl-key={key}", f"--ssl-cert={certificate}", f"--api-port={api}"]
    words += [f"--default-target=http://127.0.0.1:{park.settings.web.listen_port}"]
    with subprocess.Popen(words) as program:
        try:
            eventually(lambda: listens(port), 20, "the front listens")
            yield
        finally:
            program.terminate()


def test_a_lesson_behind_a_front_that_speaks_tls(
    park: Park, front: None, signed_in: Callable[[str], Visitor]
) -> None:
    masha = signed_in("masha")
    lab = masha.start(CLASS)
    assert lab.status_code == httpx.codes.OK
    assert {address.url.scheme for address in (*lab.history, lab)} == {"https"}
    logins = [cookie for cookie in masha.http.cookies.jar if cookie.name.startswith("jupyterhub-")]
    assert logins
    assert all(cookie.secure for cookie in logins)
    assert f'"fullStaticUrl": "{park.address}/static/' in lab.text
    favicon = masha.server("GET", "static/favicons/favicon.ico", CLASS)
    assert favicon.status_code == httpx.codes.OK
    assert str(favicon.url).startswith(f"{park.address}/static/")
    assert masha.run(CLASS, masha.new_kernel(CLASS), "print(6 * 7)").strip() == "42"
