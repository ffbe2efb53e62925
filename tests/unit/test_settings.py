"""The settings file: a mistake in it is one line with file, line and what was expected."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from technopark.settings import SOURCE, Settings, load
from technopark.yamlfile import FileError

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a settings file whose sites and courses exist."""
    (tmp_path / "sites.yaml").write_text("sites: []\n")
    (tmp_path / "courses").mkdir()

    def put(text: str) -> Path:
        path = tmp_path / "technopark.yaml"
        path.write_text("courses: courses\n" + text, encoding="utf-8")
        return path

    return put


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("sever: 1\n", 2, "sever: there is no such setting"),
        ("web:\n  adress: x\n", 3, "web.adress: there is no such setting"),
        ("servers:\n  memory: much\n", 3, "servers.memory: expected a size such as 512M or 1G"),
        ("servers:\n  cpu: 0\n", 3, "servers.cpu: input should be greater than 0, not 0"),
        ("web: {address: localhost}\n", 2, "web.address: expected an address such as http://"),
        (
            "web: {address: 'https://park.example', port: 443}\n",
            2,
            "web: port 443 of the https `address` belongs to the front with the certificate",
        ),
        (
            "web: {address: 'https://park.example:8000'}\n",
            2,
            "web: port 8000 of the https `address` belongs to the front.*name another `port`",
        ),
        ("timezone: Moscow\n", 2, "timezone: expected a time zone such as Europe/Moscow"),
        ("language: de\n", 2, "language: input should be 'ru' or 'en', not 'de'"),
        ("network:\n  name: Technopark!\n", 3, "network.name: string should match pattern"),
        ("database:\n  url: mysql://x\n", 3, "database.url: expected postgresql://user:password"),
        (
            "signin:\n  openid: {issuer: 'https://sso.example'}\n",
            3,
            "signin.openid: issuer is given; expected client_id too",
        ),
        (
            "signin:\n  openid: {client_id: park}\n",
            3,
            "signin.openid: client_id is given; expected issuer too",
        ),
        (
            "signin:\n  openid: {issuer: 'http://sso.example', client_id: park}\n",
            3,
            "signin.openid.issuer: expected an address such as https://sso.example",
        ),
        (
            "signin:\n  openid:\n    claims: {subject: email}\n",
            4,
            "signin.openid.claims.subject: 'email' can change hands",
        ),
        (
            "signin:\n  openid: {scopes: [profile]}\n",
            3,
            "signin.openid.scopes: expected openid among the scopes",
        ),
        (
            "signin:\n  openid:\n    claims:\n      site: {claim: school, values: {6: x}}\n",
            5,
            'signin.openid.claims.site.values: expected values of the claim in quotes, such as "6"',
        ),
        (
            "signin:\n  openid:\n    claims:\n      classrooms: {claim: class}\n",
            4,
            "signin.openid.claims: classrooms has a claim; expected classrooms.values",
        ),
        (
            "signin:\n  openid:\n    claims:\n"
            "      roles: {claim: g, values: {a: {role: chief}}}\n",
            5,
            "signin.openid.claims.roles.values.a.role: input should be 'author'",
        ),
        (
            "signin:\n  openid:\n    claims:\n"
            "      roles: {claim: g, values: {a: {role: author, site: x}}}\n",
            5,
            "signin.openid.claims.roles.values.a: only an admin is of a site",
        ),
        (
            "signin:\n  openid:\n    claims:\n"
            "      site: {claim: school, values: {'6': school-6}}\n",
            5,
            "signin.openid.claims.site.values.6: there is no site 'school-6' in ",
        ),
        (
            "signin:\n  openid: {client_secret: abc}\n",
            3,
            "signin.openid.client_secret: there is no such setting",
        ),
        ("sites: nowhere.yaml\n", 2, "sites: there is no .*nowhere.yaml"),
        ("demo: nowhere.yaml\n", 2, "demo: there is no .*nowhere.yaml"),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(
    write: Write, text: str, line: int, expected: str
) -> None:
    path = write(text)
    with pytest.raises(FileError) as told:
        load(path)
    assert re.match(rf"{path}:{line}: {expected}", str(told.value))
    assert len(str(told.value).splitlines()) == 1


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    with pytest.raises(FileError) as told:
        load(write("language: de\nservers:\n  pids: few\n"))
    assert [line.split(": ")[1] for line in str(told.value).splitlines()] == [
        "language",
        "servers.pids",
    ]


def test_paths_are_those_of_the_file_that_names_them(write: Write, tmp_path: Path) -> None:
    settings = load(write("data: state\n"))
    assert settings.data == tmp_path / "state"
    assert settings.sites == tmp_path / "sites.yaml"


def test_sizes_are_powers_of_1024(write: Write) -> None:
    assert load(write("servers:\n  memory: 1.5G\n")).servers.memory == 1.5 * (1 << 30)


def test_a_park_without_a_name_of_its_own_has_no_subdomains(write: Write) -> None:
    assert load(write("web: {address: 'https://park.example'}\n")).web.has_subdomains
    assert not load(write("web: {address: 'http://10.1.2.3:8000'}\n")).web.has_subdomains
    with pytest.raises(FileError, match="an IP address has none"):
        load(write("web: {address: 'http://10.1.2.3:8000', subdomains: true}\n"))


@pytest.mark.parametrize(
    ("web", "listens"),
    [
        ("{address: 'http://park.example'}", 80),
        ("{address: 'http://park.example:8000'}", 8000),
        ("{address: 'http://park.example', port: 8100}", 8100),
        ("{address: 'https://park.example'}", 8000),
        ("{address: 'https://park.example', port: 8100}", 8100),
        ("{address: 'https://park.example:8443'}", 8000),
    ],
)
def test_https_is_left_to_the_front(write: Write, web: str, listens: int) -> None:
    assert load(write(f"web: {web}\n")).web.listen_port == listens


def test_a_registry_is_named_so_that_no_engine_takes_it_for_the_public_one(write: Write) -> None:
    for address in ("10.0.0.5:5000", "images.park.example", "city:5000"):
        assert load(write(f"registry: {{address: '{address}'}}\n")).registry.address == address
    for address in ("city", "https://city:5000", "city:5000/technopark"):
        with pytest.raises(FileError, match=r"registry\.address: .*such as 10\.0\.0\.5:5000"):
            load(write(f"registry: {{address: '{address}'}}\n"))


def test_the_projects_own_settings_are_right_and_annotated() -> None:
    path = SOURCE / "config" / "technopark.yaml"
    assert load(path).demo is not None
    Draft202012Validator(Settings.model_json_schema()).validate(yaml.safe_load(path.read_text()))
