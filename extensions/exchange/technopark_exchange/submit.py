"""A pupil hands in: the folder is sent, and the receipt is written beside the notebooks.

Called by `nbgrader submit` and by the Lab panel. It changes nothing in the folder but the
receipts; who hands in, and when, is for the service to say.
"""

import os
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeSubmit as ABCExchangeSubmit
from nbgrader.utils import find_all_notebooks

from technopark_exchange.exchange import Exchange, ExchangeError, local_time, spell_time
from technopark_exchange.packing import Parcel
from technopark_exchange.receipt_file import write_receipt
from technopark_exchange.words import say


class ExchangeSubmit(Exchange, ABCExchangeSubmit):
    """Hands an assignment in."""

    receipt: dict[str, Any] | None = None
    """What the service answered, once it has."""
    receipt_file: Path | None = None
    """Where the receipt lies; None: it could not be written."""

    def init_src(self) -> None:
        """Finds the folder; the assignment may be named by a path to it."""
        self.src_path = self.folder_of(self.course, self.coursedir.assignment_id)
        self.coursedir.assignment_id = self.src_path.name
        if not self.src_path.is_dir():
            self.fail(
                say("no-folder", folder=self.src_path, assignment=self.coursedir.assignment_id)
            )
        own_name = os.environ.get("JUPYTERHUB_USER", "")
        if self.coursedir.student_id not in ("*", own_name):
            self.fail(say("another-pupil"))

    def copy_files(self) -> None:
        """Sends the folder and keeps the receipt."""
        assignment = self.coursedir.assignment_id
        address = ("classrooms", self.course, "assignments", assignment)
        self._compare_notebooks(self.client.ask("GET", *address)["files"])
        parcel = Parcel(self.src_path, self.ignored(self.src_path))
        receipt = self.client.send("POST", *address, "submissions", parcel=parcel)
        if receipt["sha256"] != parcel.sha256:
            raise ExchangeError(say("damaged"))
        self.receipt = receipt
        self._tell(receipt)

    def _compare_notebooks(self, released: list[str]) -> None:
        expected = {Path(path) for path in released if path.endswith(".ipynb")}
        given = {Path(path) for path in find_all_notebooks(str(self.src_path))}
        given = {path for path in given if ".ipynb_checkpoints" not in path.parts}
        if missing := sorted(map(str, expected - given)):
            sentence = say("missing-notebooks", missing=", ".join(missing))
            if self.strict:
                self.fail(sentence)
            self.log.warning("%s", sentence)
        if extra := sorted(map(str, given - expected)):
            self.log.warning("%s", say("extra-notebooks", extra=", ".join(extra)))

    def _tell(self, receipt: dict[str, Any]) -> None:
        time = spell_time(local_time(receipt))
        sentence = say("handed-in", assignment=receipt["assignment"], time=time, id=receipt["id"])
        if receipt["late"]:
            sentence += " " + say("late", due=spell_time(local_time(receipt, "due")))
        self.log.info("%s", sentence)
        try:
            self.receipt_file = write_receipt(self.src_path, receipt, sentence)
            self.log.info("%s", self.receipt_file)
        except OSError as error:
            # The work is safe with the service; a full disk here must not look like a failure.
            self.log.warning("%s", say("no-receipt-file", reason=error.strerror))
