"""A child scans the card: the name is there, the words are typed, and nothing leaks on the way.

The hub is real; it needs neither engine nor images here.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from support.hub_with_stand_ins import hub_with_stand_ins
from support.park import Park
from support.waiting import eventually

from technopark.bench.hub.people import Visit
from technopark.people import cards
from technopark.store import SignOut, Site, Store, open_store

pytestmark = pytest.mark.browser

ROOM = "room-0000"
NAMES = ["masha", "petya"]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def park_with_a_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Park]:
    coming = [Visit(name, ROOM) for name in NAMES]
    with hub_with_stand_ins(tmp_path_factory.mktemp("hub"), coming) as (park, _place):
        yield park


@pytest.fixture
def store(park_with_a_door: Park) -> Iterator[Store]:
    with closing(open_store(park_with_a_door.settings.database_url)) as opened:
        yield opened


@pytest.fixture
def issue(store: Store) -> Callable[[str], cards.Card]:
    def new_card(name: str) -> cards.Card:
        with store.write() as session:
            [card] = cards.issue_cards(session, [name], classroom=ROOM)
        eventually(sessions_have_ended, 20, "the hub has ended the sessions of the old card")
        return card

    def sessions_have_ended() -> bool:
        with store.read() as session:
            return session.scalar(select(SignOut).limit(1)) is None

    return new_card


@pytest.fixture
def words_needed(store: Store, request: pytest.FixtureRequest) -> None:
    """Whether the school at this address wants words beside a card."""
    with store.write() as session:
        site = session.get_one(Site, "site-00")
        site.networks, site.card_alone = ["127.0.0.0/8"], not request.param


with_words = pytest.mark.parametrize("words_needed", [True], indirect=True, ids=["words"])
card_alone = pytest.mark.parametrize("words_needed", [False], indirect=True, ids=["alone"])


@pytest.fixture
def pc(chromium: Browser) -> Iterator[Open]:
    opened = []

    def open_page(locale: str = "ru-RU", **more: object) -> Page:
        context = chromium.new_context(locale=locale, **more)  # type: ignore[arg-type]
        opened.append(context)
        return context.new_page()

    yield open_page
    for context in opened:
        context.close()


def scan(page: Page, park: Park, card: cards.Card) -> list[str]:
    """Opens what the code says; all that the browser then sends, but for what it posts."""
    sent: list[str] = []
    page.on("request", lambda each: sent.append(f"{each.url} {each.all_headers()}"))
    page.goto(cards.card_link(park.address, card))
    return sent


@with_words
@pytest.mark.usefixtures("words_needed")
def test_the_name_is_filled_in_and_only_the_words_are_typed(
    park_with_a_door: Park, issue: Callable[[str], cards.Card], pc: Open
) -> None:
    card, page = issue("masha"), pc()
    sent = scan(page, park_with_a_door, card)
    expect(page.get_by_label("Твоё имя")).to_have_value("masha")
    expect(page.get_by_label("Твои три слова")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Теперь введи три слова с карточки.")
    assert page.url == f"{park_with_a_door.address}/hub/card"
    page.keyboard.type("совсем не те")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Имя или слова не подошли.")
    field = page.get_by_label("Твои три слова")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("Имя или слова не подошли"))
    expect(page.get_by_label("Твоё имя")).to_have_value("masha")
    page.keyboard.type(card.words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/hub/home")
    assert len(sent) > 5
    assert [each for each in sent if card.secret in each] == []


@card_alone
@pytest.mark.usefixtures("words_needed")
def test_where_the_school_allows_it_the_card_opens_the_park(
    park_with_a_door: Park, issue: Callable[[str], cards.Card], pc: Open
) -> None:
    card, page = issue("petya"), pc()
    sent = scan(page, park_with_a_door, card)
    page.wait_for_url("**/hub/home")
    assert [each for each in sent if card.secret in each] == [], "it is posted, in no address"
    page.go_back()
    assert card.secret not in page.url

    page.goto(cards.card_link(park_with_a_door.address, card))  # scanned once more
    page.wait_for_url("**/hub/home")
    page.goto("about:blank")
    page.goto(cards.card_link(park_with_a_door.address, issue("masha")))  # somebody else's
    expect(page.get_by_role("heading", name="Здесь уже кто‑то вошёл")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Выйти").click()
    expect(page.get_by_label("Твоё имя")).to_be_visible()


@card_alone
@pytest.mark.usefixtures("words_needed")
def test_an_old_card_says_that_it_is_old(
    park_with_a_door: Park, issue: Callable[[str], cards.Card], pc: Open
) -> None:
    old, page = issue("masha"), pc("en-GB")
    issue("masha")
    scan(page, park_with_a_door, old)
    expect(page.get_by_role("alert")).to_contain_text("This card does not work any more.")
    expect(page.get_by_label("Your name")).to_have_value("masha")


def test_without_scripts_it_is_the_page_to_sign_in(
    park_with_a_door: Park, issue: Callable[[str], cards.Card], pc: Open
) -> None:
    card, page = issue("petya"), pc(java_script_enabled=False)
    page.goto(cards.card_link(park_with_a_door.address, card))
    expect(page.get_by_label("Показать слова")).to_be_hidden()
    page.fill("#username", card.name)
    page.fill("#password", card.words)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/hub/home")
