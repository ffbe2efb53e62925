"""A pupil's server notices what a teacher has sent, once."""

from pathlib import Path

import pytest

from technopark_server.live.mail import FOLDERS, Mail


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / FOLDERS[0]
    made.mkdir()
    return made


def test_what_comes_is_news_once(tmp_path: Path, folder: Path) -> None:
    (folder / "old.md").touch()
    mail = Mail(tmp_path)
    assert mail.new() == []
    (folder / ".draft.part").touch()
    (folder / "hint.md").touch()
    assert mail.new() == [f"{FOLDERS[0]}/hint.md"]
    assert mail.new() == []


def test_the_folder_may_come_later_and_go(tmp_path: Path) -> None:
    mail = Mail(tmp_path)
    assert mail.new() == []
    made = tmp_path / FOLDERS[1]
    made.mkdir()
    (made / "plan.csv").touch()
    assert mail.new() == [f"{FOLDERS[1]}/plan.csv"]
    (made / "plan.csv").unlink()
    made.rmdir()
    assert mail.new() == []


def test_something_else_in_its_place_is_no_news(tmp_path: Path) -> None:
    (tmp_path / FOLDERS[0]).write_text("a file", "utf-8")
    assert Mail(tmp_path).new() == []
