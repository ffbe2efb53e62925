"""Runs the park's process `safety`: deletions that were asked for, and retention once a day.

Started by the park's supervisor. It listens on nothing; where something is in the way, it tries
again at the next look.
"""

import logging
import time
from contextlib import closing
from datetime import UTC, datetime

from technopark.problem import Problem
from technopark.safety import deletion, retention
from technopark.settings import Settings, load
from technopark.store import Store, open_store

log = logging.getLogger("technopark.safety")

_LOOK_SECONDS = 5.0


def main() -> None:
    """Goes on until it is killed; nothing is lost by that."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = load()
    with closing(open_store(settings.database_url)) as store:
        said: dict[str, str] = {}
        while True:
            try:
                look(settings, store, said)
            except Exception:
                # A database that is away for a night must not end it; the next look tries again.
                log.exception("It could not be looked for what is to be deleted")
            time.sleep(_LOOK_SECONDS)


def look(settings: Settings, store: Store, said: dict[str, str]) -> None:
    """One look; `said` remembers what was logged of each deletion, so that it is said once.

    No name is ever logged here: the logs were just rid of it.
    """
    now = datetime.now(UTC)
    with store.read() as session:
        is_time = retention.is_time(session, settings, now)
    if is_time:
        with store.write() as session:
            found = retention.apply(session, settings, now)
        log.info("Retention: %d people, %d works", len(found.people), len(found.work))
    with store.read() as session:
        waiting = [one.id for one in deletion.unfinished(session)]
    for number in waiting:
        try:
            deletion.forget(settings, store, number)
        except Problem as problem:
            if said.get(number) != str(problem):
                log.info("deletion %s: not yet: %s", number, problem)
            said[number] = str(problem)
    # Once for all of them: a city's databases take seconds to be written anew.
    deletion.finish(settings, store, waiting)


if __name__ == "__main__":
    main()
