"""`technopark roster`: an admin takes somebody out of a class, and replaces a lost card."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner

from technopark.people import changes, commands, passphrases
from technopark.settings import Database, Settings
from technopark.store import Membership, Person, Store

Call = Callable[..., str]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    outer = "" if database_url.startswith("sqlite") else database_url
    return Settings(data=tmp_path, database=Database(url=SecretStr(outer)))


@pytest.fixture
def call(park: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setattr(commands, "load", lambda: settings)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(commands.app, list(arguments))
        return str(result.exception) if result.exception else result.output

    return run


def rooms(store: Store, name: str) -> set[str]:
    query = select(Membership.classroom_id).where(Membership.person_name == name)
    with store.read() as session:
        return set(session.scalars(query))


def revision(store: Store) -> int:
    with store.read() as session:
        return changes.revision(session)


def opens(store: Store, name: str, words: str) -> bool:
    """Whether `name` may sign in with `words`."""
    with store.read() as session:
        return passphrases.matches(words, session.get_one(Person, name).passphrase_hash)


def words_in(said: str) -> str:
    return said.splitlines()[0].partition(": ")[2]


def test_who_is_removed_leaves_one_class_and_the_hub_notices(park: Store, call: Call) -> None:
    before = revision(park)
    said = call("remove", "masha", "data-6a")
    assert said.startswith("masha (Masha) is no longer in data-6a;")
    assert "work handed in and marks are kept" in said
    assert rooms(park, "masha") == {"robots-5b"}
    assert revision(park) > before


@pytest.mark.parametrize(
    ("name", "classroom", "expected"),
    [
        ("nobody", "data-6a", "There is nobody called 'nobody' in the park."),
        ("masha", "data-6z", "There is no classroom 'data-6z'."),
        ("petya", "robots-5b", "petya (Petya) is not in robots-5b, but in data-6a."),
        ("writer", "data-6a", "writer (Writer) is not in data-6a, but in no classroom."),
    ],
)
def test_who_cannot_be_removed_is_told_in_plain_words(
    park: Store, call: Call, name: str, classroom: str, expected: str
) -> None:
    before = revision(park)
    assert call("remove", name, classroom).startswith(expected)
    assert revision(park) == before


def test_a_lost_card_opens_nothing_any_more(park: Store, call: Call) -> None:
    lost = words_in(call("words", "masha"))
    before = revision(park)
    new = words_in(call("words", "Маша"))
    assert opens(park, "masha", new)
    assert not opens(park, "masha", lost)
    assert revision(park) > before


def test_new_words_of_a_demo_person_outlast_the_next_start(settings: Settings, call: Call) -> None:
    kept = settings.data / "secrets" / "demo.yaml"
    kept.parent.mkdir()
    kept.write_text(yaml.safe_dump({"masha": "a b c", "lena": "d e f"}), encoding="utf-8")
    new = words_in(call("words", "masha"))
    call("words", "petya")
    assert yaml.safe_load(kept.read_text("utf-8")) == {"masha": new, "lena": "d e f"}


def test_new_words_for_nobody_are_refused(call: Call) -> None:
    assert call("words", "nobody").startswith("There is nobody called 'nobody' in the park.")
