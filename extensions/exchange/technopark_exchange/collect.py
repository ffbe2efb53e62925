"""A teacher collects: one submission of each pupil, into nbgrader's `submitted` folder.

Called by `nbgrader collect` and by formgrader. The service chooses which submission counts and
tells its time; a folder that is there is replaced whole, or left as it is.
"""

import json
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeCollect as ABCExchangeCollect

from technopark_exchange.exchange import RECEIPT_FILE, Exchange, local_time, spell_time
from technopark_exchange.gradebook import NotInGradebookError, follow_due, known_due
from technopark_exchange.receipt_file import write_atomically
from technopark_exchange.words import say


class ExchangeCollect(Exchange, ABCExchangeCollect):
    """Collects what is to be graded."""

    def init_src(self) -> None:
        """Says the gradebook's due date, takes over a moved one, asks which submissions count."""
        address = ("classrooms", self.course, "assignments", self.coursedir.assignment_id)
        with suppress(NotInGradebookError):
            due = known_due(self.coursedir)
            deadline = {"due": due.isoformat() if due else None}
            answer = self.client.ask("PATCH", *address, json=deadline)
            counts = answer["due"]
            follow_due(self.coursedir, datetime.fromisoformat(counts) if counts else None)
        which = "before-deadline" if self.before_duedate else "latest"
        excluded = set(self.coursedir.student_id_exclude.split(","))
        self.receipts: list[dict[str, Any]] = [
            receipt
            for receipt in self.client.ask("GET", *address, "collection", which=which)
            if self.coursedir.student_id in ("*", "", receipt["person"])
            and receipt["person"] not in excluded
        ]

    def copy_files(self) -> None:
        """Brings each pupil's folder up to date."""
        name = self.coursedir.assignment_id
        if not self.receipts:
            self.log.warning(
                "%s", say("nothing-to-collect", assignment=name, classroom=self.course)
            )
        for receipt in self.receipts:
            time = spell_time(local_time(receipt))
            done = self._collect(receipt)
            self.log.info("%s", say(done, pupil=receipt["person"], assignment=name, time=time))

    def _collect(self, receipt: dict[str, Any]) -> str:
        """Brings one pupil's folder up to date; returns which sentence tells of it."""
        folder = self._folder(self.coursedir.submitted_directory, receipt)
        if not folder.is_dir():
            self._fetch(receipt, folder)
            return "collected"
        if _collected(folder) == receipt["id"]:
            # The deadline may have moved since: `late` reads it here.
            _write_receipt(folder, receipt)
            return "unchanged"
        if not self.update and not self.before_duedate:
            return "newer-exists"
        aside = folder.with_name(f".{folder.name}.replaced")
        shutil.rmtree(aside, ignore_errors=True)
        fetched = folder.with_name(f".{folder.name}.fetched")
        shutil.rmtree(fetched, ignore_errors=True)
        self._fetch(receipt, fetched)
        folder.rename(aside)
        fetched.rename(folder)
        shutil.rmtree(aside)
        self._forget_autograded(receipt)
        return "updated"

    def _fetch(self, receipt: dict[str, Any], folder: Path) -> None:
        self.client.fetch("submissions", receipt["id"], "content", into=folder)
        # Whatever the pupil named so, the service's word stands.
        for name in (RECEIPT_FILE, "timestamp.txt"):
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
        moment = datetime.fromisoformat(receipt["received_at"]).astimezone(UTC)
        write_atomically(folder / "timestamp.txt", moment.strftime("%Y-%m-%d %H:%M:%S.%f UTC"))
        _write_receipt(folder, receipt)

    def _forget_autograded(self, receipt: dict[str, Any]) -> None:
        """Removes the graded copy of what was replaced, where nbgrader would keep it.

        `nbgrader autograde` grades anew only what has a later time, but a pupil may have gone
        back to an earlier version.
        """
        graded = self._folder(self.coursedir.autograded_directory, receipt)
        graded_at = self.coursedir.get_existing_timestamp(str(graded))
        received_at = local_time(receipt).astimezone(UTC).replace(tzinfo=None)
        if graded_at is not None and graded_at >= received_at:
            shutil.rmtree(graded)

    def _folder(self, step: str, receipt: dict[str, Any]) -> Path:
        path = self.coursedir.format_path(step, receipt["person"], self.coursedir.assignment_id)
        return Path(path)


def _collected(folder: Path) -> str | None:
    """The id of the submission in a folder; None where it did not come through the exchange."""
    try:
        return str(json.loads((folder / RECEIPT_FILE).read_text(encoding="utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_receipt(folder: Path, receipt: dict[str, Any]) -> None:
    text = json.dumps(receipt, ensure_ascii=False, indent=2) + "\n"
    path = folder / RECEIPT_FILE
    if not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != text:
        write_atomically(path, text)
