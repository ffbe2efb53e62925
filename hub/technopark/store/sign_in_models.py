"""Cards, and what happens at the door: who signed in, who failed where, who is to be signed out.

Cards are written by `people.cards`, sign-outs asked for by `people.sessions`, the log is kept by
`people.sign_ins`, failures at an address are counted by `people.slowdown`. A change here needs a
migration.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from technopark.store.models import Base


class IssuedCard(Base):
    """The card that a person holds now; of an earlier one nothing is kept."""

    __tablename__ = "park_card"

    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    """sha256 of what the QR code carries beside the name."""
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(63))


class SignOut(Base):
    """All sessions of a person are to end; the hub deletes the row when they have."""

    __tablename__ = "park_sign_out"

    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), primary_key=True)
    asked_at: Mapped[datetime]


class SignInEnd(StrEnum):
    """How an attempt to sign in ended."""

    IN = "in"
    WRONG = "wrong"
    """Unknown name, wrong words, an old card, or somebody who left the park."""
    NAME_WAITS = "name-waits"
    """Not looked at: too many failures for this name."""
    ADDRESS_WAITS = "address-waits"
    """Not looked at: too many names failed at this address."""


class SignInRecord(Base):
    """One attempt to sign in. Who typed a name that nobody has stands here by a pseudonym."""

    __tablename__ = "park_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(63), index=True)
    way: Mapped[str] = mapped_column(String(20))
    """`words`, `card`, or `school`: by the provider of OpenID Connect."""
    address: Mapped[str] = mapped_column(String(45))
    ended: Mapped[str] = mapped_column(String(20))
    """A `SignInEnd`."""


class NameAtAddress(Base):
    """A name that failed at an address of late, or that signed in there before."""

    __tablename__ = "park_name_at_address"

    address: Mapped[str] = mapped_column(String(45), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    failed_at: Mapped[datetime | None]
    """Its first failure since it was last right."""
    was_in_at: Mapped[datetime | None]
    """When it last signed in here; None: never."""
