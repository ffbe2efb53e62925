"""Which of the park's processes are restarted by a second `up`."""

import pytest
from pydantic import SecretStr

from technopark.front import nginx, ways
from technopark.machine.processes import PROCESSES, fingerprint, process
from technopark.machine.secrets import ensure_secrets
from technopark.settings import Database, Servers, Settings, Web


def fingerprints(settings: Settings) -> dict[str, str]:
    secrets = ensure_secrets(settings)
    return {name: fingerprint(name, settings, secrets, "10.77.0.1") for name in PROCESSES}


def with_password(settings: Settings, password: str) -> Settings:
    database = Database(url=SecretStr(f"postgresql://park:{password}@db/park"))
    return settings.model_copy(update={"database": database})


def test_nothing_is_restarted_where_nothing_changed(settings: Settings) -> None:
    assert fingerprints(settings) == fingerprints(settings)


def test_the_proxy_runs_on_when_a_limit_changes(settings: Settings) -> None:
    changed = settings.model_copy(update={"servers": Servers(memory=2 << 30)})
    before, after = fingerprints(settings), fingerprints(changed)
    assert before["proxy"] == after["proxy"]
    assert before["hub"] != after["hub"]


def test_another_password_of_the_database_restarts_who_uses_it(settings: Settings) -> None:
    before = fingerprints(with_password(settings, "old"))
    after = fingerprints(with_password(settings, "new"))
    assert before["hub"] != after["hub"]
    assert before["exchange"] != after["exchange"]


def test_the_proxy_never_takes_the_port_of_https_without_a_certificate(settings: Settings) -> None:
    web = Web(address="https://park.example", port=8100)
    behind = settings.model_copy(update={"web": web})
    words = process("proxy", behind, ensure_secrets(settings), "10.77.0.1").words
    assert "--port=8100" in words


@pytest.fixture
def behind_nginx(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a park with nginx in front, wherever this runs."""
    monkeypatch.setattr(ways, "nginx_program", lambda: "/usr/sbin/nginx")
    ways.decide(settings)
    nginx.write_configuration(settings, settings.data / "error.html")
    return settings


def test_behind_nginx_the_proxy_has_no_port_of_its_own(behind_nginx: Settings) -> None:
    made = process("proxy", behind_nginx, ensure_secrets(behind_nginx), "10.77.0.1")
    assert f"--socket={ways.proxy_socket(behind_nginx)}" in made.words
    assert made.socket == ways.proxy_socket(behind_nginx)
    assert [word for word in made.words if word.startswith(("--port", "--ip"))] == []


def test_nginx_runs_on_when_a_limit_changes(behind_nginx: Settings) -> None:
    before = fingerprints(behind_nginx)
    changed = behind_nginx.model_copy(update={"servers": Servers(memory=2 << 30)})
    assert fingerprints(changed)["front"] == before["front"]
    moved = behind_nginx.model_copy(update={"web": Web(address="http://park.example:8100")})
    nginx.write_configuration(moved, moved.data / "error.html")
    assert fingerprints(moved)["front"] != before["front"]
