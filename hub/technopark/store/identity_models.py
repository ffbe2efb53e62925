"""The table of identities: whom a provider of OpenID Connect means, and what it gave them here.

Written by `people.identities`, and by nobody else. A change here needs a migration.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from technopark.store.models import Base, Person


class Identity(Base):
    """Somebody at a provider is this person here, whatever they are called there today."""

    __tablename__ = "park_identity"
    __table_args__ = (UniqueConstraint("person_name", "issuer"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"))
    said: Mapped[dict[str, Any]]
    """What the provider last said of the person, in the park's words."""
    given: Mapped[dict[str, Any]]
    """What of it the person has by the provider alone, and loses when it says so no more."""
    first_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
