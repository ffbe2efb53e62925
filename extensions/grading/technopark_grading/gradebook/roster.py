"""The classroom's pupils, with their names, into the gradebook, so that formgrader lists them all.

Run by the grading server when it starts, in a thread of its own: the server never waits for it and
works without it; who left the classroom stays in the gradebook with their marks.
"""

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from nbgrader.api import Gradebook
from sqlalchemy.exc import SQLAlchemyError

SECONDS_TO_ANSWER = 20
SECONDS_FOR_A_NEW_GRADEBOOK = 5


@dataclass(frozen=True)
class Pupil:
    """A pupil as the exchange service names them."""

    name: str
    full_name: str


def fetch(environment: Mapping[str, str] = os.environ) -> list[Pupil]:
    """Ask the exchange service for the pupils of this server's classroom.

    Raises:
        requests.RequestException: when the service does not answer, or refuses.
        KeyError: when the environment does not name the classroom, the service or the token.
    """
    service = environment["TECHNOPARK_EXCHANGE_URL"].rstrip("/")
    classroom = environment["TECHNOPARK_CLASSROOM"]
    answer = requests.get(
        f"{service}/classrooms/{classroom}/roster",
        headers={"Authorization": f"token {environment['JUPYTERHUB_API_TOKEN']}"},
        timeout=SECONDS_TO_ANSWER,
    )
    answer.raise_for_status()
    entries: list[dict[str, Any]] = answer.json()
    return [Pupil(entry["name"], entry["full_name"]) for entry in entries]


def put_in_gradebook(pupils: list[Pupil], db_url: str, course_id: str) -> None:
    """Add the pupils to the gradebook, or correct their names there; nobody is removed."""
    with Gradebook(db_url, course_id) as gradebook:
        for pupil in pupils:
            # School rosters put the surname first.
            last_name, _, first_name = pupil.full_name.strip().partition(" ")
            gradebook.update_or_create_student(
                pupil.name, last_name=last_name, first_name=first_name
            )


def refresh(db_url: str, course_id: str, log: logging.Logger) -> None:
    """Bring the gradebook's pupils up to date; a failure is one line in the log, no more."""
    try:
        pupils = fetch()
        try:
            put_in_gradebook(pupils, db_url, course_id)
        except SQLAlchemyError:
            # A teacher's first page made the new gradebook at the same moment; now it is there.
            time.sleep(SECONDS_FOR_A_NEW_GRADEBOOK)
            put_in_gradebook(pupils, db_url, course_id)
    except Exception as problem:  # noqa: BLE001 (grading must work without the roster)
        log.warning(
            "The classroom's pupils could not be read (%s); those who hand in appear all the same.",
            problem,
        )
    else:
        log.info("%d pupils of %s are in the gradebook", len(pupils), course_id)
