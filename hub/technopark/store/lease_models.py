"""The tables of leases: kernels that run elsewhere, the use that was made of devices, reservations.

Written by `kernels` (the broker and `technopark leases`), reservations for the timetable's lessons
by `bell`. A change here needs a migration.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from technopark.store.models import Base, Classroom

Flavour = Literal["gpu", "sandbox"]
"""A kernel on a GPU, or a place to grade one submission in."""

_HOLDS = text("holds")


class Lease(Base):
    """The right of a person, for a classroom, to one kernel or sandbox elsewhere."""

    __tablename__ = "park_lease"
    __table_args__ = (
        # The last word against leasing a share of a device twice.
        Index(
            "uq_park_lease_share",
            *("flavour", "node", "device", "share"),
            unique=True,
            sqlite_where=_HOLDS,
            postgresql_where=_HOLDS,
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    flavour: Mapped[Flavour] = mapped_column(String(10))
    person_name: Mapped[str] = mapped_column(String(63), index=True)
    """The hub user that holds it; grading users are no rows of `park_person`."""
    classroom_id: Mapped[str] = mapped_column(ForeignKey("park_classroom.id"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(10), index=True)
    version: Mapped[int] = mapped_column(default=1)
    """Grows with all that its holder is to be told."""
    reason: Mapped[str | None] = mapped_column(String(20))
    """Why it ended."""
    exit_code: Mapped[int | None]

    kernel_id: Mapped[str] = mapped_column(String(100), default="")
    cwd: Mapped[str] = mapped_column(default="")
    """The kernel's folder, relative to the home."""
    environment: Mapped[dict[str, Any]] = mapped_column(default=dict)
    connection: Mapped[dict[str, Any] | None]
    """Keys of the kernel's connection: secrets, kept only until the kernel runs."""

    asked_at: Mapped[datetime]
    granted_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    """The time limit, from the grant on."""
    held_until: Mapped[datetime | None]
    """While `stopped`: the place is held so long for a restart."""
    ended_at: Mapped[datetime | None]

    holds: Mapped[bool] = mapped_column(default=False, index=True)
    """Whether its share is taken: from the grant until the container is gone."""
    node: Mapped[str] = mapped_column(default="")
    device: Mapped[str] = mapped_column(default="")
    share: Mapped[int] = mapped_column(default=0)
    shares: Mapped[int] = mapped_column(default=1)
    """How many leases the device had room for when this one was granted."""
    address: Mapped[str] = mapped_column(String(45), default="")
    first_port: Mapped[int] = mapped_column(default=0)
    server_address: Mapped[str] = mapped_column(String(45), default="")
    """The holder's server, which may reach the lease."""
    box: Mapped[str] = mapped_column(String(40), default="")
    """What the engine knows the container by (`Order.name`)."""
    container: Mapped[str] = mapped_column(String(80), default="")

    classroom: Mapped[Classroom] = relationship()


class LeaseUsage(Base):
    """Device time that somebody used, counted less and less as time goes by (`kernels.line`)."""

    __tablename__ = "park_lease_usage"

    flavour: Mapped[Flavour] = mapped_column(String(10), primary_key=True)
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    """Whose use it is: a site's, a classroom's or a person's."""
    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    seconds: Mapped[float]
    at: Mapped[datetime]
    """The moment for which `seconds` holds."""


class LeaseReservation(Base):
    """Devices that are kept for a classroom for some time, such as a lesson."""

    __tablename__ = "park_reservation"

    id: Mapped[int] = mapped_column(primary_key=True)
    classroom_id: Mapped[str] = mapped_column(ForeignKey("park_classroom.id"), index=True)
    devices: Mapped[int]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    lesson: Mapped[str | None] = mapped_column(String(60), unique=True)
    """The lesson of the timetable that the bell made it for; None: an admin's."""

    classroom: Mapped[Classroom] = relationship()
