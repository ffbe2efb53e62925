"""A pupil gets an assignment; what they already wrote is never touched.

Called by `nbgrader fetch_assignment` and by the Lab panel.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.exchange.abc import ExchangeFetch as ABCExchangeFetch
from nbgrader.exchange.abc import ExchangeFetchAssignment as ABCExchangeFetchAssignment

from technopark_exchange.exchange import Exchange
from technopark_exchange.words import say


class ExchangeFetchAssignment(Exchange, ABCExchangeFetchAssignment):
    """Fetches an assignment, or with `replace_missing_files` what is missing of it."""

    def init_dest(self) -> None:
        """Finds the place; a folder that is there is left alone unless files may be missing."""
        self.dest_path = self.folder_of(self.course, self.coursedir.assignment_id)
        if self.dest_path.exists() and not self.replace_missing_files:
            self.fail(
                say(
                    "have-a-copy",
                    assignment=self.coursedir.assignment_id,
                    folder=self.dest_path.name,
                )
            )

    def copy_files(self) -> None:
        """Writes the newest version: a new folder whole, into an old one only what is missing."""
        name = self.coursedir.assignment_id
        address = ("classrooms", self.course, "assignments", name, "content")
        if self.dest_path.exists():
            with TemporaryDirectory(prefix=f".{name}.", dir=self.dest_path.parent) as folder:
                self.client.fetch(*address, into=Path(folder, name))
                self._add_missing(Path(folder, name))
        else:
            self.client.fetch(*address, into=self.dest_path)
        self.log.info("%s", say("fetched", assignment=name, folder=self.dest_path))

    def _add_missing(self, fetched: Path) -> None:
        for source in sorted(path for path in fetched.rglob("*") if path.is_file()):
            target = self.dest_path / source.relative_to(fetched)
            if not target.exists() and not target.is_symlink():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(source, target)
                self.log.warning(
                    "%s", say("replaced", file=target.relative_to(self.dest_path.parent))
                )


class ExchangeFetch(ExchangeFetchAssignment, ABCExchangeFetch):
    """The name that nbgrader deprecates."""
