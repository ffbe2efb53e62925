"""Everything about one person as one archive (zip), to be given to them or their parents.

Called by `technopark person export` and by the portal. It reads and never changes; names of others
who looked at something stand in it as pseudonyms.
"""

import io
import json
import os
import stat
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import create_engine, inspect, or_, select, text
from sqlalchemy.orm import Session

from technopark.exchange import receipts
from technopark.exchange.content import ContentStore
from technopark.exchange.submissions import receipt
from technopark.path import shelf
from technopark.people import audit
from technopark.safety import gradebooks, rows, traces
from technopark.settings import Settings
from technopark.store import (
    AuditEntry,
    Feedback,
    Joining,
    Posting,
    ShownWork,
    Store,
    Submission,
)

_READ_ME = """\
Здесь всё, что технопарк знает об одном человеке.

  park.json        что записано в базе парка: имя, школа, классы, сданные работы, участие в
                   событиях и проектах, журнал
  submissions/     сданные работы, по классам и заданиям: файлы, квитанция, отзыв учителя
  shown/           работы из портфолио: страницы и картинки
  marks/           оценки и замечания из журналов оценок, по классам
  home/            файлы из домашней папки
  left-out.txt     чего нельзя было прочитать (если такое было)

This is all that the Technopark knows of one person: rows of the park's database (park.json), works
handed in with receipts and feedback, works of the portfolio, marks from gradebooks, and the files
of the home folder.
Others stand in the log by pseudonyms.
"""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier time."""


def file_name(name: str, now: datetime) -> str:
    """What to call the archive."""
    return f"{name}-{now:%Y-%m-%d}.zip"


def write(settings: Settings, store: Store, name: str, file: IO[bytes]) -> int:
    """Writes the archive of the person `name`; how many files are in it."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        box = _Box(archive)
        box.text("README.txt", _READ_ME)
        with store.read() as session:
            box.json("park.json", _of_store(session, settings, name))
            _add_works(session, settings, name, box)
            _add_shown(session, settings, name, box)
        for folder in traces.grading_homes(settings):
            _add_marks(folder, name, box)
        _add_home(traces.home(settings, name), box)
        if box.left_out:
            box.text("left-out.txt", "\n".join(box.left_out) + "\n")
        return len(archive.namelist())


@dataclass
class _Box:
    archive: zipfile.ZipFile
    left_out: list[str] = field(default_factory=list)

    def text(self, name: str, content: str) -> None:
        self.archive.writestr(_info(name), content.encode())

    def json(self, name: str, content: object) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
        self.text(name, text)

    def file(self, name: str, source: IO[bytes]) -> None:
        with self.archive.open(_info(name), "w", force_zip64=True) as target:
            while piece := source.read(1 << 18):
                target.write(piece)


def _info(name: str) -> zipfile.ZipInfo:
    plain = name.encode("utf-8", "replace").decode()
    made = zipfile.ZipInfo(plain, max(datetime.now(UTC).timetuple()[:6], _EARLIEST))
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = 0o600 << 16
    return made


def _of_store(session: Session, settings: Settings, name: str) -> dict[str, Any]:
    own = audit.known_pseudonym(session, name)
    log = session.scalars(
        select(AuditEntry)
        .where(or_(AuditEntry.who == own, AuditEntry.whom == own))
        .order_by(AuditEntry.id)
    )
    return {
        "tables": rows.of_person(session, name),
        "log": [
            {
                "at": one.at,
                "who": "this person" if one.who == own else one.who or "the park",
                "did": one.did,
                "whom": "this person" if one.whom == own else one.whom,
                "classroom": one.classroom_id,
                "details": one.details,
            }
            for one in log
        ],
        "takes_part_in": [
            {"what": title, "kind": kind, "starts_at": starts_at, "joined_at": joined_at}
            for title, kind, starts_at, joined_at in session.execute(
                select(Posting.title, Posting.kind, Posting.starts_at, Joining.joined_at)
                .join(Joining, Joining.posting_id == Posting.id)
                .where(Joining.person_name == name)
                .order_by(Joining.id)
            )
        ],
        "sign_in": _of_hub(settings, name),
    }


def _of_hub(settings: Settings, name: str) -> list[dict[str, Any]]:
    """What the hub keeps: since when, and when last seen."""
    url = settings.hub_database_url
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return []
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("users"):
                return []
            query = text("SELECT name, created, last_activity FROM users WHERE name = :name")
            return [dict(row) for row in connection.execute(query, {"name": name}).mappings()]
    finally:
        engine.dispose()


def _add_works(session: Session, settings: Settings, name: str, box: _Box) -> None:
    content = ContentStore(settings.data / "exchange")
    signer = receipts.load_signer(receipts.key_path(settings.data))
    query = select(Submission).where(Submission.person_name == name)
    for one in session.scalars(query.order_by(Submission.received_at)):
        folder = (
            f"submissions/{one.assignment.classroom_id}/{one.assignment.name}/"
            f"{one.received_at:%Y-%m-%d-%H%M%S}-{one.id}"
        )
        box.json(f"{folder}/receipt.json", receipt(session, signer, one).model_dump())
        _add_set(content, one.manifest, f"{folder}/files", box)
        if feedback := session.get(Feedback, one.id):
            _add_set(content, feedback.manifest, f"{folder}/feedback", box)


def _add_set(content: ContentStore, manifest: str, folder: str, box: _Box) -> None:
    try:
        entries = content.manifest(manifest)
    except (OSError, ValueError):
        box.left_out.append(folder)
        return
    for entry in entries:
        try:
            with content.path(entry.sha256).open("rb") as source:
                box.file(f"{folder}/{entry.path}", source)
        except OSError:
            box.left_out.append(f"{folder}/{entry.path}")


def _add_marks(folder: Path, name: str, box: _Box) -> None:
    """Each gradebook of a grading home, and what was made of the works beside it."""
    for place, _, names, descriptor in os.fwalk(folder, follow_symlinks=False):
        inside = Path(place).relative_to(folder)
        for one in sorted(names):
            with _opened(descriptor, one) as source:
                if source is None or not gradebooks.is_database(source.read(16)):
                    continue
            if found := gradebooks.of_student(Path(place, one), name):
                room = PurePosixPath("marks", folder.name.partition("-")[2])
                box.json(str(room / inside.name / f"{one}.json"), found)


def _add_shown(session: Session, settings: Settings, name: str, box: _Box) -> None:
    """The pages and pictures of the portfolio; titles and words stand in `park.json`."""
    for one in session.scalars(select(ShownWork).where(ShownWork.person_name == name)):
        ending = "jpg" if one.kind == "picture" else "html"
        path = f"shown/{one.id}.{ending}"
        try:
            box.file(path, io.BytesIO(shelf.read(settings, one)))
        except OSError:
            box.left_out.append(path)


def _add_home(folder: Path, box: _Box) -> None:
    for place, _, names, descriptor in (
        os.fwalk(folder, follow_symlinks=False) if folder.is_dir() else ()
    ):
        inside = PurePosixPath("home", Path(place).relative_to(folder).as_posix())
        for one in sorted(names):
            with _opened(descriptor, one) as source:
                if source is None:
                    box.left_out.append(str(inside / one))
                else:
                    box.file(str(inside / one), source)


class _opened:  # noqa: N801  # reads as a verb
    """A plain file of an open folder; None where it is a link, a pipe or gone."""

    def __init__(self, folder: int, name: str) -> None:
        self._source: IO[bytes] | None = None
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(name, flags, dir_fd=folder)
        except OSError:
            return
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            self._source = os.fdopen(descriptor, "rb")
        else:
            os.close(descriptor)

    def __enter__(self) -> IO[bytes] | None:
        return self._source

    def __exit__(self, *_error: object) -> None:
        if self._source:
            self._source.close()
