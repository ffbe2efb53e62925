"""The demo park is filled at each `up`, beside what admins did meanwhile."""

from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from technopark.people import classrooms
from technopark.people.demo import ensure_demo
from technopark.settings import SOURCE, Settings
from technopark.store import Membership, Store

DEMO = {
    "people": [
        {"name": "zoya", "full_name": "Чижова Зоя", "site": "gymnasium"},
        {"name": "ivan", "full_name": "Клёнов Иван", "site": "gymnasium", "role": "teacher"},
    ],
    "classrooms": [
        {
            "id": "stars-6a",
            "title": "6А",
            "site": "gymnasium",
            "course": "data-start",
            "teachers": ["ivan"],
            "pupils": ["zoya"],
        }
    ],
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "demo.yaml"
    file.write_text(yaml.safe_dump(DEMO, allow_unicode=True), encoding="utf-8")
    sites = SOURCE / "config" / "sites.yaml"
    return Settings(data=tmp_path / "data", sites=sites, demo=file)


def members(store: Store) -> dict[str, str]:
    """Names and roles in the demo classroom."""
    query = select(Membership).where(Membership.classroom_id == "stars-6a")
    with store.read() as session:
        return {member.person_name: member.role for member in session.scalars(query)}


def test_a_second_start_takes_nobody_out_who_was_imported(park: Store, settings: Settings) -> None:
    first = ensure_demo(settings, park)
    with park.write() as session:
        classrooms.add_members(session, "stars-6a", "pupil", ["petya"])
        classrooms.add_members(session, "stars-6a", "teacher", ["oleg"])

    assert ensure_demo(settings, park) == first
    assert members(park) == {
        "zoya": "pupil",
        "petya": "pupil",
        "ivan": "teacher",
        "oleg": "teacher",
    }
