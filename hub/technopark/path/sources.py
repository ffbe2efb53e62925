"""What a pupil may choose to show: notebooks that were handed in, and those of the own home.

Called by the portal. It reads and never writes. Homes are written by pupils: no link in one leads
out of it, and what is read is a plain file.
"""

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.exchange.content import ContentStore
from technopark.path.limits import MOST_NOTEBOOK_BYTES
from technopark.people.refused import Refused
from technopark.settings import Settings
from technopark.store import Submission

MOST = 60
"""Notebooks of each place in the list, the newest first."""
_DEEPEST = 4
_MOST_FILES = 3000
"""Of a home, that are looked at."""
_NOTEBOOK = ".ipynb"
Place = Literal["handed-in", "home"]


@dataclass(frozen=True)
class Notebook:
    """One notebook that could be shown."""

    key: str
    """What a form sends: `handed-in:<submission>:<path>` or `home:<path>`."""
    path: str
    room: str
    """The id of the class it belongs to, as far as can be told; else empty."""
    changed_at: datetime


def handed_in(session: Session, settings: Settings, name: str) -> list[Notebook]:
    """The notebooks that the pupil `name` handed in; of each the last version."""
    content = ContentStore(settings.data / "exchange")
    newest_first = (
        select(Submission)
        .where(Submission.person_name == name)
        .order_by(Submission.received_at.desc(), Submission.id)
    )
    found: dict[tuple[int, str], Notebook] = {}
    for one in session.scalars(newest_first):
        try:
            entries = content.manifest(one.manifest)
        except (OSError, ValueError):
            continue
        for entry in entries:
            place = (one.assignment_id, entry.path)
            if entry.path.endswith(_NOTEBOOK) and place not in found:
                key = f"handed-in:{one.id}:{entry.path}"
                room = one.assignment.classroom_id
                found[place] = Notebook(key, entry.path, room, one.received_at)
        if len(found) >= MOST:
            break
    return list(found.values())[:MOST]


def in_home(settings: Settings, name: str) -> list[Notebook]:
    """The notebooks in the home of `name`, the newest first; hidden folders are left out."""
    home = settings.homes / name
    found: list[Notebook] = []
    looked_at = 0
    for place, folders, files, descriptor in (
        os.fwalk(home, follow_symlinks=False) if home.is_dir() and not home.is_symlink() else ()
    ):
        inside = PurePosixPath(os.path.relpath(place, home))
        folders[:] = [one for one in sorted(folders) if not one.startswith((".", "_"))]
        if len(inside.parts) >= _DEEPEST:
            folders.clear()
        looked_at += len(files)
        for one in files:
            if one.endswith(_NOTEBOOK) and not one.startswith("."):
                about = os.stat(one, dir_fd=descriptor, follow_symlinks=False)
                if stat.S_ISREG(about.st_mode):
                    path = (inside / one).as_posix()
                    changed = datetime.fromtimestamp(about.st_mtime, UTC)
                    found.append(Notebook(f"home:{path}", path, _room(path), changed))
        if looked_at > _MOST_FILES:
            break
    return sorted(found, key=lambda one: one.changed_at, reverse=True)[:MOST]


def read(session: Session, settings: Settings, name: str, key: str) -> tuple[bytes, str]:
    """The chosen notebook of `name` and the id of its class; empty: no class.

    Raises:
        Refused: `name` has no such notebook (any more).
    """
    place, _, rest = key.partition(":")
    try:
        if place == "handed-in":
            return _of_submission(session, settings, name, *rest.split(":", 1))
        if place == "home":
            return _of_home(settings, name, rest), _room(rest)
    except (OSError, ValueError, TypeError):
        pass
    raise Refused("Choose a notebook.", "work")


def _of_submission(
    session: Session, settings: Settings, name: str, number: str, path: str
) -> tuple[bytes, str]:
    one = session.get(Submission, number)
    if one is None or one.person_name != name:
        raise ValueError(number)
    content = ContentStore(settings.data / "exchange")
    (entry,) = (entry for entry in content.manifest(one.manifest) if entry.path == path)
    with content.path(entry.sha256).open("rb") as file:
        return file.read(MOST_NOTEBOOK_BYTES + 1), one.assignment.classroom_id


def _of_home(settings: Settings, name: str, path: str) -> bytes:
    """Goes down folder by folder, so that none of them can be a link that leads elsewhere."""
    *folders, file = PurePosixPath(path).parts
    if not file.endswith(_NOTEBOOK) or {"..", "/"} & {*folders, file}:
        raise ValueError(path)
    descriptor = os.open(settings.homes / name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for one in folders:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            below = os.open(one, flags, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(file, flags, dir_fd=descriptor), "rb") as opened:
            about = os.fstat(opened.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ValueError(path)
            return opened.read(MOST_NOTEBOOK_BYTES + 1)
    finally:
        os.close(descriptor)


def _room(path: str) -> str:
    """A pupil's server works in a folder that is called like the class."""
    parts = PurePosixPath(path).parts
    return parts[0] if len(parts) > 1 else ""
