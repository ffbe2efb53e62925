"""`technopark demo city`: an admin tries a new park with everybody in it."""

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from technopark.made_up import commands
from technopark.people import passphrases
from technopark.settings import Settings
from technopark.store import Person, Store


def call(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.setattr(commands, "load", lambda: settings)
    result = CliRunner().invoke(commands.app, list(arguments))
    return str(result.exception) if result.exception else result.stdout


def test_the_command_says_who_can_sign_in_and_a_second_call_changes_nothing(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = call(settings, monkeypatch, "city", "--scale", "0.02", "--seed", "3")
    with store.read() as session:
        before = session.scalar(select(func.count()).select_from(Person))
        for role in ("admin", "site admin", "teacher", "pupil"):
            (line,) = (one for one in said.splitlines() if one.startswith(f"  {role}  "))
            name, words = line.removeprefix(f"  {role}").split(maxsplit=1)
            kept = session.get_one(Person, name).passphrase_hash
            assert passphrases.matches(words, kept)
        with_words = select(func.count()).where(Person.passphrase_hash.is_not(None))
        assert session.scalar(with_words) == 4  # nobody else was asked for

    again = call(settings, monkeypatch, "city", "--scale", "0.02")
    assert "fits only into an empty park" in again
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == before


def test_a_wrong_scale_is_refused_before_anything_happens(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "load", lambda: settings)
    result = CliRunner().invoke(commands.app, ["city", "--scale", "7"])
    assert result.exit_code == 2
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0
