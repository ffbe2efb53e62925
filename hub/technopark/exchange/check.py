"""Is everything still there: receipts against the store, the store against the files.

Called by `commands` (an admin's check, after a restore for example), by the bench and by the test
that kills the service. It reads everything again and changes nothing.
"""

from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import select

from technopark.exchange import deadlines
from technopark.exchange.content import ContentStore
from technopark.exchange.receipts import key_path, load_signer, verify
from technopark.settings import Settings
from technopark.store import AssignmentVersion, Feedback, HandIn, Store, Submission, open_store


def lost_receipts(settings: Settings, receipts: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is wrong with receipts that people hold; empty: the park has every work, whole."""
    content = ContentStore(settings.data / "exchange")
    public_key = load_signer(key_path(settings.data)).public_key
    found = []
    with closing(open_store(settings.database_url)) as store:
        for receipt in receipts:
            if not verify(receipt, public_key):
                found.append(f"{receipt.get('id')}: the signature does not fit")
            elif problem := _problem(store, content, receipt):
                found.append(f"{receipt['id']}: {problem}")
    return found


def damaged(settings: Settings) -> list[str]:
    """The sets of files, of whatever kind, that are not whole on the disk."""
    content = ContentStore(settings.data / "exchange")
    found = []
    with closing(open_store(settings.database_url)) as store, store.read() as session:
        for kind, column in (
            ("assignment", AssignmentVersion.manifest),
            ("submission", Submission.manifest),
            ("feedback", Feedback.manifest),
        ):
            for manifest in session.scalars(select(column).distinct()):
                found += [f"{kind} {manifest}: {path}" for path in content.damage(manifest)]
    return found


def _problem(store: Store, content: ContentStore, receipt: Mapping[str, Any]) -> str | None:
    with store.read() as session:
        row = session.get(Submission, receipt["id"])
        if row is None:
            return "is not in the store"
        if not session.scalar(select(HandIn).where(HandIn.submission_id == row.id)):
            return "was never handed in"
        if (row.manifest, deadlines.written(row.received_at), row.person_name) != (
            receipt["sha256"],
            receipt["received_at"],
            receipt["person"],
        ):
            return "is another work in the store"
    return next((f"{path} is damaged" for path in content.damage(receipt["sha256"])), None)
