"""The log of sign-ins, and `technopark signins`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer import Typer
from typer.testing import CliRunner

from technopark import settings as settings_module
from technopark.cli.signins import signins
from technopark.people.sign_ins import name_or_pseudonym, note_sign_in, sign_ins
from technopark.settings import Database, Settings
from technopark.store import SignInEnd, SignInRecord, Store

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
KEY = b"a secret of the hub"


def came(
    store: Store, name: str, ended: SignInEnd = SignInEnd.IN, at: datetime = NOW, days: int = 90
) -> None:
    with store.write() as session:
        address = "198.51.100.7"
        line = SignInRecord(at=at, name=name, way="words", address=address, ended=ended)
        note_sign_in(session, line, days)


def names(store: Store, name: str | None = None) -> list[str]:
    with store.read() as session:
        return [each.name for each in sign_ins(session, LONG_AGO, name)]


def test_the_newest_is_first_and_one_name_can_be_asked_for(store: Store) -> None:
    came(store, "masha", at=NOW)
    came(store, "petya", at=NOW + timedelta(minutes=1))
    assert names(store) == ["petya", "masha"]
    assert names(store, "masha") == ["masha"]


def test_old_lines_go_by_the_rule(store: Store) -> None:
    came(store, "masha", at=NOW - timedelta(days=30, seconds=1))
    came(store, "petya", at=NOW - timedelta(days=29))
    came(store, "lena", days=30)
    assert names(store) == ["lena", "petya"]


def test_who_is_refused_again_and_again_fills_no_disk(store: Store) -> None:
    for second in range(90):
        came(store, "masha", SignInEnd.NAME_WAITS, NOW + timedelta(seconds=second))
    assert names(store) == ["masha", "masha"]


def test_words_typed_into_the_wrong_field_are_nowhere(park: Store) -> None:
    with park.read() as session:
        assert name_or_pseudonym(session, "masha", KEY) == "masha"
        typed = name_or_pseudonym(session, "ezhik-luna-zamok", KEY)
        assert typed == name_or_pseudonym(session, "ezhik-luna-zamok", KEY)
        assert typed != name_or_pseudonym(session, "ezhik-luna-zamok", b"another hub")
    assert typed.startswith("unknown-")
    assert "luna" not in typed


def test_an_admin_reads_it(
    park: Store, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = "" if database_url.startswith("sqlite") else database_url
    settings = Settings(data=tmp_path, database=Database(url=SecretStr(outer)))
    monkeypatch.setattr(settings_module, "load", lambda: settings)
    came(park, "petya", at=NOW)
    came(park, "masha", SignInEnd.WRONG, at=NOW + timedelta(minutes=1))
    app = Typer()
    app.command()(signins)

    def told(*words: str) -> list[str]:
        return CliRunner().invoke(app, list(words)).output.splitlines()

    assert [line.split()[:3] for line in told("--since", "2026-09-01")] == [
        ["2026-09-01", "12:00:00", "petya"],
        ["2026-09-01", "12:01:00", "masha"],
    ]
    [line] = told("--since", "2026-09-01", "--name", "Маша")
    assert line.endswith("wrong name, words or card")
    assert "90 days" in told("--since", "2026-09-02")[0]
