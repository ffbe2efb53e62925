"""Every page of the portal: who comes in, what protects it, how it says no."""

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from support.forms import form_with, forms

from technopark.portal import frame
from technopark.portal.frame import PREFIX, SAFE_HEADERS
from technopark.portal.seals import Seals
from technopark.portal.visits import FORM_FIELD, MOST_BYTES
from technopark.store import Person, Store

from .conftest import Open

TEMPLATES = sorted(frame.FOLDER.glob("**/templates/*.html"))
OURS = [path for path in TEMPLATES if path.parents[1].name != "hub"]


@pytest.fixture
def app_that_breaks(app: FastAPI) -> FastAPI:
    """The portal with a page that has a mistake in it, and one to send something to."""

    @app.get(f"{PREFIX}mistake")
    def mistake() -> None:
        raise RuntimeError("a secret of the inside")

    @app.post(f"{PREFIX}send")
    def send() -> str:
        return "taken"

    return app


@pytest.fixture
def http(app_that_breaks: FastAPI, url: str) -> Iterator[httpx.Client]:
    """Masha's browser, as it is."""
    headers = {"X-Name": "masha", "Accept-Language": "en"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        yield client


def send(http: httpx.Client, url: str, seal: str = "", **headers: str) -> httpx.Response:
    named = {"Origin": url} | {name.replace("_", "-"): value for name, value in headers.items()}
    return http.post(f"{PREFIX}send", data={FORM_FIELD: seal}, headers=named)


def seal(name: str = "masha") -> str:
    return Seals("secret").form(f"session of {name}")


@pytest.mark.parametrize("name", ["masha", "anna", "north-admin", "chief", "passer-by"])
def test_everybody_of_the_park_comes_in(sit_down: Open, name: str) -> None:
    assert "To my classes" in sit_down(name).see("")


def test_who_is_not_signed_in_goes_to_the_hub_and_back_to_the_page(url: str) -> None:
    answer = httpx.get(f"{url}{PREFIX}classrooms", trust_env=False)
    assert answer.headers["Location"] == f"/sign-in?{PREFIX}classrooms"


def test_who_left_the_park_sees_nothing(sit_down: Open, park: Store) -> None:
    with park.write() as session:
        session.get_one(Person, "masha").active = False
    assert "This is not yours to open" in sit_down("masha").see("", 403)


@pytest.mark.parametrize("path", ["", "no-such-page", "language/de", "mistake", "static/park.css"])
def test_every_answer_is_safe(http: httpx.Client, path: str) -> None:
    headers = http.get(f"{PREFIX}{path}").headers
    assert {name: headers.get(name) for name in SAFE_HEADERS} == SAFE_HEADERS
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"


def test_no_script_and_no_style_stands_in_a_page() -> None:
    inline = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.I)
    found = {path.name: inline.findall(path.read_text("utf-8")) for path in OURS}
    assert {name for name, hits in found.items() if hits} == set()


def test_files_are_kept_by_the_browser_until_they_change(sit_down: Open) -> None:
    page = sit_down("masha").see("")
    (style,) = re.findall(r'href="([^"]*portal\.css[^"]*)"', page)
    answer = sit_down("masha").http.get(style)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("no-such-page", 404, "Такой страницы нет"),
        ("language/de", 422, "Мы не поняли, что здесь нужно"),
        ("mistake", 500, "Что-то пошло не так"),
    ],
)
def test_an_error_is_a_page_with_a_way_back(
    http: httpx.Client, path: str, status: int, words: str
) -> None:
    answer = http.get(f"{PREFIX}{path}", headers={"Accept-Language": "ru"})
    assert answer.status_code == status
    assert words in answer.text
    assert "/hub/home" in answer.text
    assert "secret" not in answer.text


def test_a_form_of_ours_is_taken(http: httpx.Client, url: str) -> None:
    assert send(http, url, seal()).text == '"taken"'
    assert send(http, url, seal(), Sec_Fetch_Site="same-origin").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
    ],
    ids=str,
)
def test_a_form_of_another_page_is_not(
    http: httpx.Client, url: str, headers: dict[str, str]
) -> None:
    assert send(http, url, seal(), **headers).status_code == 403


@pytest.mark.parametrize("wrong", ["", "made up", seal("anna")])
def test_a_form_without_our_seal_is_not(http: httpx.Client, url: str, wrong: str) -> None:
    answer = send(http, url, wrong)
    assert answer.status_code == 403
    assert "This page was open for too long" in answer.text


def test_what_is_too_large_is_not_read(http: httpx.Client, url: str) -> None:
    answer = send(http, url, "x" * MOST_BYTES)
    assert answer.status_code == 413
    assert "This is too large" in answer.text


def test_who_is_signed_out_does_not_lose_what_was_typed(
    http: httpx.Client, url: str, app_that_breaks: FastAPI
) -> None:
    headers = {"Origin": url, "Accept-Language": "en"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as nobody:
        answer = nobody.post(f"{PREFIX}send", data={"list": "Маша П.\nПетя С."})
    assert answer.status_code == 401
    kept = form_with(answer.text, "Send once more")
    # Signed in on another tab; the button leads to a form of this sign-in, and that is taken.
    again = http.post(kept.action, data=kept.fields, headers={"Origin": url})
    assert again.status_code == 403
    form = form_with(again.text, "Send once more")
    assert form.fields["list"] == "Маша П.\nПетя С."
    assert http.post(form.action, data=form.fields, headers={"Origin": url}).text == '"taken"'


def test_what_another_page_sent_is_not_offered_again(http: httpx.Client, url: str) -> None:
    assert forms(send(http, url, "", Origin="http://evil.example").text) == []


def test_every_form_of_a_template_carries_our_seal() -> None:
    for path in OURS:
        text = path.read_text("utf-8")
        posts = re.findall(r'<form method="post".*?</form>', text, re.DOTALL)
        assert all("{{ seal }}" in form for form in posts), path.name
        assert text.count("<form") == len(posts) + text.count('<form method="get"'), path.name


def test_every_page_that_writes_is_checked(app: FastAPI) -> None:
    reading = {"GET", "HEAD", "OPTIONS"}
    writing = [one for one in app.routes if isinstance(one, APIRoute) and one.methods - reading]
    for route in writing:
        names = {part.call.__name__ for part in route.dependant.dependencies if part.call}
        assert "check_form" in names, route.path


def test_the_chosen_language_stays(sit_down: Open) -> None:
    masha = sit_down("masha", "en")
    answer = masha.http.get(f"{PREFIX}language/ru", headers={"Referer": f"{masha.http.base_url}"})
    assert answer.url.path == PREFIX
    assert '<html lang="ru">' in masha.see("")


def test_nobody_is_sent_to_another_site(http: httpx.Client) -> None:
    for elsewhere in ("http://evil.example/services/portal/", "http://[", ""):
        answer = http.get(f"{PREFIX}language/ru", headers={"Referer": elsewhere})
        assert answer.headers["Location"] == PREFIX


def test_the_frame_says_where_one_is(sit_down: Open) -> None:
    page = sit_down("masha", "ru").see("")
    assert 'aria-current="page"' in page
    assert forms(page) == []
