"""What is sent gets into the pupil's own folder and nowhere else, whatever a pupil puts there."""

import os
from pathlib import Path

import pytest

from technopark.engine import containers
from technopark.people import homes
from technopark.sending import folder
from technopark.sending.folder import NotReachedError, Why, put
from technopark.sending.parcel import Parcel
from technopark.settings import Settings

WAY = ("data-6a", "от учителя")
HINT = Parcel("подсказка.md", "Проверь отступы".encode())

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="homes are given to pupils by root")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def room(settings: Settings) -> Path:
    """The classroom's folder of a pupil who was there already."""
    made = homes.ensure_home(settings, "masha") / "data-6a"
    made.mkdir()
    os.chown(made, homes.PUPIL, homes.PUPIL)
    return made


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """A folder that is none of the pupil's business."""
    made = tmp_path / "others"
    made.mkdir()
    return made


def test_it_arrives_where_no_server_ever_ran_and_belongs_to_the_pupil(settings: Settings) -> None:
    assert put(settings, "masha", WAY, HINT) == "подсказка.md"
    home = settings.homes / "masha"
    assert home.stat().st_mode & 0o777 == 0o700
    for path in (home, home / WAY[0], home.joinpath(*WAY), home.joinpath(*WAY, HINT.name)):
        assert (path.stat().st_uid, path.stat().st_gid) == (homes.PUPIL, homes.PUPIL)
    assert home.joinpath(*WAY, HINT.name).read_bytes() == HINT.content


def test_a_file_that_is_there_is_never_overwritten(settings: Settings, room: Path) -> None:
    sent = room / "от учителя"
    sent.mkdir()
    (sent / HINT.name).write_text("моё", "utf-8")
    (sent / "подсказка (2).md").symlink_to("nowhere")
    assert put(settings, "masha", WAY, HINT) == "подсказка (3).md"
    assert (sent / HINT.name).read_text("utf-8") == "моё"
    assert sorted(one.name for one in sent.iterdir()) == sorted(
        [HINT.name, "подсказка (2).md", "подсказка (3).md"]
    ), "and no draft is left"


@pytest.mark.parametrize("which", [0, 1], ids=WAY)
def test_a_link_in_place_of_a_folder_leads_nowhere(
    settings: Settings, room: Path, others: Path, which: int
) -> None:
    if which == 0:
        room.rmdir()
        room.symlink_to(others)
    else:
        (room / WAY[1]).symlink_to(others)
    with pytest.raises(NotReachedError) as problem:
        put(settings, "masha", WAY, HINT)
    assert problem.value.why is Why.IN_THE_WAY
    assert list(others.iterdir()) == []


def test_a_link_in_place_of_the_file_is_not_written_through(
    settings: Settings, room: Path, others: Path
) -> None:
    (room / WAY[1]).mkdir()
    target = others / "passwd"
    target.write_text("root", "utf-8")
    (room / WAY[1] / HINT.name).symlink_to(target)
    assert put(settings, "masha", WAY, HINT) == "подсказка (2).md"
    assert target.read_text("utf-8") == "root"
    assert target.stat().st_uid == 0


def test_a_pipe_or_a_file_in_place_of_a_folder_holds_nobody_up(
    settings: Settings, room: Path
) -> None:
    os.mkfifo(room / WAY[1])
    with pytest.raises(NotReachedError) as problem:
        put(settings, "masha", WAY, HINT)
    assert problem.value.why is Why.IN_THE_WAY


def test_what_the_pupil_swaps_in_meanwhile_is_not_given_away(
    settings: Settings, room: Path, others: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pupil who is quick puts a link where the folder was just made."""
    make = os.mkdir

    def swapped(name: str, mode: int, *, dir_fd: int | None = None) -> None:
        make(name, mode, dir_fd=dir_fd)
        if dir_fd is not None:
            os.rmdir(name, dir_fd=dir_fd)
            os.symlink(others, name, dir_fd=dir_fd)

    monkeypatch.setattr(folder.os, "mkdir", swapped)
    with pytest.raises(NotReachedError):
        put(settings, "masha", WAY, HINT)
    assert list(others.iterdir()) == []
    assert others.stat().st_uid == 0


def test_a_full_disk_is_told_and_nothing_is_left(
    settings: Settings, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "_SPARE", 1 << 60)
    with pytest.raises(NotReachedError) as problem:
        put(settings, "masha", WAY, HINT)
    assert problem.value.why is Why.FULL
    assert list((room / WAY[1]).iterdir()) == []


def test_a_folder_that_nobody_could_look_through_gets_no_more(
    settings: Settings, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del room
    monkeypatch.setattr(folder, "_MOST_FILES", 2)
    put(settings, "masha", WAY, HINT)
    put(settings, "masha", WAY, HINT)
    with pytest.raises(NotReachedError) as problem:
        put(settings, "masha", WAY, HINT)
    assert problem.value.why is Why.FULL


def test_homes_belong_to_the_user_that_servers_run_as() -> None:
    assert homes.PUPIL == containers.PUPIL
