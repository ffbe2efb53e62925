"""Puts a file into a pupil's folder, where a hostile pupil may have put links, pipes or nothing.

Called by `send`. Each folder on the way is opened from the one above and no link is followed; a
file that is there is never written to. What is made belongs to the pupil.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

from technopark.people.homes import PUPIL, ensure_home
from technopark.sending.parcel import Parcel, another_name
from technopark.settings import Settings

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_MOST_FILES = 300
"""Files in the folder of what was sent; more are nothing that anybody would look through."""
_MOST_NAMES = 100
_SPARE = 256 << 20
"""Bytes of the disk that are left free: quotas may not hold for who writes this."""


class Why(StrEnum):
    """Why something did not get into a folder."""

    IN_THE_WAY = "in-the-way"
    """The pupil has something else where the folder belongs."""
    FULL = "full"
    """Disk or quota are full, or the folder has too many files."""
    BROKEN = "broken"
    """Something that only an admin can mend."""


class NotReachedError(Exception):
    """It did not get there; nothing is left behind."""

    def __init__(self, why: Why, said: str) -> None:
        self.why = why
        super().__init__(said)


def put(settings: Settings, pupil: str, way: tuple[str, ...], parcel: Parcel) -> str:
    """Puts `parcel` into a folder of the pupil's home.

    Args:
        settings: where homes are.
        pupil: the sign-in name.
        way: the folders from the home to it; those that are missing are made.
        parcel: what to put there.

    Returns:
        The name that the file has there: another one where its own was taken.

    Raises:
        NotReachedError: it is not there.
    """
    try:
        home = ensure_home(settings, pupil)
        with _opened(os.open(home, _OPEN)) as first:
            return _walk(first, way, parcel)
    except OSError as error:
        raise NotReachedError(_why(error), f"{pupil}: {error}") from error


def _walk(folder: int, way: tuple[str, ...], parcel: Parcel) -> str:
    if not way:
        return _put(folder, parcel)
    with suppress(FileExistsError):
        os.mkdir(way[0], 0o755, dir_fd=folder)
        with _opened(os.open(way[0], _OPEN, dir_fd=folder)) as made:
            _give(made)
    with _opened(os.open(way[0], _OPEN, dir_fd=folder)) as inner:
        return _walk(inner, way[1:], parcel)


def _put(folder: int, parcel: Parcel) -> str:
    disk = os.fstatvfs(folder)
    if disk.f_bavail * disk.f_frsize < len(parcel.content) + _SPARE:
        raise OSError(errno.ENOSPC, "the disk of the homes is nearly full")
    if len(os.listdir(folder)) >= _MOST_FILES:
        raise OSError(errno.EDQUOT, "too many files were sent there")
    draft = f".{secrets.token_hex(8)}.part"
    try:
        with os.fdopen(os.open(draft, _MAKE, 0o644, dir_fd=folder), "wb") as file:
            _give(file.fileno())
            file.write(parcel.content)
        # A link is made only where nothing has that name, which a rename would not look at.
        return _link(folder, draft, parcel.name)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=folder)


def _link(folder: int, draft: str, name: str) -> str:
    for number in range(1, _MOST_NAMES + 1):
        tried = name if number == 1 else another_name(name, number)
        with suppress(FileExistsError):
            os.link(draft, tried, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
            return tried
    raise OSError(errno.EDQUOT, "all names like this one are taken")


def _give(descriptor: int) -> None:
    """Lets the pupil own it, and count it towards a quota."""
    if os.fstat(descriptor).st_uid != PUPIL:
        os.fchown(descriptor, PUPIL, PUPIL)


def _why(error: OSError) -> Why:
    if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.ENOENT):
        return Why.IN_THE_WAY
    return Why.FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else Why.BROKEN


@contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)
