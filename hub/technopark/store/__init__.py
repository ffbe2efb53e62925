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
from technopark.store.noticeboard_models import (
    FeedKey,
    Joining,
    Kind,
    Partner,
    PartnerCurator,
    PartnerSite,
    Posting,
    State,
)
from technopark.store.path_models import Consent, Letter, LetterState, ShownWork, WorkKind
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
    "Consent",
    "CourseVersion",
    "DayKind",
    "Deletion",
    "Extension",
    "FeedKey",
    "Feedback",
    "Flavour",
    "Grant",
    "HandIn",
    "Holiday",
    "Identity",
    "IssuedCard",
    "JoinCode",
    "Joining",
    "Kind",
    "Lease",
    "LeaseReservation",
    "LeaseUsage",
    "LessonDay",
    "Letter",
    "LetterState",
    "Membership",
    "NameAtAddress",
    "Partner",
    "PartnerCurator",
    "PartnerSite",
    "Person",
    "Posting",
    "Pseudonym",
    "Resource",
    "Revision",
    "ShownWork",
    "SignInEnd",
    "SignInFailure",
    "SignInRecord",
    "SignOut",
    "Site",
    "State",
    "Store",
    "Submission",
    "WarmStart",
    "WeeklyLesson",
    "Weeks",
    "WorkKind",
    "open_store",
]
