"""The table of codes that pupils come into classrooms with.

Written by `people.join_codes` alone. A change here needs a migration.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from technopark.store.models import Base, Classroom


class JoinCode(Base):
    """What a classroom's pupils type to come in; a classroom has one, a new one ends the old."""

    __tablename__ = "park_join_code"

    classroom_id: Mapped[str] = mapped_column(ForeignKey("park_classroom.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    made_by: Mapped[str] = mapped_column(String(63))
    expires_at: Mapped[datetime]

    classroom: Mapped[Classroom] = relationship()
