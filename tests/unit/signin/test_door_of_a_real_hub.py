"""The door of a real hub: cards replaced, sign-out everywhere, who is believed about addresses.

Engine and servers are played; proxy, hub, database and sign-in are those of a park.
"""

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import create_engine, text
from support.hub_with_stand_ins import hub_with_stand_ins
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.bench.hub.people import Visit
from technopark.bench.hub.place import LOOPBACK, Place
from technopark.front import cards as front_cards
from technopark.front.cards import Card
from technopark.people import cards, sessions
from technopark.people.sign_ins import sign_ins
from technopark.store import SignInRecord, Site, Store, open_store

pytestmark = pytest.mark.slow

ROOM = "room-0000"
PUPILS = [f"pupil-{number}" for number in range(1, 7)]
SCHOOL, HOME = "127.0.0.9", "127.0.0.2"
"""Addresses that browsers have; all that begin with 127 lead to this machine."""
SECONDS = 20
STEP = 2.0
"""How often the hub looks at rosters."""
Open = Callable[..., Visitor]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Park, Place]]:
    coming = [Visit(name, ROOM) for name in PUPILS]
    with hub_with_stand_ins(tmp_path_factory.mktemp("hub"), coming) as made:
        yield made


@pytest.fixture(scope="module")
def park(hub: tuple[Park, Place]) -> Park:
    return hub[0]


@pytest.fixture(scope="module")
def store(hub: tuple[Park, Place]) -> Iterator[Store]:
    """The store; pupils of this site need no words at the school's address."""
    with closing(open_store(hub[1].settings.database_url)) as opened:
        with opened.write() as session:
            site = session.get_one(Site, "site-00")
            site.networks, site.card_alone = [f"{SCHOOL}/32"], True
        yield opened


@pytest.fixture
def browser(park: Park) -> Iterator[Open]:
    """Opens browsers; each is somebody's, at an address. All claim to be at school."""
    opened: list[Visitor] = []

    def open_one(name: str, address: str = HOME) -> Visitor:
        visitor = Visitor(park, name)
        visitor.http.close()
        visitor.http = httpx.Client(
            base_url=park.address,
            follow_redirects=True,
            timeout=60,
            headers={**visitor.http.headers, "X-Forwarded-For": SCHOOL, "X-Real-Ip": SCHOOL},
            transport=httpx.HTTPTransport(local_address=address),
        )
        opened.append(visitor)
        return visitor

    yield open_one
    for each in opened:
        each.close()


def is_in(visitor: Visitor) -> bool:
    """Whether the hub knows this browser."""
    answer = visitor.http.get("/hub/home")
    return answer.status_code == httpx.codes.OK and "/hub/login" not in str(answer.url)


def is_in_server(visitor: Visitor) -> bool:
    """Whether the token that this browser holds for the server is good at the hub."""
    answer = visitor.http.get(f"/user/{visitor.name}/{ROOM}/lab")
    return "JupyterLab" in answer.text


def scan(visitor: Visitor, card: cards.Card) -> httpx.Response:
    """What the card's page does by itself once its script has read the code."""
    page = visitor.http.get("/hub/card")
    assert card.secret not in str(page.url)
    if 'data-card-alone="yes"' not in page.text:
        return page
    form = {"username": card.name, "card": card.secret, "password": ""}
    return visitor.http.post("/hub/login", data=form | {"_xsrf": visitor.xsrf("/hub/")})


def log(store: Store, name: str) -> list[SignInRecord]:
    with store.read() as session:
        return sign_ins(session, datetime.now(UTC) - timedelta(hours=1), name)


def with_token(park: Park, token: str) -> int:
    """How the hub answers a program that shows `token`."""
    headers = {"Authorization": f"token {token}"}
    return httpx.get(f"{park.address}/hub/api/user", headers=headers, timeout=60).status_code


def oauth_tokens(place: Place, name: str) -> int:
    """How many tokens for servers and services browsers of the person hold."""
    return count_tokens(place, name, "client_id <> 'jupyterhub'")


def tokens_of_servers(place: Place, name: str) -> int:
    """How many tokens of running servers the person has."""
    return count_tokens(place, name, "client_id = 'jupyterhub' AND note LIKE 'Server at %'")


def count_tokens(place: Place, name: str, which: str) -> int:
    query = "SELECT count(*) FROM api_tokens JOIN users ON users.id = api_tokens.user_id"
    engine = create_engine(place.settings.hub_database_url)
    with engine.connect() as connection:
        where = text(f"{query} WHERE users.name = :name AND {which}")
        count = connection.execute(where, {"name": name}).scalar_one()
    engine.dispose()
    return int(count)


def new_token(visitor: Visitor, **asked: object) -> str:
    """A token that somebody makes for programs of their own."""
    answer = visitor.hub("POST", f"/users/{visitor.name}/tokens", json=asked)
    answer.raise_for_status()
    return str(answer.json()["token"])


def new_card(store: Store, name: str) -> cards.Card:
    with store.write() as session:
        [card] = cards.issue_cards(session, [name], classroom=ROOM)
    return card


def no_sign_out_is_due(store: Store) -> bool:
    with store.read() as session:
        return not sessions.to_sign_out(session)


def test_while_somebody_types_the_browser_fetches_the_lesson(
    hub: tuple[Park, Place], browser: Open
) -> None:
    settings = hub[1].settings
    first, texts = "1ab/main.js?v=1", "7e5/ru_RU.json"
    card = Card("1ab", "", "", {}, translations={"ru_RU": texts}, first=[first])
    front_cards.write(settings, "sha256:" + "0a" * 32, card)
    page = browser(PUPILS[0]).http.get("/hub/login", headers={"Accept-Language": "ru"}).text
    told = re.search(r'data-files="([^"]*)"', page)
    assert told
    address = front_cards.address(settings)
    assert json.loads(html.unescape(told[1])) == [f"{address}/{first}", f"{address}/{texts}"]
    worker = re.search(r'data-worker="([^"]*)"', page)
    assert worker
    script = browser(PUPILS[0]).http.get(worker[1])
    assert script.headers["Content-Type"].startswith("text/javascript")


def test_sign_out_ends_every_session_in_all_browsers(
    hub: tuple[Park, Place], browser: Open
) -> None:
    park, place = hub
    at_school, at_home = browser("pupil-1", SCHOOL), browser("pupil-1")
    for each in (at_school, at_home):
        each.sign_in().raise_for_status()
        each.start(ROOM).raise_for_status()
        assert is_in(each)
        assert is_in_server(each)
    own = new_token(at_home, note="my robot")
    at_school.http.get("/hub/logout", headers={"Sec-Fetch-Dest": "image"})
    assert is_in(at_school), "a picture in a notebook signs nobody out"
    at_school.http.get("/hub/logout").raise_for_status()
    assert not is_in(at_school)
    assert not is_in(at_home)
    assert oauth_tokens(place, "pupil-1") == 0, "no browser's token for a server is good any more"
    assert tokens_of_servers(place, "pupil-1") == 1, "the lesson goes on without its pupil"
    assert with_token(park, own) == httpx.codes.OK
    at_home.sign_in().raise_for_status()
    assert is_in(at_home)


def test_a_new_card_signs_out_whoever_has_the_old_one(
    hub: tuple[Park, Place], store: Store, browser: Open
) -> None:
    park, place = hub
    old = new_card(store, "pupil-2")
    eventually(lambda: no_sign_out_is_due(store), SECONDS, "the hub looks at the roster")
    thief, other = browser("pupil-2"), browser("pupil-3")
    other.sign_in().raise_for_status()
    thief.sign_in(old.words).raise_for_status()
    thief.start(ROOM).raise_for_status()
    hidden = new_token(thief, note="Server at /user/pupil-2/room-0000/")
    assert with_token(park, hidden) == httpx.codes.OK

    new = new_card(store, "pupil-2")
    eventually(lambda: not is_in(thief), SECONDS, "the old card's session ends")
    eventually(lambda: no_sign_out_is_due(store), SECONDS, "the request is done with")
    assert with_token(park, hidden) == httpx.codes.FORBIDDEN
    assert oauth_tokens(place, "pupil-2") == 0
    assert tokens_of_servers(place, "pupil-2") == 1
    assert thief.sign_in(old.words).status_code == httpx.codes.FORBIDDEN
    assert is_in(other), "nobody else is signed out"
    pupil = browser("pupil-2")
    pupil.sign_in(new.words).raise_for_status()
    assert is_in(pupil)


def test_who_comes_at_once_with_a_new_card_stays_in(store: Store, browser: Open) -> None:
    with_old_words, pupil = browser("pupil-6"), browser("pupil-6")
    with_old_words.sign_in().raise_for_status()
    card = new_card(store, "pupil-6")
    pupil.sign_in(card.words).raise_for_status()
    assert no_sign_out_is_due(store), "the old sessions ended before the new one began"
    assert not is_in(with_old_words)
    time.sleep(2 * STEP)  # the hub's next look at the rosters
    assert is_in(pupil)


def test_at_school_a_scanned_card_is_enough_and_elsewhere_it_is_not(
    store: Store, browser: Open
) -> None:
    card = new_card(store, "pupil-4")
    eventually(lambda: no_sign_out_is_due(store), SECONDS, "the hub looks at the roster")
    at_school, at_home = browser("pupil-4", SCHOOL), browser("pupil-4", HOME)
    scan(at_school, card).raise_for_status()
    assert is_in(at_school)
    page = scan(at_home, card)  # which says in its headers that it is at school
    assert "Твои три слова" in page.text
    assert not is_in(at_home)
    form = {"username": card.name, "card": card.secret, "password": ""}
    answer = at_home.http.post("/hub/login", data=form | {"_xsrf": at_home.xsrf("/hub/")})
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert "Теперь введи свои три слова." in answer.text
    assert f'value="{card.name}"' in answer.text, "what was filled in stays"
    again = at_school.http.get("/hub/card")
    assert "За этим компьютером вошли под именем pupil-4" in again.text
    lines = [(each.way, each.address, each.ended) for each in log(store, "pupil-4")]
    assert lines == [("card", SCHOOL, "in")]


def test_who_comes_past_the_proxy_is_where_they_are(
    hub: tuple[Park, Place], store: Store, browser: Open
) -> None:
    """As a pupil's container does, which reaches the hub and may say that it is a school."""
    card = new_card(store, "pupil-5")
    pupil = browser("pupil-5", HOME)
    pupil.http.base_url = httpx.URL(f"http://{LOOPBACK}:{hub[1].settings.ports.hub}")
    scan(pupil, card)
    assert not is_in(pupil)
    assert pupil.sign_in("три чужих слова").status_code == httpx.codes.FORBIDDEN
    [line] = log(store, "pupil-5")
    assert (line.way, line.address, line.ended) == ("words", HOME, "wrong")
