"""Pupils and teachers at the front door: sign-in, a server, a kernel, and what it may do."""

import json
from collections.abc import Callable

import pytest
from support.park import Park
from support.visitor import Visitor

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]


def test_a_pupil_signs_in_and_runs_a_cell(park: Park, signed_in: Arrive) -> None:
    masha = signed_in("masha")
    home = masha.http.get("/hub/home").text
    assert "6А · Первые данные" in home
    assert "Начать урок" in home
    lab = masha.start("data-6a")
    assert lab.status_code == 200
    assert str(lab.url).startswith(masha.server_url("data-6a"))
    kernel = masha.new_kernel("data-6a")
    assert masha.run("data-6a", kernel, "print(5 * 4)") == "20\n"
    where = masha.run("data-6a", kernel, "import os; print(os.getcwd(), os.getuid())")
    assert where == "/home/pupil/data-6a 1000\n"


def test_wrong_words_are_refused_in_the_childs_language(visitor: Arrive) -> None:
    answer = visitor("petya").sign_in("не те слова")
    assert answer.status_code == 403
    assert "Имя или слова не подошли" in answer.text


def test_a_server_for_a_class_that_is_not_ones_own_is_refused(signed_in: Arrive) -> None:
    answer = signed_in("petya").start("robots-5b")
    assert answer.status_code == 403
    assert "нет в твоём списке" in answer.text


def test_the_container_is_locked_down(park: Park, signed_in: Arrive) -> None:
    signed_in("masha").start("data-6a")
    container = park.container("masha", "data-6a")
    host = container["HostConfig"]
    assert container["Image"].startswith("sha256:")
    assert container["Config"]["Image"].startswith("sha256:")
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["ReadonlyRootfs"] is True
    assert host["Memory"] == host["MemorySwap"] == 1 << 30
    assert host["PidsLimit"] == 256
    assert host["CpuQuota"] == host["CpuPeriod"]
    assert host["Ulimits"] == [{"Name": "nofile", "Hard": 4096, "Soft": 4096}]
    assert not [bind for bind in host["Binds"] if "docker.sock" in bind]
    home = park.settings.homes / "masha"
    assert (home.stat().st_uid, home.stat().st_mode & 0o777) == (1000, 0o700)


_ATTEMPTS = """
import json, socket
from concurrent.futures import ThreadPoolExecutor
def reaches(place):
    try:
        socket.create_connection(place, 3).close()
        return True
    except OSError:
        return False
def writes(path):
    try:
        open(path, "w").close()
        return True
    except OSError:
        return False
def finds(name):
    try:
        return bool(socket.getaddrinfo(name, 443))
    except OSError:
        return False
places = {
    "hub": (HOST, HUB), "exchange": (HOST, EXCHANGE), "broker": (HOST, BROKER),
    "portal": (HOST, PORTAL), "web": (HOST, WEB), "proxy api": (HOST, PROXY_API), "ssh": (HOST, 22),
    "neighbour": (NEIGHBOUR, 8888), "world": ("192.0.2.10", 443),
}
with ThreadPoolExecutor() as pool:
    reached = dict(zip(places, pool.map(reaches, places.values())))
print(json.dumps({
    **reached, "names": finds("example.org"),
    "writes /etc": writes("/etc/x"), "writes /opt": writes("/opt/server/x"),
    "writes /course": writes("/course/x"), "writes home": writes("/home/pupil/data-6a/x"),
    "writes /tmp": writes("/tmp/x"),
}))
"""


def test_a_server_reaches_the_hub_and_the_services_and_nothing_else(
    park: Park, signed_in: Arrive
) -> None:
    masha, petya = signed_in("masha"), signed_in("petya")
    masha.start("data-6a")
    petya.start("data-6a")
    network = park.settings.network.name
    networks = park.container("petya", "data-6a")["NetworkSettings"]["Networks"]
    values = {
        "HOST": networks[network]["Gateway"],
        "NEIGHBOUR": networks[network]["IPAddress"],
        "HUB": park.settings.ports.hub,
        "EXCHANGE": park.settings.exchange.port,
        "BROKER": park.settings.ports.broker,
        "PORTAL": park.settings.ports.portal,
        "WEB": park.settings.web.listen_port,
        "PROXY_API": park.settings.ports.proxy_api,
    }
    code = "\n".join(f"{name} = {value!r}" for name, value in values.items()) + _ATTEMPTS
    found = json.loads(masha.run("data-6a", masha.new_kernel("data-6a"), code))
    may = {name for name, succeeded in found.items() if succeeded}
    assert may == {"hub", "exchange", "broker", "portal", "writes home", "writes /tmp"}


def test_a_lesson_in_two_languages(visitor: Arrive) -> None:
    guest = visitor("masha")
    assert "Твоё имя" in guest.http.get("/hub/login").text
    guest.http.get("/hub/language/en")
    assert "Your name" in guest.http.get("/hub/login").text
