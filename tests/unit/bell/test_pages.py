"""The timetable's page: who sees what, in which language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from jupyterhub.utils import subdomain_hook_idna
from support.service import running

from technopark.bell import pages
from technopark.bell.capacity import gigabytes
from technopark.bell.evening import Missing
from technopark.bell.pages import PREFIX
from technopark.capacity import server_memory
from technopark.engine.node_images import Lack
from technopark.language import translate
from technopark.settings import Bell, Settings, Web
from technopark.store import Store

from .conftest import LESSON


@dataclass
class FakeDoor:
    """Lets somebody in who says the name."""

    async def name(self, request: Request) -> str | None:
        return request.headers.get("X-Name")

    def to_sign_in(self, request: Request) -> Response:
        return RedirectResponse(f"/sign-in?{request.url.path}")


class Browser:
    """Looks at the page as somebody."""

    def __init__(self, app: FastAPI, http: httpx.Client) -> None:
        self.app = app
        self.http = http

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(path, headers=named)


@pytest.fixture
def browser(settings: Settings, with_lesson: Store) -> Iterator[Browser]:
    app = FastAPI()
    app.include_router(pages.router)
    door: Any = FakeDoor()
    app.state.service = pages.Service(
        settings, with_lesson, door, now=lambda: LESSON - timedelta(hours=1)
    )
    with running(app) as url, httpx.Client(base_url=url, trust_env=False) as http:
        yield Browser(app, http)


def see(browser: Browser, name: str, language: str = "en") -> tuple[int, str]:
    answer = browser.get(PREFIX, X_Name=name, Accept_Language=language)
    return answer.status_code, answer.text


def test_who_is_not_signed_in_goes_to_the_hub(browser: Browser) -> None:
    assert browser.get(PREFIX).headers["Location"] == f"/sign-in?{PREFIX}"


def test_a_teacher_sees_whether_the_class_will_be_warm(browser: Browser) -> None:
    status, text = see(browser, "anna")
    assert status == 200
    assert "Tuesday, 24 November" in text
    assert "10:00–10:45" in text
    assert "2 pupils" in text
    assert "Ready at 09:58; starting begins at 09:57." in text
    assert "Memory, hour by hour" not in text


def test_a_teacher_of_another_class_sees_none_of_it(browser: Browser) -> None:
    status, text = see(browser, "oleg")
    assert status == 200
    assert "data-6a" not in text
    assert "No lessons in the coming week." in text


@pytest.mark.parametrize(("name", "sees"), [("north-admin", True), ("south-admin", False)])
def test_an_admin_of_a_site_sees_its_lessons(browser: Browser, name: str, sees: bool) -> None:
    assert ("data-6a" in see(browser, name)[1]) == sees


def test_an_admin_sees_what_the_machine_is_to_carry(browser: Browser) -> None:
    _, text = see(browser, "chief", "ru")
    assert "Память по часам" in text
    assert "Будут готовы к 09:58, включаются с 09:57." in text
    servers = 3 * server_memory("", Settings().servers.way)  # the teacher's is one
    assert gigabytes(servers).replace(".", ",") in text


def test_too_much_is_told_to_admin_and_teacher(browser: Browser) -> None:
    parts = browser.app.state.service
    greedy = parts.settings.model_copy(update={"bell": Bell(server_memory=1 << 40)})
    browser.app.state.service = replace(parts, settings=greedy)
    admin, teacher = see(browser, "chief")[1], see(browser, "anna")[1]
    assert "These lessons collide: data-6a (10:00–10:45)." in admin
    assert "too much" in admin
    assert "These lessons collide" not in teacher
    assert "Memory is short: some pupils may have to wait." in teacher


def test_a_missing_image_is_told_to_admin_and_teacher(browser: Browser) -> None:
    lacking = [
        Missing("sha256:1", ("data-6a",)),
        Missing("gpu:1", ("data-6a",), "far", Lack("denied")),
    ]
    browser.app.state.service = replace(browser.app.state.service, missing=lambda: lacking)
    for language, here, there, for_teachers in (
        (
            "en",
            "data-6a: the image sha256:1 is not on this machine.",
            "data-6a: the image gpu:1 is not on far: denied",
            "A part of this course is missing on the machine.",
        ),
        (
            "ru",
            "data-6a: на этой машине нет образа sha256:1.",
            "data-6a: на машине far нет образа gpu:1: denied",
            "На машине не хватает части этого курса.",
        ),
    ):
        admin, teacher = see(browser, "chief", language)[1], see(browser, "anna", language)[1]
        assert here in admin
        assert there in admin
        assert for_teachers in admin
        assert for_teachers in teacher
        assert "sha256" not in teacher


@pytest.mark.parametrize("name", ["masha", "writer", "passer-by", "nobody"])
def test_others_see_nothing(browser: Browser, name: str) -> None:
    status, text = see(browser, name)
    assert status == 403
    assert "10:00" not in text


def test_the_chosen_language_stays(browser: Browser) -> None:
    browser.get(f"{PREFIX}language/en", X_Name="anna")
    assert "Lessons of the coming week" in see(browser, "anna", "ru")[1]


def test_the_pages_are_where_jupyterhub_has_its_services() -> None:
    named = urlsplit(Web(address="http://park.example:8100").service_address("bell"))
    assert named.hostname == subdomain_hook_idna("bell", "park.example", "service")
    assert (named.port, named.path) == (8100, PREFIX)
    number = Web(address="http://192.168.1.5").service_address("bell")
    assert number == f"http://192.168.1.5{PREFIX}"


def test_every_text_of_the_page_has_its_russian() -> None:
    text = (pages.FOLDER / "templates" / "forecast.html").read_text("utf-8")
    named = set(re.findall(r'_\("([^"]+)"', text)) - {"Technopark"}
    assert {one for one in named if translate(one, "ru") == one} == set()
