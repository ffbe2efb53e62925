"""Made-up postings of the demo park, so that its pages are not empty.

Called by `technopark up` after `people.demo`. What an admin changed, withdrew or published
meanwhile stays as it is: a posting is made once, and known by its title.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.noticeboard import postings, taking_part
from technopark.noticeboard.postings import Said
from technopark.people import rights
from technopark.people.demo import DemoFile, DemoPosting
from technopark.people.rights import Standing
from technopark.settings import Settings
from technopark.store import Posting, Store
from technopark.yamlfile import YamlFile

WRITER = Standing("technopark", is_admin=True)
"""Whose the postings are: the park itself, which is nobody's name."""


def ensure_postings(settings: Settings, store: Store, now: datetime) -> None:
    """Brings the demo's postings into the store; repeats do nothing."""
    if settings.demo is None:
        return
    demo = YamlFile(settings.demo).read(DemoFile)
    with store.write() as session:
        known = set(session.scalars(select(Posting.title)))
        for one in demo.postings:
            if one.title not in known:
                _post(session, one, now, settings.timezone)


def _post(session: Session, one: DemoPosting, now: datetime, zone: str) -> None:
    starts_at = None
    if one.in_days is not None:
        day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=one.in_days)
        starts_at = datetime.combine(day, one.at, ZoneInfo(zone))
    first, last = one.ages or (None, None)
    said = Said(
        kind=one.kind,
        title=one.title,
        text=one.text,
        site=one.site,
        partner=one.partner,
        place=one.place,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=one.hours) if starts_at else None,
        seats=one.seats,
        age_from=first,
        age_to=last,
    )
    made = postings.make(session, WRITER, said, now, zone)
    postings.publish(made, now)
    for name in one.pupils:
        who = rights.standing(session, name)
        if who:
            taking_part.join(session, who, made, now)
