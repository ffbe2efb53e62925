"""Which of the park's processes are restarted by a second `up`."""

from pydantic import SecretStr

from technopark.machine.processes import PROCESSES, fingerprint
from technopark.machine.secrets import ensure_secrets
from technopark.settings import Database, Servers, Settings


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
