"""`technopark person`: an admin saves and deletes all that is one person's."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from technopark.safety import commands
from technopark.store import Person

from .conftest import NAME, Traces, found_in, hub_forgets

Call = Callable[..., str]


@pytest.fixture
def call(traces: Traces, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setattr(commands, "load", lambda: traces.settings)
    monkeypatch.setattr(commands, "_WAIT_SECONDS", 0.0)

    def run(*arguments: str, typed: str = "") -> str:
        result = CliRunner().invoke(commands.app, list(arguments), input=typed)
        return result.output + str(result.exception or "")

    return run


def test_everything_is_saved_for_the_admin_alone(
    call: Call, traces: Traces, tmp_path: Path
) -> None:
    file = tmp_path / "dasha.zip"
    assert "files, all of" in call("export", NAME, str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "park.json" in zipfile.ZipFile(file).namelist()
    assert "cannot be written" in call("export", NAME, str(file)), "none is written over"


def test_another_name_deletes_nobody(call: Call, traces: Traces) -> None:
    said = call("delete", NAME, typed="petya\n")
    assert "2 works that were handed in" in said
    assert "Nothing brings them back but a backup." in said
    assert "nothing was deleted" in said
    with traces.store.read() as session:
        assert session.get_one(Person, NAME).active


def test_the_name_once_more_deletes_and_reports(call: Call, traces: Traces) -> None:
    hub_forgets(traces.settings)
    said = call("delete", NAME, typed=f"{NAME}\n")
    assert "Everything of p" in said
    assert found_in(traces, traces.needles) == set()
    assert "There is nobody called" in call("delete", NAME)


def test_where_the_hub_is_away_it_says_so_and_goes_on_later(call: Call, traces: Traces) -> None:
    assert "Not all is deleted yet: the hub" in call("delete", NAME, "--yes", NAME)
    assert "not yet: the hub" in call("deletions")
    hub_forgets(traces.settings)
    assert "Everything of p" in call("deletions")
    assert call("deletions") == "Nothing waits to be deleted.\n"


def test_a_dry_run_deletes_nothing(call: Call) -> None:
    assert "Left 730 days ago, deleted wholly: 0" in call("retention", "--dry-run")
