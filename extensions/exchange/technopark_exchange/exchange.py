"""What all exchange classes share: the client, the folders and the words.

Subclassed by the other modules. Making one touches neither network nor disk: nbgrader makes
some only to read their configuration.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.abc import Exchange as ABCExchange
from nbgrader.utils import ignore_patterns
from traitlets import Bool

from technopark_exchange.client import Client, from_environment
from technopark_exchange.packing import Ignore
from technopark_exchange.words import say

__all__ = ["Exchange", "ExchangeError"]

RECEIPT_FOLDERS = {"ru": "квитанции", "en": "receipts"}
"""The folder beside a pupil's notebooks that holds the receipts, by language."""
RECEIPT_FILE = "receipt.json"
"""The receipt in a collected submission; nbgrader carries it on into autograded and feedback."""


class Exchange(ABCExchange):
    """The park's exchange."""

    path_includes_course = Bool(
        False, help="Whether assignments are fetched into a folder of their classroom's name."
    ).tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # nbgrader 0.9 itself passes its authenticator under this misspelt name.
        kwargs.pop("authentictor", None)
        super().__init__(*args, **kwargs)

    @cached_property
    def client(self) -> Client:
        """The service."""
        return from_environment()

    def start(self) -> Any:
        """Does the transfer; what went wrong is logged and raised as one sentence."""
        try:
            return super().start()
        except ExchangeError as error:
            self.log.critical("%s", error)
            raise

    def fail(self, msg: str) -> None:
        """Gives up with a sentence; `start` logs it."""
        raise ExchangeError(msg)

    def init_src(self) -> None:
        """Nothing to prepare, unless a subclass says otherwise."""

    def init_dest(self) -> None:
        """Nothing to prepare, unless a subclass says otherwise."""

    @property
    def course(self) -> str:
        """The classroom; fails where none is named."""
        if not self.coursedir.course_id:
            self.fail(say("no-course"))
        return str(self.coursedir.course_id)

    def folder_of(self, course: str, assignment: str) -> Path:
        """Where a pupil's copy of an assignment is, or would be."""
        root = Path(self.assignment_dir).absolute()
        return root / course / assignment if self.path_includes_course else root / assignment

    def ignored(self, folder: Path) -> Ignore:
        """What of a folder is never sent: nbgrader's own lists, receipts and feedback."""
        by_nbgrader = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
            log=self.log,
        )
        ours = {*RECEIPT_FOLDERS.values(), "feedback"}

        def ignored(directory: str, names: list[str]) -> set[str]:
            found = set(by_nbgrader(directory, names)) | {".ipynb_checkpoints"}
            return found | ours if Path(directory) == folder else found

        return ignored


def local_time(receipt: Mapping[str, Any], field: str = "received_at") -> datetime:
    """A moment of a receipt, in the time zone of the classroom's site."""
    zone = ZoneInfo(receipt["timezone"])
    return datetime.fromisoformat(receipt[field]).astimezone(zone)


def spell_time(moment: datetime) -> str:
    """A moment as people read it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z")


def labels(receipts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """A name for each submission: its time, and a number where two came within a second.

    They name the folders of the feedback, and stand in the lists. The receipts of one pupil and
    one assignment must come together, oldest first.
    """
    found: dict[str, str] = {}
    taken: set[tuple[str, str, str, str]] = set()
    for receipt in receipts:
        owner = (receipt["classroom"], receipt["person"], receipt["assignment"])
        label = time = spell_time(local_time(receipt))
        number = 1
        while (*owner, label) in taken:
            number += 1
            label = f"{time} ({number})"
        taken.add((*owner, label))
        found[receipt["id"]] = label
    return found
