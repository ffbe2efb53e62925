"""GPUs kept for the timetable's lessons: one reservation for each coming lesson that needs them.

Called by `rounds` when the timetable changed, and every few minutes. It touches only reservations
that it made itself; an admin's stay as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.bell.calendar import Lesson
from technopark.engine.leased import Device
from technopark.store import Classroom, CourseVersion, LeaseReservation


def devices_for(pupils: int, devices: Sequence[Device]) -> int:
    """How many devices a class wants, so that each pupil has a share; at most all there are."""
    if not devices:
        return 0
    # Which ones the line will choose is not known here: the least shared would need the most.
    return min(len(devices), ceil(pupils / min(device.shares for device in devices)))


def keep_in_step(
    session: Session,
    lessons: Iterable[Lesson],
    sizes: Mapping[str, int],
    devices: Sequence[Device],
) -> None:
    """Makes, changes and drops the bell's reservations; what is right already stays.

    Args:
        session: a transaction.
        lessons: those that are on and come within the next day or two.
        sizes: how many pupils each classroom has.
        devices: all that the park can lease.
    """
    with_gpu = set(
        session.scalars(
            select(Classroom.id).join(CourseVersion).where(CourseVersion.gpu_image.is_not(None))
        )
    )
    wanted = {
        lesson.key: (lesson, number)
        for lesson in lessons
        if lesson.classroom in with_gpu
        and (number := devices_for(sizes.get(lesson.classroom, 0), devices))
    }
    mine = select(LeaseReservation).where(LeaseReservation.lesson.is_not(None))
    for row in session.scalars(mine):
        if row.lesson not in wanted:
            session.delete(row)
            continue
        lesson, row.devices = wanted.pop(row.lesson)
        row.starts, row.ends = lesson.starts, lesson.ends
    for key, (lesson, number) in wanted.items():
        session.add(
            LeaseReservation(
                classroom_id=lesson.classroom,
                devices=number,
                starts=lesson.starts,
                ends=lesson.ends,
                lesson=key,
            )
        )
