"""Every page stays light: few statements for the database, however long its lists, and few bytes.

The same pages at the size of a whole city: `./park bench portal`.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import event
from support.portal_here import pages_of, portal_here
from support.service import running

from technopark.bench.portal_pages import NO_PAGES, PAGES, Cast, Look, cast
from technopark.made_up.city import city
from technopark.made_up.fill import fill
from technopark.portal.app import pages
from technopark.portal.frame import PREFIX
from technopark.settings import SOURCE, Settings
from technopark.store import open_store

MOST_STATEMENTS = 35
"""The longest gather a pupil's path from ten tables, and ask about rights wherever they read."""
MOST_BYTES = 100_000
LOOKS = [look for looks in PAGES.values() for look in looks]


class Village:
    """The portal over a made-up village: its classes are as large as a city's."""

    def __init__(self, url: str, people: Cast) -> None:
        self.people = people
        self.statements: list[str] = []
        self._http = httpx.Client(base_url=url, trust_env=False)

    def see(self, look: Look) -> httpx.Response:
        """A page, and the statements that it took the second time."""
        for _ in range(2):
            self.statements.clear()
            headers = {"X-Name": self.people.names[look.who]}
            answer = self._http.get(f"{PREFIX}{self.people.path(look)}", headers=headers)
        return answer

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    folder = tmp_path_factory.mktemp("portal")
    settings = Settings(data=folder, sites=SOURCE / "config" / "sites.yaml")
    town = city(seed=7, scale=0.02)
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(settings.database_url)))
        fill(settings, store, town)
        app = portal_here(settings, store, "http://127.0.0.1:1/hub/api", lambda: datetime.now(UTC))
        made = Village(stack.enter_context(running(app)), cast(town))
        stack.callback(made.close)

        @event.listens_for(store.engine, "before_cursor_execute")
        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            made.statements.append(statement)

        yield made


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.who}:{look.path}")
def test_a_page_is_light(village: Village, look: Look) -> None:
    answer = village.see(look)
    assert answer.status_code == 200
    assert len(answer.content) < MOST_BYTES
    assert len(village.statements) <= MOST_STATEMENTS, "\n\n".join(village.statements)


def test_no_page_is_forgotten() -> None:
    assert pages_of(pages()) == PAGES.keys() | NO_PAGES
