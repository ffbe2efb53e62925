"""What the commands say of deletions and retention, in plain words. Pure.

Called by `commands`; the portal has pages for it.
"""

from collections.abc import Iterable

from technopark.safety.deletion import Foreseen
from technopark.safety.retention import Due
from technopark.settings import Safety
from technopark.store import Deletion

_SHOWN = 20


def warning(seen: Foreseen) -> str:
    """What somebody is about to do."""
    lines = [
        f"{seen.name} ({seen.full_name}) is about to be deleted for good:",
        f"  places in {seen.classes} classes, {seen.submissions} works that were handed in, "
        "with marks and feedback,",
        f"  {seen.files} files of the home folder ({seen.megabytes} MB).",
        "Nothing brings them back but a backup. `technopark person export` saves a copy first.",
    ]
    if seen.alone:
        lines.append(f"Without a teacher are then: {', '.join(seen.alone)}.")
    return "\n".join(lines)


def report(done: Deletion) -> str:
    """What was deleted."""
    found = done.report
    if found.get("came_back"):
        return f"{done.pseudonym} came back meanwhile, so the work stays (number {done.id})."
    store, exchange = found.get("rows", {}), found.get("exchange", {})
    home, books = found.get("home", {}), found.get("gradebooks", {})
    what = "Everything" if done.whole else "The work"
    lines = [
        f"{what} of {done.pseudonym} is deleted (number {done.id}):",
        f"  {sum(store.values())} rows of the store",
        f"  {exchange.get('files', 0)} files of the exchange, {home.get('files', 0)} of the home, "
        f"{found.get('shown', {}).get('files', 0)} of the portfolio",
        f"  {books.get('rows', 0)} rows and {books.get('files', 0)} files of "
        f"{books.get('classes', 0)} gradebooks",
        f"  {found.get('logs', {}).get('covered', 0)} places in logs",
    ]
    if places := found.get("still_named"):
        lines.append(f"The name still stands in {', '.join(places)}: please report this.")
    return "\n".join(lines)


def due(found: Due, kept: Safety) -> str:
    """Who and what retention takes."""
    return "\n".join(
        [
            _people(f"Left {kept.people_days} days ago, deleted wholly", found.people),
            _people(f"Left {kept.work_days} days ago, files and works deleted", found.work),
            f"Entries of the log older than {kept.log_days} days: {found.entries}",
        ]
    )


def _people(what: str, names: Iterable[str]) -> str:
    every = list(names)
    shown = ", ".join(every[:_SHOWN]) + (", ..." if len(every) > _SHOWN else "")
    return f"{what}: {len(every)}" + (f" ({shown})" if every else "")
