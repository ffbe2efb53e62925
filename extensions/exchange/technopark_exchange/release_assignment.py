"""A teacher hands an assignment out, with the due date of the gradebook.

Called by `nbgrader release_assignment` and by formgrader. Handing out other files under the same
name needs `--force`; it makes a new version and loses nothing that was handed in.
"""

from datetime import UTC
from pathlib import Path

from nbgrader.exchange.abc import ExchangeRelease as ABCExchangeRelease
from nbgrader.exchange.abc import ExchangeReleaseAssignment as ABCExchangeReleaseAssignment

from technopark_exchange.exchange import Exchange, local_time, spell_time
from technopark_exchange.gradebook import due_in_gradebook
from technopark_exchange.packing import Parcel
from technopark_exchange.words import say


class ExchangeReleaseAssignment(Exchange, ABCExchangeReleaseAssignment):
    """Releases an assignment."""

    def init_src(self) -> None:
        """Finds what `nbgrader generate_assignment` made."""
        name = self.coursedir.assignment_id
        release, source = (
            Path(self.coursedir.format_path(step, ".", name))
            for step in (self.coursedir.release_directory, self.coursedir.source_directory)
        )
        if not release.is_dir():
            reason = "not-generated" if source.is_dir() else "no-release"
            self.fail(say(reason, assignment=name, source=source, release=release))
        self.src_path = release

    def copy_files(self) -> None:
        """Sends the files and the due date."""
        name = self.coursedir.assignment_id
        due = due_in_gradebook(self.coursedir)
        answer = self.client.send(
            "PUT",
            "classrooms",
            self.course,
            "assignments",
            name,
            parcel=Parcel(self.src_path, self.ignored(self.src_path)),
            due=due.astimezone(UTC).isoformat() if due else "",
            replace="true" if self.force else "false",
        )
        self.log.info(
            "%s",
            say(
                "released",
                assignment=name,
                classroom=self.course,
                version=answer["version"],
                due=spell_time(local_time(answer, "due")) if due else say("no-deadline"),
            ),
        )


class ExchangeRelease(ExchangeReleaseAssignment, ABCExchangeRelease):
    """The name that nbgrader deprecates."""
