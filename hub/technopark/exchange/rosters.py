"""The pupils of a classroom, for its grading server: formgrader lists also who handed in nothing.

Mounted by `app`. It tells names to the classroom's teachers alone, and changes nothing.
"""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select

from technopark.exchange.assignments import require
from technopark.exchange.routes import ServiceOf, Who
from technopark.people.rights import Action
from technopark.store import Membership, Person

router = APIRouter()


class Pupil(BaseModel):
    """A pupil of a classroom."""

    name: str
    full_name: str


@router.get("/classrooms/{classroom}/roster")
def roster(classroom: str, service: ServiceOf, who: Who) -> list[Pupil]:
    """The pupils who take part now, by name."""
    with service.store.read() as session:
        require(session, who, Action.GRADE, classroom)
        pupils = session.execute(
            select(Person.name, Person.full_name)
            .join(Membership)
            .where(Membership.classroom_id == classroom, Membership.role == "pupil", Person.active)
            .order_by(Person.name)
        )
        return [Pupil(name=name, full_name=full_name) for name, full_name in pupils]
