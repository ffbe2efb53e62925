"""Sends a hint or a file to pupils of a classroom, and says whom it reached.

Called by the portal in a worker thread. One pupil who is not reached is no reason for the others.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from technopark.language import LANGUAGES, Language, translate
from technopark.sending.folder import NotReachedError, Why, put
from technopark.sending.parcel import Parcel
from technopark.settings import Settings
from technopark.store import Person

FOLDER = "from the teacher"
"""What the folder is called, in English; `technopark_server.live.mail` knows both names."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reached:
    """What became of it with one pupil."""

    name: str
    full_name: str
    file: str = ""
    """Where it is, below the classroom's folder; empty: it did not get there."""
    why_not: Why | None = None


def send(
    settings: Settings,
    classroom: str,
    pupils: Iterable[Person],
    parcel: Callable[[Language], Parcel],
) -> list[Reached]:
    """Puts it into the classroom's folder of each of the pupils.

    Args:
        settings: where homes are.
        classroom: whose folder.
        pupils: to whom.
        parcel: what to send to who reads this language.
    """
    told = []
    for pupil in pupils:
        language = next((one for one in LANGUAGES if one == pupil.language), settings.language)
        folder = translate(FOLDER, language)
        try:
            name = put(settings, pupil.name, (classroom, folder), parcel(language))
        except NotReachedError as problem:
            _log.warning("Something sent did not arrive: %s", problem)
            told.append(Reached(pupil.name, pupil.full_name, why_not=problem.why))
        else:
            told.append(Reached(pupil.name, pupil.full_name, file=f"{folder}/{name}"))
    return told
