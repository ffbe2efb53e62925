"""What was handed out and what was handed in, as nbgrader's commands and panels want to see it.

Called by `nbgrader list`, by the Lab panel (`cached`: the pupil's own) and by formgrader, which
also takes assignments back with it (`remove`).
"""

import hashlib
from collections import defaultdict
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from nbgrader.exchange.abc import ExchangeList as ABCExchangeList

from technopark_exchange.client import Client, from_environment
from technopark_exchange.exchange import Exchange, labels
from technopark_exchange.words import say

_PATIENCE_SECONDS = 5.0


class ExchangeList(Exchange, ABCExchangeList):
    """Lists, or takes assignments back."""

    @cached_property
    def client(self) -> Client:
        """The service; formgrader lists on every page, so nobody waits long for it here."""
        return from_environment(_PATIENCE_SECONDS)

    def copy_files(self) -> None:
        """Nothing is copied."""

    def list_files(self) -> list[dict[str, Any]]:
        """The list, which is also logged for the command line."""
        if self.inbound or self.cached:
            found = self._submitted()
            self.log.info("%s", say("list-submitted"))
            for info in (one for entry in found for one in entry["submissions"]):
                self.log.info("%s", _spell_submitted(info))
        else:
            found = self._released()
            self.log.info("%s", say("list-released"))
            for info in found:
                here = f" ({say('already-downloaded')})" if info["status"] == "fetched" else ""
                self.log.info("%s %s%s", info["course_id"], info["assignment_id"], here)
        return found

    def remove_files(self) -> list[dict[str, Any]]:
        """Takes the listed assignments back; submissions are never removed."""
        if self.inbound or self.cached:
            self.fail(say("never-removed"))
        found = self._released()
        for info in found:
            name = info["assignment_id"]
            self.client.ask("DELETE", "classrooms", info["course_id"], "assignments", name)
            self.log.info("%s", say("taken-back", assignment=name))
            info["status"] = "removed"
        return found

    def _wanted(self, item: dict[str, Any]) -> bool:
        wanted = {
            "classroom": self.coursedir.course_id,
            "assignment": self.coursedir.assignment_id,
            "person": self.coursedir.student_id,
        }
        return all(
            fnmatchcase(item[field], pattern or "*")
            for field, pattern in wanted.items()
            if field in item
        )

    def _released(self) -> list[dict[str, Any]]:
        return [
            self._describe_released(item)
            for item in self.client.ask("GET", "assignments")
            if self._wanted(item)
        ]

    def _describe_released(self, item: dict[str, Any]) -> dict[str, Any]:
        folder = self.folder_of(item["classroom"], item["assignment"])
        is_fetched = folder.is_dir()
        names = (
            sorted(path.name for path in folder.glob("*.ipynb"))
            if is_fetched
            else [path for path in item["files"] if path.endswith(".ipynb") and "/" not in path]
        )
        return {
            "course_id": item["classroom"],
            "assignment_id": item["assignment"],
            "status": "fetched" if is_fetched else "released",
            "path": str(folder),
            "notebooks": [
                {"notebook_id": name.removesuffix(".ipynb"), "path": str(folder / name)}
                for name in names
            ],
            "due": item["due"],
            "version": item["version"],
        }

    def _submitted(self) -> list[dict[str, Any]]:
        receipts = self.client.ask("GET", "submissions", mine="true" if self.cached else "false")
        names = labels(receipts)
        groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for receipt in filter(self._wanted, receipts):
            key = (receipt["classroom"], receipt["person"], receipt["assignment"])
            groups[key].append(self._describe_submitted(receipt, names[receipt["id"]]))
        return [
            {
                "course_id": course,
                "student_id": person,
                "assignment_id": assignment,
                "status": "submitted",
                "submissions": submissions,
            }
            for (course, person, assignment), submissions in sorted(groups.items())
        ]

    def _describe_submitted(self, receipt: dict[str, Any], label: str) -> dict[str, Any]:
        folder = self.folder_of(receipt["classroom"], receipt["assignment"])
        pages: dict[str, str] = receipt["feedback"] or {}
        local = {page: _sha256(folder / "feedback" / label / page) for page in pages}
        notebooks = [
            _describe_notebook(folder, label, name, pages, local) for name in receipt["notebooks"]
        ]
        has_local = bool(pages) and all(local.values())
        return {
            "course_id": receipt["classroom"],
            "student_id": receipt["person"],
            "assignment_id": receipt["assignment"],
            "timestamp": label,
            "status": "submitted",
            "path": str(folder),
            "notebooks": notebooks,
            "has_local_feedback": has_local,
            "has_exchange_feedback": bool(pages),
            "feedback_updated": has_local and local != pages,
            "local_feedback_path": str(folder / "feedback" / label) if has_local else None,
            "receipt": receipt["id"],
            "received_at": receipt["received_at"],
            "late": receipt["late"],
        }


def _describe_notebook(
    folder: Path, label: str, name: str, pages: dict[str, str], local: dict[str, str | None]
) -> dict[str, Any]:
    page = f"{name}.html"
    has_local = bool(local.get(page))
    return {
        "notebook_id": name,
        "path": str(folder / f"{name}.ipynb"),
        "has_local_feedback": has_local,
        "has_exchange_feedback": page in pages,
        "feedback_updated": has_local and local[page] != pages[page],
        "local_feedback_path": str(folder / "feedback" / label / page) if has_local else None,
    }


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _spell_submitted(info: dict[str, Any]) -> str:
    if info["has_local_feedback"] and not info["feedback_updated"]:
        feedback = "feedback-here"
    else:
        feedback = "feedback-ready" if info["has_exchange_feedback"] else "feedback-not-yet"
    late = f", {say('marked-late')}" if info["late"] else ""
    who = f"{info['course_id']} {info['student_id']} {info['assignment_id']}"
    return f"{who} {info['timestamp']} [{info['receipt']}] ({say(feedback)}{late})"
