"""Whose path and works a visitor sees; else there is no such page.

Called by every page here before anything is shown or changed.
"""

from fastapi import HTTPException
from sqlalchemy.orm import Session

from technopark.path.works import Found, seen
from technopark.people import rights
from technopark.people.rights import Standing
from technopark.store import Person, ShownWork


def of_whom_i_see_the_path(session: Session, who: Standing, name: str) -> Person:
    """The pupil `name`, if `who` is that pupil or answers for the pupil.

    Raises:
        HTTPException: 404 also where there is such a pupil, as it is nobody else's business.
    """
    whose = _standing(session, name)
    if not rights.may_see_path(who, whose):
        raise HTTPException(404)
    return session.get_one(Person, name)


def for_whom_i_answer(session: Session, who: Standing, name: str) -> Person:
    """The pupil `name`, if `who` answers for the pupil to parents and curators.

    Raises:
        HTTPException: as above.
    """
    if not rights.answers_for(who, _standing(session, name)):
        raise HTTPException(404)
    return session.get_one(Person, name)


def known_work(session: Session, who: Standing, number: str) -> ShownWork:
    """A work of the visitor's own, or of a pupil for whom the visitor answers, also a hidden one.

    Raises:
        HTTPException: 404.
    """
    work = session.get(ShownWork, number)
    if work is None:
        raise HTTPException(404)
    of_whom_i_see_the_path(session, who, work.person_name)
    return work


def seen_work(session: Session, who: Standing, number: str) -> Found:
    """A work as a curator sees it.

    Raises:
        HTTPException: 404: hidden, withdrawn, none, or the visitor is no curator.
    """
    found = seen(session, number) if rights.may_look_for_works(who) else None
    if found is None:
        raise HTTPException(404)
    return found


def _standing(session: Session, name: str) -> Standing:
    whose = None if rights.is_grading_name(name) else rights.standing(session, name)
    if whose is None:
        raise HTTPException(404)
    return whose
