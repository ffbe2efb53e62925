"""A person's works on the exchange's disk: read for an export, removed with a deletion.

Called by `export` and `deletion`. Files are kept by their content, so a file may be another
pupil's, too (an assignment that nobody changed, for example): only what no manifest names any more
is removed.
"""

from collections.abc import Iterable

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from technopark.exchange.content import ContentStore
from technopark.store import AssignmentVersion, Feedback, Store, Submission

_WAIT_SECONDS = 60.0


def of_person(session: Session, content: ContentStore, name: str) -> set[str]:
    """The hashes of all files of what the person handed in, and of feedback on it."""
    own = select(Submission.id).where(Submission.person_name == name)
    manifests = union(
        select(Submission.manifest).where(Submission.person_name == name),
        select(Feedback.manifest).where(Feedback.submission_id.in_(own)),
    )
    found = set(session.scalars(manifests))
    return found | _files(content, found)


def remove_unused(store: Store, content: ContentStore, hashes: set[str]) -> tuple[int, int]:
    """Removes those of the files that nobody's manifest names; how many, and their bytes.

    Raises:
        TimeoutError: so much is being handed in that it was nobody's turn but theirs.
    """
    # Nearly everything is read before the exchange is held up.
    looked_at = _manifests(store)
    used = looked_at | _files(content, looked_at)
    files = freed = 0
    with content.removing(_WAIT_SECONDS):
        new = _manifests(store) - looked_at
        used |= new | _files(content, new)
        for sha256 in sorted(hashes - used):
            if size := content.remove(sha256):
                files, freed = files + 1, freed + size
    return files, freed


def _manifests(store: Store) -> set[str]:
    every = union(
        select(AssignmentVersion.manifest), select(Submission.manifest), select(Feedback.manifest)
    )
    with store.read() as session:
        return set(session.scalars(every))


def _files(content: ContentStore, manifests: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for manifest in manifests:
        try:
            found |= {entry.sha256 for entry in content.manifest(manifest)}
        except (OSError, ValueError):
            continue  # damaged or removed: it leads to no file any more
    return found
