"""The files of shown works: `data/shown/<name>/<work>`, one for each, made by `making`.

Called by `works` and the portal, and by `safety`, for which all that is one person's lies in one
folder. Names of works are drawn by lot, never taken from a request.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from technopark.settings import Settings
from technopark.store import ShownWork


def folder_of(settings: Settings, name: str) -> Path:
    """Where the shown works of the person `name` are."""
    return settings.data / "shown" / name


def put(settings: Settings, name: str, work: str, content: bytes) -> None:
    """Writes a work; it is there whole, or not at all."""
    folder = folder_of(settings, name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{work}"
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / work)


def read(settings: Settings, work: ShownWork) -> bytes:
    """A work's content.

    Raises:
        FileNotFoundError: it was just taken down.
    """
    return (folder_of(settings, work.person_name) / work.id).read_bytes()


def remove(settings: Settings, name: str, work: str) -> None:
    """Takes a work down; one that is gone already is no error."""
    (folder_of(settings, name) / work).unlink(missing_ok=True)


def remove_all(settings: Settings, name: str) -> None:
    """Takes all works of the person down."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder_of(settings, name))
