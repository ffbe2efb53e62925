"""A person's traces in the park's files: home, grading homes, lists of passphrases, logs.

Called by `deletion`; each function can be repeated. Homes are written by pupils and teachers, so
folders are walked by open descriptors, and no link of theirs leads out (`os.fwalk`, O_NOFOLLOW).
"""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from technopark.path import shelf
from technopark.people.rights import GRADING_PREFIX
from technopark.safety import gradebooks
from technopark.safety.masks import Mask, cover, read_all, without_lines
from technopark.settings import Settings

_LARGEST = 64 << 20
"""Bytes of a file of a grading home that is searched: no list of a class is so long."""
_LISTS = (".csv", ".yaml", ".yml", ".tsv")
"""Files of which whole lines go: what else stands on such a line is the person's, too."""
_JOURNALS = (".jsonl", ".log")
"""Files that are written to their end, in which names are covered."""
_COURSE = {"source", "release"}
"""nbgrader's folders of assignments: a word in them that is called like a pupil is no pupil."""
_WORKS = {"submitted", "autograded", "feedback"}
"""nbgrader's folders with a folder of each pupil; what is in the others' is theirs."""


def size(folder: Path) -> tuple[int, int]:
    """Files and bytes below a folder; none where there is none."""
    files = total = 0
    for _, _, names, descriptor in _walk(folder):
        for name in names:
            files += 1
            total += os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_size
    return files, total


def home(settings: Settings, name: str) -> Path:
    """The person's home."""
    return settings.homes / name


def remove_home(settings: Settings, name: str) -> tuple[int, int]:
    """Removes the home; how many files and bytes it had."""
    folder = home(settings, name)
    had = size(folder)
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    return had


def remove_shown(settings: Settings, name: str) -> tuple[int, int]:
    """Removes the works that the person shows; how many files and bytes they had."""
    had = size(shelf.folder_of(settings, name))
    shelf.remove_all(settings, name)
    return had


def grading_homes(settings: Settings) -> list[Path]:
    """Homes of all classrooms' grading users, of classes long closed as well."""
    return sorted(settings.homes.glob(f"{GRADING_PREFIX}*"))


def clean_grading_home(folder: Path, mask: Mask) -> dict[str, int]:
    """Takes a pupil out of a classroom's gradebook, folders, lists and journals.

    Returns:
        Counts of `rows` of gradebooks, `files` that were removed, and `lines` and names changed.

    Raises:
        sqlite3.OperationalError: the gradebook is busy all the time.
    """
    counts = {"rows": 0, "files": 0, "lines": 0}
    for place, folders, names, descriptor in _walk(folder):
        parts = set(Path(place).relative_to(folder).parts)
        if mask.name in folders and not parts & _COURSE:
            folders.remove(mask.name)  # not walked into
            if stat.S_ISLNK(os.lstat(mask.name, dir_fd=descriptor).st_mode):
                os.unlink(mask.name, dir_fd=descriptor)
            else:
                counts["files"] += size(Path(place, mask.name))[0]
                shutil.rmtree(mask.name, dir_fd=descriptor)
        for name in names:
            kind = _kind(descriptor, name)
            if parts & (_COURSE | _WORKS) and kind != "database":
                continue
            if kind == "database":
                counts["rows"] += gradebooks.forget_student(Path(place, name), mask.name)
            elif kind == "list":
                counts["lines"] += _drop_lines(descriptor, name, mask)
            elif kind == "journal":
                counts["lines"] += cover(descriptor, name, mask)
    return counts


def clean_lists(settings: Settings, mask: Mask) -> int:
    """Takes the person off the lists of passphrases; how many lists had them."""
    changed = 0
    for _, _, names, descriptor in _walk(settings.data / "secrets"):
        for name in names:
            if name.endswith(_LISTS):
                changed += _drop_lines(descriptor, name, mask)
    return changed


def cover_logs(settings: Settings, mask: Mask) -> int:
    """Covers names in the logs of all processes, older ones too; how many there were."""
    return sum(
        cover(descriptor, name, mask)
        for _, _, names, descriptor in _walk(settings.data / "logs")
        for name in names
        if _is_file(os.stat(name, dir_fd=descriptor, follow_symlinks=False))
    )


def _kind(folder: int, name: str) -> str:
    """What is to be done with a file of a grading home; empty: nothing."""
    if name.endswith(("-wal", "-shm", "-journal")):
        return ""  # a part of the database beside it
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not _is_file(found) or found.st_size > _LARGEST:
        return ""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    try:
        if gradebooks.is_database(os.read(descriptor, 16)):
            return "database"
    finally:
        os.close(descriptor)
    if name.endswith(_LISTS):
        return "list"
    return "journal" if name.endswith(_JOURNALS) else ""


def _drop_lines(folder: int, name: str, mask: Mask) -> int:
    """Writes a list anew without the person's lines; 1 where it changed."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    try:
        content, before = read_all(descriptor), os.fstat(descriptor)
    finally:
        os.close(descriptor)
    kept = without_lines(content, mask)
    if kept == content:
        return 0
    draft = f".{os.getpid()}.safety"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    descriptor = os.open(draft, flags, stat.S_IMODE(before.st_mode), dir_fd=folder)
    try:
        os.fchown(descriptor, before.st_uid, before.st_gid)
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(kept)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    return 1


def _is_file(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _walk(folder: Path) -> Iterator[tuple[str, list[str], list[str], int]]:
    return os.fwalk(folder, follow_symlinks=False) if folder.is_dir() else iter(())
