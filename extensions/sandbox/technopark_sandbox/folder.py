"""The folder in which cells run: files put into it, remembered, and put back.

Called by the keeper while pupils' processes may change the same folder under its hands: every step
goes through an open folder and follows no link.
"""

import base64
import binascii
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 10_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FolderError(Exception):
    """The work folder could not be treated as asked; the text is a sentence that says why."""


@dataclass(frozen=True)
class Kept:
    """A file, folder or link as it was."""

    path: PurePosixPath
    mode: int
    modified: int
    """Nanoseconds."""
    content: bytes | str | None
    """A file's bytes, the target of a link; nothing for a folder."""

    @property
    def size(self) -> int:
        """What it takes to remember it."""
        return len(self.content or "")


class Folder:
    """The work folder of a sandbox."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._fd = os.open(path, _FOLDER)

    def put(self, files: Mapping[str, str]) -> None:
        """Writes files, over others of the same names.

        Args:
            files: base64 by relative path.

        Raises:
            FolderError: a path leads elsewhere, a text is not base64, or there is no room.
        """
        contents = {_inside(name): _decoded(name, text) for name, text in files.items()}
        try:
            for path, content in contents.items():
                with self._opened(path.parent, make=True) as parent:
                    _remove(path.name, parent)
                    _write(path.name, content, 0o644, parent)
        except OSError as error:
            raise FolderError(f"The files could not be put into the work folder: {error}") from None

    def keep(self, room: int = MOST_BYTES) -> list[Kept]:
        """Remembers all files, folders and links; nothing else, such as pipes.

        Args:
            room: bytes that their contents may have together.

        Raises:
            FolderError: there are too many, or they are too large.
        """
        kept: list[Kept] = []
        try:
            for entry in self._entries(room):
                room -= entry.size
                if room < 0 or len(kept) >= MOST_FILES:
                    raise FolderError(
                        f"What is to be kept is more than {MOST_FILES} files or"
                        f" {MOST_BYTES // 2**20} MB in all."
                    )
                kept.append(entry)
        except OSError as error:
            raise FolderError(f"The work folder could not be kept: {error}") from None
        return kept

    def restore(self, kept: list[Kept]) -> None:
        """Makes the folder again what it was when `keep` was called.

        Raises:
            FolderError: it is not there any more, or there is no room.
        """
        try:
            if not os.path.samestat(os.fstat(self._fd), os.lstat(self.path)):
                raise FolderError("Another folder stands in the work folder's place.")
            os.fchmod(self._fd, 0o755)
            for name in os.listdir(self._fd):  # noqa: PTH208  # by number, not by name
                _remove(name, self._fd)
            for entry in kept:
                with self._opened(entry.path.parent, make=False) as parent:
                    _put_back(entry, parent)
            for entry in reversed(kept):  # a folder's rights and time after what is in it
                if entry.content is None:
                    with self._opened(entry.path, make=False) as fd:
                        os.fchmod(fd, entry.mode)
                        os.utime(fd, ns=(entry.modified, entry.modified))
        except OSError as error:
            raise FolderError(f"The work folder could not be put back: {error}") from None

    def _entries(self, room: int) -> Iterator[Kept]:
        os.lseek(self._fd, 0, os.SEEK_SET)
        for top, folders, files, fd in os.fwalk(".", dir_fd=self._fd, onerror=_raise):
            where = PurePosixPath(top)
            for name in (*folders, *files):
                with suppress(FileNotFoundError):
                    entry = _read(name, where / name, fd, room)
                    if entry is not None:
                        yield entry

    @contextmanager
    def _opened(self, path: PurePosixPath, *, make: bool) -> Iterator[int]:
        """A folder below the work folder, reached without following a link."""
        fd = os.dup(self._fd)
        try:
            for part in path.parts:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, 0o755, dir_fd=fd)
                below = os.open(part, _FOLDER, dir_fd=fd)
                os.close(fd)
                fd = below
            yield fd
        finally:
            os.close(fd)


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
        raise FolderError(f"{name!r} is not a relative path inside the work folder.")
    return path


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise FolderError(f"The content of {name!r} is not base64.") from None


def _read(name: str, path: PurePosixPath, fd: int, room: int) -> Kept | None:
    status = os.lstat(name, dir_fd=fd)
    content: bytes | str | None = None
    if stat.S_ISLNK(status.st_mode):
        content = os.readlink(name, dir_fd=fd)
    elif stat.S_ISREG(status.st_mode):
        with open(os.open(name, _READ, dir_fd=fd), "rb") as file:  # noqa: PTH123  # by number
            status = os.fstat(file.fileno())
            content = file.read(room + 1) if stat.S_ISREG(status.st_mode) else b""
    elif not stat.S_ISDIR(status.st_mode):
        return None
    return Kept(path, stat.S_IMODE(status.st_mode), status.st_mtime_ns, content)


def _put_back(entry: Kept, parent: int) -> None:
    name = entry.path.name
    times = (entry.modified, entry.modified)
    if entry.content is None:
        os.mkdir(name, 0o755, dir_fd=parent)
    elif isinstance(entry.content, str):
        os.symlink(entry.content, name, dir_fd=parent)
        os.utime(name, ns=times, dir_fd=parent, follow_symlinks=False)
    else:
        _write(name, entry.content, entry.mode, parent)
        os.utime(name, ns=times, dir_fd=parent, follow_symlinks=False)


def _write(name: str, content: bytes, mode: int, parent: int) -> None:
    with open(os.open(name, _NEW, mode, dir_fd=parent), "wb") as file:  # noqa: PTH123  # by number
        file.write(content)
        os.fchmod(file.fileno(), mode)


def _remove(name: str, parent: int) -> None:
    """Remove whatever has that name, also a folder that was closed to its owner."""
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        _open_up(name, parent)
        shutil.rmtree(name, dir_fd=parent)


def _open_up(name: str, parent: int) -> None:
    with suppress(OSError):
        os.chmod(name, 0o700, dir_fd=parent)
        fd = os.open(name, _FOLDER, dir_fd=parent)
        try:
            for entry in os.scandir(fd):
                if entry.is_dir(follow_symlinks=False):
                    _open_up(entry.name, fd)
        finally:
            os.close(fd)


def _raise(error: OSError) -> None:
    raise error
