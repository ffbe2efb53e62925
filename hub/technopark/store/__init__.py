"""The park's tables: SQLAlchemy models and Alembic migrations, on SQLite or PostgreSQL.

`database.open_store` gives sessions; nothing else in the park opens the database.
"""

from technopark.store.bell_models import DayKind, Holiday, LessonDay, WarmStart, WeeklyLesson, Weeks
from technopark.store.classroom_models import JoinCode
from technopark.store.database import Store, open_store
from technopark.store.figures_models import Resource
from technopark.store.identity_models import Identity
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
from technopark.store.safety_models import AuditEntry, Deletion, Pseudonym
from technopark.store.sign_in_models import (
    IssuedCard,
    NameAtAddress,
    SignInEnd,
    SignInRecord,
    SignOut,
)

__all__ = [
    "Assignment",
    "AssignmentVersion",
    "AuditEntry",
    "Base",
    "Classroom",
    "CourseVersion",
    "DayKind",
    "Deletion",
    "Extension",
    "Feedback",
    "Flavour",
    "Grant",
    "HandIn",
    "Holiday",
    "Identity",
    "IssuedCard",
    "JoinCode",
    "Lease",
    "LeaseReservation",
    "LeaseUsage",
    "LessonDay",
    "Membership",
    "NameAtAddress",
    "Person",
    "Pseudonym",
    "Resource",
    "Revision",
    "SignInEnd",
    "SignInFailure",
    "SignInRecord",
    "SignOut",
    "Site",
    "Store",
    "Submission",
    "WarmStart",
    "WeeklyLesson",
    "Weeks",
    "open_store",
]
