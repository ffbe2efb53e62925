"""nginx and the embedded service give the same answers; each test asks both."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest
import yaml

from technopark.front import nginx, shelf
from technopark.front.ways import nginx_program
from technopark.settings import SOURCE, Settings, load

from .conftest import FILES

PATIENCE = 20.0


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings in a file that the embedded service reads."""
    return _written(tmp_path_factory.mktemp("front"))


@pytest.fixture(scope="module")
def tree(settings: Settings) -> str:
    """The name of a tree with `FILES`."""
    return shelf.put(shelf.trees(settings), FILES)


@pytest.fixture(scope="module", params=["embedded", "nginx"])
def front(request: pytest.FixtureRequest, settings: Settings, tree: str) -> Iterator[httpx.Client]:
    """Somebody who asks the front; `tree` is on its shelf."""
    program = nginx_program()
    if request.param == "nginx" and program is None:
        pytest.skip("nginx is not installed")
    folder, port = settings.data.parent, settings.ports.files
    words = [sys.executable, "-m", "technopark.front"]
    if request.param == "nginx":
        nginx.write_configuration(settings, SOURCE / "hub" / "proxy" / "pages" / "error.html")
        words = [str(program), "-e", "stderr", "-c", str(nginx.configuration_file(settings))]
        port = settings.web.listen_port
    log = (folder / "front.log").open("wb")
    environment = {**os.environ, "TECHNOPARK_CONFIG": str(folder / "technopark.yaml")}
    process = subprocess.Popen(words, stdout=log, stderr=log, env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE) as client:
            _wait_for(client, process, folder / "front.log")
            yield client
    finally:
        process.terminate()
        process.wait()
        log.close()


def _written(folder: Path) -> Settings:
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            ports.append(probe.getsockname()[1])
    content = {
        "data": "data",
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "web": {"address": f"http://127.0.0.1:{ports[0]}"},
        "ports": {"files": ports[1]},
    }
    path = folder / "technopark.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load(path)


def _wait_for(client: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            client.get("/static/")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the front did not come up:\n{log.read_text('utf-8')}")


def _raw(client: httpx.Client, path: str, accept: str) -> httpx.Response:
    return client.get(path, headers={"Accept-Encoding": accept})


def test_a_file_may_be_kept_for_ever_and_used_by_any_page(front: httpx.Client, tree: str) -> None:
    answer = front.get(f"/static/{tree}/main.js?v=1")
    assert answer.content == FILES["main.js"]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "Set-Cookie" not in answer.headers


def test_a_file_opened_as_a_page_can_do_nothing(front: httpx.Client, tree: str) -> None:
    headers = front.get(f"/static/{tree}/main.js").headers
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip, deflate", "gzip"), ("identity", None)],
)
def test_the_best_form_that_the_browser_takes(
    front: httpx.Client, tree: str, accept: str, encoding: str | None
) -> None:
    answer = _raw(front, f"/static/{tree}/@scope/theme/index.css", accept)
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.content == FILES["@scope/theme/index.css"]


def test_a_font_is_sent_as_it_is(front: httpx.Client, tree: str) -> None:
    answer = _raw(front, f"/static/{tree}/fonts/face.woff2", "gzip, br")
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Type"] == "font/woff2"
    assert answer.content == FILES["fonts/face.woff2"]


def test_who_asks_for_the_head_gets_no_body(front: httpx.Client, tree: str) -> None:
    answer = front.head(f"/static/{tree}/fonts/face.woff2")
    assert answer.status_code == httpx.codes.OK
    assert answer.content == b""
    assert int(answer.headers["Content-Length"]) == len(FILES["fonts/face.woff2"])


@pytest.mark.parametrize("path", ["fonts/face.woff2", "main.js"])
@pytest.mark.parametrize("accept", ["br", "gzip", "identity"])
def test_who_has_a_part_of_a_file_gets_the_rest(
    front: httpx.Client, tree: str, path: str, accept: str
) -> None:
    """As Chromium asks for what it has half of."""
    asked = {"Accept-Encoding": accept}
    with front.stream("GET", f"/static/{tree}/{path}", headers=asked) as whole:
        body = b"".join(whole.iter_raw())
    asked |= {"Range": "bytes=16-", "If-Range": whole.headers["ETag"]}
    with front.stream("GET", f"/static/{tree}/{path}", headers=asked) as rest:
        assert rest.status_code == httpx.codes.PARTIAL_CONTENT
        assert b"".join(rest.iter_raw()) == body[16:]
    assert rest.headers.get("Content-Encoding") == whole.headers.get("Content-Encoding")


def test_who_has_the_file_gets_no_second_one(front: httpx.Client, tree: str) -> None:
    path = f"/static/{tree}/main.js"
    has = {"If-None-Match": front.get(path).headers["ETag"]}
    answer = front.get(path, headers=has)
    assert answer.status_code == httpx.codes.NOT_MODIFIED
    assert answer.content == b""


@pytest.mark.parametrize(
    "path",
    ["", "{tree}", "{tree}/", "{tree}/none.js", "{tree}/fonts", "{other}/main.js", "images/a.json"],
)
def test_what_is_not_there_is_not_kept(front: httpx.Client, tree: str, path: str) -> None:
    other = hashlib.sha256(b"").hexdigest()[:20]
    answer = front.get(f"/static/{path.format(tree=tree, other=other)}")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "immutable" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    "way_out",
    [
        "../../../technopark.yaml",
        "%2e%2e/%2e%2e/%2e%2e/technopark.yaml",
        "..%2f..%2f..%2ftechnopark.yaml",
    ],
)
def test_no_path_leads_off_the_shelf(front: httpx.Client, tree: str, way_out: str) -> None:
    with socket.create_connection((front.base_url.host, front.base_url.port or 0)) as connection:
        # By hand, as httpx would take the dots away.
        ask = f"GET /static/{tree}/{way_out} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        connection.sendall(ask.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.split(b" ", 2)[1] in (b"400", b"404")
    assert b"sites:" not in answer


def test_a_link_is_no_way_off_the_shelf(front: httpx.Client, settings: Settings, tree: str) -> None:
    link = shelf.trees(settings) / tree / "link.js"
    link.symlink_to(settings.data.parent / "technopark.yaml")
    try:
        assert front.get(f"/static/{tree}/link.js").status_code in (403, 404)
    finally:
        link.unlink()


def test_nobody_changes_a_file(front: httpx.Client, tree: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = front.request(method, f"/static/{tree}/main.js", content=b"mine")
        assert answer.status_code == httpx.codes.METHOD_NOT_ALLOWED
    assert front.get(f"/static/{tree}/main.js").content == FILES["main.js"]


def test_brotli_is_what_was_made_once(front: httpx.Client, settings: Settings, tree: str) -> None:
    with front.stream(
        "GET", f"/static/{tree}/main.js", headers={"Accept-Encoding": "br"}
    ) as answer:
        sent = b"".join(answer.iter_raw())
    if answer.headers.get("Content-Encoding") != "br":
        pytest.skip("nginx has no module for brotli")
    assert sent == (shelf.trees(settings) / tree / "main.js.br").read_bytes()
    assert brotli.decompress(sent) == FILES["main.js"]
