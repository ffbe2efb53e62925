"""Sign-in through the school, before a real hub and a certified provider; and what goes wrong."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from support.hub_with_stand_ins import hub_with_stand_ins
from support.openid_provider import (
    CLIENT,
    SECRET,
    OpenIdProvider,
    openid_provider,
    sign_in_there,
)
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.bench.hub.people import Visit
from technopark.bench.own_park import free_ports
from technopark.machine import MachineError
from technopark.machine.openid import check_openid
from technopark.people import classrooms
from technopark.people.changes import note_change
from technopark.people.sign_ins import sign_ins
from technopark.signin.provider import LOOK_SECONDS
from technopark.store import Grant, Identity, Membership, Person, SignInEnd, Site, Store, open_store

pytestmark = pytest.mark.slow

ROOM, OTHER = "room-0000", "room-0001"
PATIENCE = 1.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WANTED = "/hub/home?from=lesson"
"""The page that somebody wanted before signing in."""
MEANING = {
    "person": "park_name",
    "site": {"claim": "school", "values": {"12": "gymnasium"}},
    "roles": {"claim": "groups", "values": {"authors": {"role": "author"}}},
    "classrooms": {
        "claim": "groups",
        "values": {
            "6A": {"classroom": ROOM},
            "6A-teachers": {"classroom": ROOM, "role": "teacher"},
        },
    },
}


@dataclass
class School:
    """A park, and the provider of its schools."""

    park: Park
    provider: OpenIdProvider
    store: Store

    def person(self, account: str) -> Person | None:
        """Who the account is in the park."""
        with self.store.read() as session:
            identity = session.get(Identity, (self.provider.issuer, account))
            return session.get(Person, identity.person_name) if identity else None

    def rooms(self, name: str) -> dict[str, str]:
        """The classrooms of a person, with the role in each."""
        with self.store.read() as session:
            seats = session.query(Membership).filter_by(person_name=name)
            return {seat.classroom_id: seat.role for seat in seats}

    def roles(self, name: str) -> list[str]:
        with self.store.read() as session:
            return [grant.role for grant in session.query(Grant).filter_by(person_name=name)]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    web, port = free_ports(2)
    park_address = f"http://127.0.0.1:{web}"
    openid = {
        "issuer": f"http://127.0.0.1:{port}",
        "client_id": CLIENT,
        "answer_seconds": PATIENCE,
        "claims": MEANING,
    }
    coming = [Visit("petya", ROOM), Visit("lena", OTHER)]
    with (
        openid_provider(port, f"{park_address}/hub/oauth_callback") as provider,
        hub_with_stand_ins(
            tmp_path_factory.mktemp("hub"),
            coming,
            web={"address": park_address},
            signin={"openid": openid},
        ) as (park, place),
    ):
        (place.settings.data / "secrets" / "openid-client-secret").write_text(f"{SECRET}\n")
        store = open_store(place.settings.database_url)
        with store.write() as session:
            gymnasium = {"module": "", "speciality": "", "timezone": "UTC"}
            session.add(Site(id="gymnasium", name="gymnasium", **gymnasium))
        yield School(park, provider, store)
        store.close()


@pytest.fixture
def provider(school: School) -> Iterator[OpenIdProvider]:
    """The provider, honest and quick again afterwards."""
    yield school.provider
    school.provider.say(lie="", seconds=0)


@pytest.fixture
def browsers(school: School) -> Iterator[Any]:
    """New browsers on PCs where nobody has been."""
    opened = []

    def browser() -> httpx.Client:
        opened.append(Visitor(school.park, "petya"))
        return opened[-1].http

    yield browser
    for each in opened:
        each.close()


@pytest.fixture
def browser(browsers: Any) -> httpx.Client:
    made: httpx.Client = browsers()
    return made


def click(browser: httpx.Client) -> httpx.Response:
    """The button of the sign-in page; the answer after all redirects."""
    return browser.get("/hub/oauth_login", params={"next": WANTED})


def sign_in(browser: httpx.Client, account: str) -> httpx.Response:
    """From the button to where it ends."""
    return sign_in_there(browser, click(browser), account)


def way_back(browser: httpx.Client, account: str) -> str:
    """Signs in at the provider; the address it sends the browser to, where it has not been yet."""
    browser.follow_redirects = True
    page = click(browser)
    browser.follow_redirects = False
    answer = sign_in_there(browser, page, account)
    while "/hub/oauth_callback" not in answer.headers["Location"]:
        answer = browser.get(answer.url.join(answer.headers["Location"]))
    browser.follow_redirects = True
    return answer.headers["Location"]


def told(answer: httpx.Response, status: int, words: str) -> None:
    """The page says in plain words what is wrong, and how else to sign in."""
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert 'href="/hub/login' in answer.text
    assert "Войти по имени и словам" in answer.text


def is_in(browser: httpx.Client) -> bool:
    return "/hub/login" not in str(browser.get("/hub/home").url)


def test_a_first_sign_in_makes_a_pupil_of_the_right_classroom(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    provider.knows("u-1", given_name="Маша", family_name="Иволгина", school="12", groups=["6A"])
    page = browser.get("/hub/login")
    assert "Войти через школу" in page.text
    assert 'name="password"' in page.text, "the other way stands beside it"
    assert check_openid(school.park.settings) == f"{provider.issuer} answers"
    home = sign_in(browser, "u-1")
    assert home.status_code == 200
    assert home.url.raw_path.decode() == WANTED
    assert ROOM in home.text, "the lesson is there to be started"
    masha = school.person("u-1")
    assert masha
    assert (masha.name, masha.full_name, masha.site_id) == ("masha-i", "Маша И.", "gymnasium")
    assert school.rooms("masha-i") == {ROOM: "pupil"}
    with school.store.read() as session:
        [line] = sign_ins(session, LONG_AGO, "masha-i")
        assert (line.way, line.address, line.ended) == ("school", "127.0.0.1", SignInEnd.IN)


def test_who_is_called_alike_is_somebody_else(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    provider.knows("u-2", given_name="Маша", family_name="Ильина", school="12")
    assert sign_in(browser, "u-2").status_code == 200
    namesake = school.person("u-2")
    assert namesake
    assert (namesake.name, school.rooms(namesake.name)) == ("masha-i-2", {})


def test_a_changed_e_mail_and_name_change_nothing_of_who_somebody_is(
    school: School, provider: OpenIdProvider, browsers: Any
) -> None:
    same: dict[str, Any] = {"given_name": "Соня", "school": "12", "groups": ["6A"]}
    provider.knows("u-3", family_name="Снегирь", email="sonya@school.example", **same)
    assert sign_in(browsers(), "u-3").status_code == 200
    provider.knows("u-3", family_name="Орлова", email="orlova@school.example", **same)
    # ... and the old address is somebody else's now
    provider.knows("u-4", given_name="Соня", email="sonya@school.example", school="12")
    assert sign_in(browsers(), "u-3").status_code == 200
    assert sign_in(browsers(), "u-4").status_code == 200
    sonya, other = school.person("u-3"), school.person("u-4")
    assert sonya
    assert other
    assert (sonya.name, sonya.full_name) == ("sonia-s", "Соня О.")
    assert other.name == "sonia"


def test_what_the_school_says_no_more_is_taken_back_and_a_teachers_roster_stays(
    school: School, provider: OpenIdProvider, browsers: Any
) -> None:
    name = {"given_name": "Олег", "school": "12"}
    provider.knows("u-5", groups=["6A-teachers", "authors"], **name)
    sign_in(browsers(), "u-5")
    oleg = school.person("u-5")
    assert oleg
    with school.store.write() as session:
        classrooms.add_members(session, OTHER, "teacher", [oleg.name])
    assert school.rooms(oleg.name) == {ROOM: "teacher", OTHER: "teacher"}
    assert school.roles(oleg.name) == ["author"]
    provider.knows("u-5", **name)
    sign_in(browsers(), "u-5")
    assert school.rooms(oleg.name) == {OTHER: "teacher"}
    assert school.roles(oleg.name) == []


def test_somebody_known_is_found_by_the_claim_that_settings_name(
    school: School, provider: OpenIdProvider, browsers: Any
) -> None:
    provider.knows("u-6", given_name="Пётр", school="12", park_name="petya")
    assert sign_in(browsers(), "u-6").status_code == 200
    petya = school.person("u-6")
    assert petya
    assert petya.name == "petya"
    assert school.rooms("petya") == {ROOM: "pupil"}
    provider.knows("u-7", given_name="Чужой", school="12", park_name="petya")
    told(sign_in(browsers(), "u-7"), 403, "под другой учётной записью")
    provider.knows("u-8", given_name="Чужой", school="12", park_name="nobody-here")
    told(sign_in(browsers(), "u-8"), 403, "которого технопарк не знает")
    assert school.person("u-7") is None


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"school": "12"}, "не сообщил, как тебя зовут"),
        ({"given_name": "Аня"}, "не сообщил, из какой ты школы"),
        ({"given_name": "Аня", "school": "99"}, "твоя школа не участвует"),
    ],
)
def test_a_missing_claim_lets_nobody_new_in(
    school: School,
    provider: OpenIdProvider,
    browser: httpx.Client,
    claims: dict[str, str],
    words: str,
) -> None:
    provider.knows("u-9", **claims)
    told(sign_in(browser, "u-9"), 403, words)
    assert school.person("u-9") is None
    assert not is_in(browser)


@pytest.mark.parametrize(
    "lie",
    [
        "issuer",
        "audience",
        "party",
        "nonce",
        "no-nonce",
        "expired",
        "stranger",
        "secret",
        "unsigned",
    ],
)
def test_a_token_that_does_not_hold_lets_nobody_in(
    school: School, provider: OpenIdProvider, browser: httpx.Client, lie: str
) -> None:
    provider.knows("u-10", given_name="Ваня", school="12")
    provider.say(lie=lie)
    told(sign_in(browser, "u-10"), 403, "не прошёл проверку")
    assert school.person("u-10") is None
    assert not is_in(browser)


def test_a_code_works_once(school: School, provider: OpenIdProvider, browsers: Any) -> None:
    provider.knows("u-11", given_name="Юра", school="12")
    first = browsers()
    back = way_back(first, "u-11")
    jar = dict(first.cookies)
    assert first.get(back).status_code == 200
    told(first.get(back), 400, "Этот вход уже использован")
    thief = browsers()
    thief.cookies.update(jar)  # who has copied the browser's cookies before, too
    told(thief.get(back), 400, "Этот вход уже использован")


def test_a_way_back_is_of_the_browser_that_began(
    school: School, provider: OpenIdProvider, browsers: Any
) -> None:
    provider.knows("u-12", given_name="Зоя", school="12")
    attacker, victim = browsers(), browsers()
    back = way_back(attacker, "u-12")
    told(victim.get(back), 400, "начат в другом браузере")
    way_back(victim, "u-12")  # with a sign-in of their own under way, too
    told(victim.get(back), 400, "начат в другом браузере")
    assert not is_in(victim)


def test_another_provider_does_not_answer_for_ours(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    provider.knows("u-12", given_name="Зоя", school="12")
    back = httpx.URL(way_back(browser, "u-12"))
    mixed_up = back.copy_set_param("iss", "https://other.example")
    told(browser.get(mixed_up), 400, "Начни сначала")


def test_who_gives_up_at_the_provider_may_begin_again(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    page = click(browser)
    told(browser.get(f"{page.url}/abort"), 400, "остался незаконченным")


def test_who_leaves_the_park_is_out_within_seconds_and_does_not_come_back(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    provider.knows("u-13", given_name="Гриша", school="12", groups=["6A"])
    sign_in(browser, "u-13")
    assert is_in(browser)
    with school.store.write() as session:
        identity = session.get_one(Identity, (provider.issuer, "u-13"))
        identity.person.active = False
        note_change(session)
    eventually(lambda: not is_in(browser), 15, "the session's end")
    told(sign_in(browser, "u-13"), 403, "Тебя больше нет в технопарке")
    assert not is_in(browser)


def test_the_next_pupil_at_the_same_pc_is_asked_who_they_are(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    provider.knows("u-16", given_name="Лёва", school="12")
    sign_in(browser, "u-16")
    browser.get("/hub/logout")
    assert not is_in(browser)
    form = click(browser)
    assert str(form.url).startswith(provider.issuer), "the provider still knows the pupil before"
    assert 'name="password"' in form.text


def test_a_secret_that_does_not_fit_is_the_admins_business(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    provider.knows("u-17", given_name="Ника", school="12")
    file = school.park.settings.data / "secrets" / "openid-client-secret"
    page = click(browser)
    file.write_text("another")
    try:
        told(sign_in_there(browser, page, "u-17"), 502, "настроен неправильно")
        assert "invalid_client" in school.park.logs(200)
    finally:
        file.write_text(SECRET)


def test_a_class_signs_in_at_the_bell(
    school: School, provider: OpenIdProvider, browsers: Any
) -> None:
    pupils = [f"bell-{number}" for number in range(15)]
    for number, pupil in enumerate(pupils):
        provider.knows(pupil, given_name=f"Ученик {number}", school="12", groups=["6A"])
    opened = [browsers() for _ in pupils]
    with ThreadPoolExecutor(len(pupils)) as class_of:
        answers = list(class_of.map(sign_in, opened, pupils))
    assert {answer.status_code for answer in answers} == {200}
    found = {person.name for pupil in pupils if (person := school.person(pupil))}
    assert found == {f"uchenik-{number}" for number in range(15)}


def test_keys_that_change_are_found(
    school: School, provider: OpenIdProvider, browsers: Any
) -> None:
    provider.knows("u-14", given_name="Рита", school="12")
    assert sign_in(browsers(), "u-14").status_code == 200
    provider.say(rotate=True)
    again = browsers()
    assert sign_in(again, "u-14").status_code == 200
    assert is_in(again)


def test_a_slow_provider_is_given_up_and_named(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    provider.knows("u-15", given_name="Тим", school="12")
    back = way_back(browser, "u-15")
    provider.say(seconds=5)
    began = time.monotonic()
    told(browser.get(back), 503, "сейчас не отвечает")
    assert time.monotonic() - began < PATIENCE + 2
    assert school.person("u-15") is None


def test_a_provider_that_is_down_costs_name_and_words_nothing(
    school: School, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    provider.end()
    try:
        assert "Войти через школу" in browser.get("/hub/login").text
        time.sleep(LOOK_SECONDS)  # until then the hub has seen it alive
        answer = click(browser)
        told(answer, 503, "сейчас не отвечает")
        assert 'href="/hub/login?next=%2Fhub%2Fhome%3Ffrom%3Dlesson"' in answer.text
        assert "Имя и три слова с карточки по-прежнему работают" in answer.text
        with pytest.raises(MachineError, match=r"does not answer.*Names and words are another way"):
            check_openid(school.park.settings)
        visitor = Visitor(school.park, "petya")
        visitor.http.close()
        visitor.http = browser
        assert visitor.sign_in().url.path == "/hub/home"
    finally:
        provider.begin()
