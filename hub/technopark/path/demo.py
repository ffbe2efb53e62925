"""Works of the demo's pupils, with consents and a letter, so that the pages can be tried at once.

Called by `technopark up` where settings name a demo file. Done once for each pupil: what somebody
hid, withdrew or took out since stays so.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.path import consents, letters, making, works
from technopark.path.consents import Purpose, Way
from technopark.people.demo import DemoFile, DemoWork
from technopark.settings import Settings
from technopark.store import Consent, Grant, Person, ShownWork, Store
from technopark.yamlfile import YamlFile


def ensure_demo_works(settings: Settings, store: Store) -> None:
    """Puts up the works of the demo file's pupils who never had any.

    Raises:
        FileError: the demo file is wrong.
    """
    if settings.demo is None:
        return
    demo = YamlFile(settings.demo).read(DemoFile)
    with store.read() as session:
        new = [one for one in demo.works if _is_new(session, one.pupil)]
    for one in new:
        made = making.make("notebook", _notebook(one))
        with store.write() as session:
            _put_up(session, settings, one, made)


def _is_new(session: Session, name: str) -> bool:
    """Whether the pupil never showed anything and nobody ever asked the parents."""
    had = (
        select(ShownWork.id).where(ShownWork.person_name == name).limit(1),
        select(Consent.id).where(Consent.person_name == name).limit(1),
    )
    is_here = session.get(Person, name) is not None
    return is_here and not any(session.scalar(query) for query in had)


def _put_up(session: Session, settings: Settings, one: DemoWork, made: bytes) -> None:
    now = datetime.now(UTC)
    said = works.label(one.title, one.words)
    work = works.show(session, settings, one.pupil, "notebook", said, made, one.classroom, now)
    if not one.agreed_with:
        return
    for purpose in Purpose:
        consents.record(session, one.pupil, purpose, Way.PAPER, one.agreed_with, now)
    curator = session.scalar(
        select(Grant.person_name).where(Grant.role == "curator").order_by(Grant.id).limit(1)
    )
    if one.letter and curator:
        letters.write(session, curator, work, one.letter, now)


def _notebook(one: DemoWork) -> bytes:
    """A notebook (nbformat 4.5) out of the demo file's lines."""

    def cells() -> Iterable[dict[str, object]]:
        yield _cell("markdown", f"# {one.title}\n\n{one.words}")
        for number, code in enumerate(one.code, 1):
            yield _cell("code", code) | {"execution_count": number, "outputs": []}

    numbered = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells())]
    content = {"cells": numbered, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False).encode()


def _cell(kind: str, source: str) -> dict[str, object]:
    return {"cell_type": kind, "metadata": {}, "source": source}
