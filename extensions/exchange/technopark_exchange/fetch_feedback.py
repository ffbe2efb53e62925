"""A pupil gets the feedback on what they handed in, each time of handing in in its own folder.

Called by `nbgrader fetch_feedback` and by the Lab panel, which looks for
`<assignment>/feedback/<time>/<notebook>.html`.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.exchange.abc import ExchangeFetchFeedback as ABCExchangeFetchFeedback

from technopark_exchange.exchange import Exchange, labels
from technopark_exchange.words import say


class ExchangeFetchFeedback(Exchange, ABCExchangeFetchFeedback):
    """Fetches all released feedback on an assignment."""

    def init_dest(self) -> None:
        """Finds the place."""
        self.dest_path = self.folder_of(self.course, self.coursedir.assignment_id) / "feedback"

    def copy_files(self) -> None:
        """Writes each feedback file; one that was fetched before is replaced by the newer one."""
        mine = [
            receipt
            for receipt in self.client.ask("GET", "submissions", mine="true")
            if receipt["classroom"] == self.course
            and receipt["assignment"] == self.coursedir.assignment_id
        ]
        names = labels(mine)
        released = [receipt for receipt in mine if receipt["feedback"]]
        if not released:
            self.log.warning("%s", say("feedback-none", assignment=self.coursedir.assignment_id))
        for receipt in released:
            self._fetch(receipt["id"], self.dest_path / names[receipt["id"]])

    def _fetch(self, submission: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=self.dest_path) as beside:
            fetched = Path(beside, "feedback")
            self.client.fetch("submissions", submission, "feedback", "content", into=fetched)
            shutil.copytree(fetched, folder, dirs_exist_ok=True)
        self.log.info("%s", say("feedback-fetched", folder=folder))
