"""What happened, in words for whoever reads the log. Pure.

Called by `log_pages`. Texts are English, to be translated; `{room}` and the like are filled there.
"""

from technopark.people.audit import Did

WORDS = {
    Did.CLASS_MADE: "The class was made",
    Did.CLASS_CHANGED: "Title or days of the class were changed",
    Did.CLASS_CLOSED: "The class was closed",
    Did.CLASS_REOPENED: "The class was opened again",
    Did.CODE_MADE: "A code to join was made",
    Did.CODE_ENDED: "The code to join was ended",
    Did.PUPIL_IN: "A pupil was added",
    Did.PUPIL_OUT: "A pupil was taken out",
    Did.TEACHER_IN: "A teacher was added",
    Did.TEACHER_OUT: "A teacher was taken off",
    Did.JOINED: "Joined by a code",
    Did.MOVED_UP: "Moved up into this class",
    Did.SCHOOL_CHANGED: "Changed the school",
    Did.LEFT: "Left the park",
    Did.CAME_BACK: "Came back to the park",
    Did.DUE_MOVED: "The deadline was moved",
    Did.LONGER: "One pupil's deadline was changed",
    Did.WORDS_MADE: "New words were made, the old card ended",
    Did.LIST_SEEN: "The list of the class was opened",
    Did.PERSON_SEEN: "The person's page was opened",
    Did.EXPORTED: "All data of the person were saved",
    Did.DELETION_ASKED: "Deletion was asked for",
    Did.DELETED: "The person was deleted",
    Did.WORK_DELETED: "Files and works were deleted",
    Did.RETENTION: "The daily look for what is kept too long",
    Did.RESOURCE_IN: "Equipment or an agreement was added",
    Did.RESOURCE_OUT: "Equipment or an agreement was taken away",
}
"""Each thing that stands in the log."""
