"""A teacher releases feedback: each pupil's pages, for the submission that was graded.

Called by `nbgrader release_feedback` and by formgrader, for a class or for one pupil; the pupil
can fetch it at once.
"""

import json
from pathlib import Path

from nbgrader.exchange.abc import ExchangeReleaseFeedback as ABCExchangeReleaseFeedback

from technopark_exchange.exchange import RECEIPT_FILE, Exchange, ExchangeError
from technopark_exchange.packing import Parcel
from technopark_exchange.words import say


class ExchangeReleaseFeedback(Exchange, ABCExchangeReleaseFeedback):
    """Releases what `nbgrader generate_feedback` made."""

    def init_src(self) -> None:
        """Finds the pupils' folders."""
        pupils = self.coursedir.student_id or "*"
        excluded = set(self.coursedir.student_id_exclude.split(","))
        # The place of the pupil's name in the path is the teacher's to configure.
        steps = Path(
            self.coursedir.format_path(
                self.coursedir.feedback_directory, pupils, self.coursedir.assignment_id
            )
        ).relative_to(self.coursedir.root)
        place = steps.parts.index(pupils)
        self.folders = {
            folder.relative_to(self.coursedir.root).parts[place]: folder
            for folder in sorted(Path(self.coursedir.root).glob(str(steps)))
            if any(folder.glob("*.html"))
        }
        self.folders = {
            pupil: folder for pupil, folder in self.folders.items() if pupil not in excluded
        }

    def copy_files(self) -> None:
        """Sends each pupil's pages; one that cannot be sent does not keep the others waiting."""
        name = self.coursedir.assignment_id
        if not self.folders:
            self.fail(say("no-feedback-made", assignment=name))
        failures = []
        for pupil, folder in self.folders.items():
            try:
                self._release(pupil, folder)
            except ExchangeError as error:
                failures.append(f"{pupil}: {error}")
        if failures:
            self.fail("\n".join(failures))

    def _release(self, pupil: str, folder: Path) -> None:
        name = self.coursedir.assignment_id
        try:
            receipt = json.loads((folder / RECEIPT_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.fail(say("feedback-unknown", pupil=pupil, assignment=name, file=RECEIPT_FILE))
        self.client.send(
            "PUT",
            "submissions",
            str(receipt["id"]),
            "feedback",
            parcel=Parcel(folder, _only_pages),
            person=pupil,
            assignment=name,
        )
        self.log.info("%s", say("feedback-released", pupil=pupil, assignment=name))


def _only_pages(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".html")]
