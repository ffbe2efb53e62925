"""The park's tables: SQLAlchemy models and Alembic migrations, on SQLite or PostgreSQL.

`database.open_store` gives sessions; nothing else in the park opens the database.
"""

from technopark.store.database import Store, open_store
from technopark.store.lease_models import Flavour, Lease, LeaseReservation, LeaseUsage
from technopark.store.models import (
    Assignment,
    AssignmentVersion,
    Base,
    Classroom,
    CourseVersion,
    Extension,
    Feedback,
    Grant,
    HandIn,
    Membership,
    Person,
    Revision,
    SignInFailure,
    Site,
    Submission,
)

__all__ = [
    "Assignment",
    "AssignmentVersion",
    "Base",
    "Classroom",
    "CourseVersion",
    "Extension",
    "Feedback",
    "Flavour",
    "Grant",
    "HandIn",
    "Lease",
    "LeaseReservation",
    "LeaseUsage",
    "Membership",
    "Person",
    "Revision",
    "SignInFailure",
    "Site",
    "Store",
    "Submission",
    "open_store",
]
