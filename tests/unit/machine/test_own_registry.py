"""The park's own registry: what `up` makes for it, and Debian's program with that."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from support.waiting import eventually

from technopark.bench.own_park import free_ports
from technopark.engine.registry import read_password
from technopark.machine import own_registry
from technopark.machine.processes import fingerprint, process, wanted
from technopark.machine.secrets import ensure_secrets
from technopark.settings import Registry, Settings


@pytest.fixture
def with_registry(settings: Settings) -> Settings:
    own = Registry(own=True, address=f"127.0.0.1:{free_ports(1)[0]}")
    return settings.model_copy(update={"registry": own})


@dataclass(frozen=True)
class Visitor:
    """Somebody who trusts the certificate that nodes are given."""

    settings: Settings

    def status(self, account: str, password: str) -> int:
        trusting = ssl.create_default_context(cafile=own_registry.certificate_file(self.settings))
        answer = httpx.get(
            f"https://{self.settings.registry.address}/v2/",
            auth=(account, password),
            verify=trusting,
            trust_env=False,
        )
        return answer.status_code


@pytest.fixture
def visitor(with_registry: Settings, tmp_path: Path) -> Iterator[Visitor]:
    """The registry runs."""
    own_registry.ensure_registry(with_registry, tmp_path)
    made = process("registry", with_registry, ensure_secrets(with_registry), "10.77.0.1")
    with subprocess.Popen(made.words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ran:
        found = Visitor(with_registry)

        def answers() -> bool:
            with suppress(httpx.ConnectError):
                return found.status("nobody", "") > 0
            return False

        eventually(answers, 20, "the registry")
        yield found
        ran.terminate()


def test_it_lets_in_who_knows_the_password_and_nobody_else(
    visitor: Visitor, with_registry: Settings
) -> None:
    password = read_password(with_registry)
    assert visitor.status("park", password) == httpx.codes.OK
    assert visitor.status("park", "guessed") == httpx.codes.UNAUTHORIZED
    assert visitor.status("nobody", "") == httpx.codes.UNAUTHORIZED


def test_what_is_made_once_stays_and_secrets_are_for_one_pair_of_eyes(
    with_registry: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def made() -> dict[str, bytes]:
        own_registry.ensure_registry(with_registry, tmp_path / "certs.d")
        folder = with_registry.data / "registry"
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    first = made()
    assert "Each node of the Swarm needs it as" in capsys.readouterr().err
    assert made() == first
    assert capsys.readouterr().err == ""
    trusted = tmp_path / "certs.d" / with_registry.registry.address / "ca.crt"
    assert trusted.read_bytes() == first["127.0.0.1.crt"]
    own_registry.forget_registry(with_registry, tmp_path / "certs.d")
    assert list((tmp_path / "certs.d").iterdir()) == []
    for secret in ("registry/127.0.0.1.key", "registry/users", "secrets/registry-password"):
        assert (with_registry.data / secret).stat().st_mode & 0o077 == 0


def test_another_password_is_the_admins_to_choose(with_registry: Settings, tmp_path: Path) -> None:
    own_registry.ensure_registry(with_registry, tmp_path)
    users = with_registry.data / "registry" / "users"
    before = users.read_bytes()
    with_registry.registry_password_file.write_text("another one")
    own_registry.ensure_registry(with_registry, tmp_path)
    assert users.read_bytes() != before


def test_only_who_asks_for_one_has_one(
    settings: Settings, with_registry: Settings, tmp_path: Path
) -> None:
    own_registry.ensure_registry(settings, tmp_path)
    assert "registry" not in wanted(settings)
    assert not (settings.data / "registry").exists()
    assert wanted(with_registry)[-1] == "registry"


def test_a_new_certificate_restarts_it(with_registry: Settings, tmp_path: Path) -> None:
    secrets = ensure_secrets(with_registry)
    own_registry.ensure_registry(with_registry, tmp_path)
    before = fingerprint("registry", with_registry, secrets, "10.77.0.1")
    own_registry.ensure_registry(with_registry, tmp_path)
    assert fingerprint("registry", with_registry, secrets, "10.77.0.1") == before
    own_registry.certificate_file(with_registry).unlink()
    own_registry.ensure_registry(with_registry, tmp_path)
    assert fingerprint("registry", with_registry, secrets, "10.77.0.1") != before
