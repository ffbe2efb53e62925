"""A small made-up city in a park of its own."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from technopark.made_up.city import city
from technopark.made_up.fill import fill
from technopark.made_up.plan import City
from technopark.settings import SOURCE, Database, Settings
from technopark.store import Store


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    outer = "" if database_url.startswith("sqlite") else database_url
    return Settings(
        data=tmp_path,
        sites=SOURCE / "config" / "sites.yaml",
        database=Database(url=SecretStr(outer.replace("+psycopg", ""))),
    )


@pytest.fixture
def village(settings: Settings, store: Store) -> City:
    """152 pupils in eight classrooms, and all that they handed in."""
    made = city(seed=7, scale=0.02)
    fill(settings, store, made)
    return made
