"""The demo park has something on, once, whatever happened to it meanwhile."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from support.noticeboard import NOW

from technopark.noticeboard import postings, search
from technopark.noticeboard.demo import ensure_postings
from technopark.noticeboard.search import Wanted
from technopark.people import demo, rights
from technopark.settings import SOURCE, Settings
from technopark.store import CourseVersion, Posting, Store


def test_it_is_posted_once_and_what_was_withdrawn_stays_so(park: Store, tmp_path: Path) -> None:
    config = SOURCE / "config"
    settings = Settings(data=tmp_path, sites=config / "sites.yaml", demo=config / "demo.yaml")
    with park.write() as session:
        for course in ("robotics-start", "bio-start"):
            session.add(
                CourseVersion(
                    course=course,
                    version="1.0",
                    title={"ru": course, "en": course},
                    image="sha256:1",
                    grader_image="sha256:2",
                    content=course,
                    published_at=NOW,
                )
            )
    demo.ensure_demo(settings, park)
    ensure_postings(settings, park, NOW)
    with park.write() as session:
        first = session.scalars(select(Posting).order_by(Posting.id)).first()
        assert first
        postings.withdraw(first, NOW)
        number, title = session.scalar(select(func.count(Posting.id))), first.title
        curator = rights.standing(session, "curator")
        assert curator
        assert postings.may_keep(curator, first)
    ensure_postings(settings, park, NOW + timedelta(days=1))
    with park.read() as session:
        assert session.scalar(select(func.count(Posting.id))) == number
        rows = search.published(session, Wanted(), NOW, 1).rows
    assert title not in {row.posting.title for row in rows}
    assert {row.posting.kind for row in rows} == set(postings.KINDS)
    assert any(row.joined for row in rows)
