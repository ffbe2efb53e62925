"""The work folder: files put in, remembered, put back, whatever lies in it meanwhile."""

import base64
import os
from pathlib import Path

import pytest

from technopark_sandbox import folder as module
from technopark_sandbox.folder import Folder, FolderError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def folder(path: Path) -> Folder:
    made = Folder(path)
    made.put({"task.csv": coded(b"1,2"), "data/deep/more.txt": coded("слово".encode())})
    return made


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def names(path: Path) -> list[str]:
    return sorted(str(entry.relative_to(path)) for entry in path.rglob("*"))


def test_files_are_put_in(folder: Folder, path: Path) -> None:
    assert names(path) == ["data", "data/deep", "data/deep/more.txt", "task.csv"]
    assert (path / "data/deep/more.txt").read_text(encoding="utf-8") == "слово"


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "", ".", "a\0b"])
def test_a_path_that_leads_out_is_refused(folder: Folder, path: Path, name: str) -> None:
    with pytest.raises(FolderError, match="not a relative path inside"):
        folder.put({"fine": coded(b"x"), name: coded(b"x")})
    assert not (path / "fine").exists()


def test_what_is_not_base64_is_refused(folder: Folder) -> None:
    with pytest.raises(FolderError, match="base64"):
        folder.put({"x": "§"})


def test_no_link_is_followed_to_put_a_file(folder: Folder, path: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("kept")
    (path / "away").symlink_to(outside)
    with pytest.raises(FolderError):
        folder.put({"away/new": coded(b"x")})
    (path / "task.csv").unlink()
    (path / "task.csv").symlink_to(outside / "precious")
    folder.put({"task.csv": coded(b"new")})
    assert (path / "task.csv").read_bytes() == b"new"
    assert {entry.name: entry.read_text() for entry in outside.iterdir()} == {"precious": "kept"}


def test_the_folder_becomes_what_it_was(folder: Folder, path: Path) -> None:
    (path / "link").symlink_to("task.csv")
    (path / "program").write_bytes(b"#!")
    (path / "program").chmod(0o755)
    (path / "empty").mkdir(mode=0o750)
    os.utime(path / "data", (5, 5))
    before = [(name, os.lstat(path / name).st_mode) for name in names(path)]
    kept = folder.keep()

    (path / "link").unlink()
    (path / "link").mkdir()
    (path / "link" / "x").write_text("x")
    (path / "link").chmod(0)
    (path / "task.csv").write_text("spoiled")
    (path / "data" / "deep" / "more.txt").unlink()
    os.mkfifo(path / "pipe")
    folder.restore(kept)

    assert [(name, os.lstat(path / name).st_mode) for name in names(path)] == before
    assert (path / "task.csv").read_bytes() == b"1,2"
    assert (path / "link").readlink() == Path("task.csv")
    assert (path / "data").stat().st_mtime == 5


def test_pipes_and_outer_files_are_not_kept(folder: Folder, path: Path) -> None:
    os.mkfifo(path / "pipe")
    (path / "outer").symlink_to("/etc/passwd")
    kept = {str(entry.path): entry.content for entry in folder.keep()}
    assert "pipe" not in kept
    assert kept["outer"] == "/etc/passwd"


def test_too_much_is_not_kept(folder: Folder, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(FolderError, match="MB"):
        folder.keep()
    (path / "sparse").unlink()
    monkeypatch.setattr(module, "MOST_FILES", 3)
    with pytest.raises(FolderError, match="files"):
        folder.keep()


def test_another_folder_in_its_place_is_not_touched(
    folder: Folder, path: Path, tmp_path: Path
) -> None:
    kept = folder.keep()
    path.rename(tmp_path / "moved")
    path.mkdir()
    (path / "precious").touch()
    with pytest.raises(FolderError, match="place"):
        folder.restore(kept)
    path.joinpath("precious").unlink()
    path.rmdir()
    with pytest.raises(FolderError):
        folder.restore(kept)
    assert (tmp_path / "moved" / "task.csv").exists()
