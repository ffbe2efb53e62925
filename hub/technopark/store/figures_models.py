"""What the figures of the practice count and no program of the park knows: typed in by admins.

Written by `people.resources` alone. No person's name stands here. A change needs a migration.
"""

from datetime import date
from typing import Literal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from technopark.store.models import Base

ResourceKind = Literal["equipment", "agreement"]


class Resource(Base):
    """Equipment of a module, or an agreement with a partner."""

    __tablename__ = "park_resource"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ResourceKind] = mapped_column(String(10))
    site_id: Mapped[str | None] = mapped_column(ForeignKey("park_site.id"), index=True)
    """None: of the whole park."""
    title: Mapped[str] = mapped_column(String(120))
    number: Mapped[int]
    """How many of it."""
    since: Mapped[date]
    until: Mapped[date | None]
    """The last day; None: it is there, or in force, to this day."""
