"""A page is made of files of the front, and the next pupil at the PC has them already."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from support.lesson import MINUTE
from support.park import Park

from technopark.front import cards

pytestmark = pytest.mark.browser
CLASSROOM = "robots-5b"
SCENE = """\
from pythreejs import BoxGeometry, Mesh, MeshBasicMaterial, Scene, PerspectiveCamera, Renderer
import ipywidgets
box = Mesh(BoxGeometry(1, 1, 1), MeshBasicMaterial(color="tomato"))
camera = PerspectiveCamera(position=[0, 0, 4])
scene = Scene(children=[box, camera])
renderer = Renderer(camera=camera, scene=scene, controls=[], width=200, height=200)
display(ipywidgets.IntSlider(description="size"), renderer)
"""
FEW = 20
"""Pieces of Lab that a page of assignments and a scene need beside what every page needs."""
FILES = {"script", "stylesheet", "font", "image"}
"""What a page is made of, in playwright's words."""


@dataclass(frozen=True)
class Answered:
    """What a browser asked for, and what came."""

    url: str
    kind: str
    status: int
    crossed: int
    """Bytes that came over the line; none where the browser had the file."""


Sit = Callable[[str], list[Answered]]


@pytest.fixture
def pc(chromium: Browser) -> Iterator[BrowserContext]:
    """A PC of a school, on which nobody has been yet."""
    context = chromium.new_context(locale="ru-RU", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(2 * MINUTE)
    yield context
    context.close()


@pytest.fixture
def sit(pc: BrowserContext, park: Park) -> Sit:
    """Somebody's lesson at that PC, from sign-in to a scene that shows; what the browser asked."""

    def lesson(name: str) -> list[Answered]:
        pc.clear_cookies()
        asked: list[Request] = []
        page = pc.new_page()
        page.on("requestfinished", lambda request: asked.append(request))
        page.goto(park.address)
        page.fill("#username", name)
        page.fill("#password", park.words[name])
        page.click("button.big")
        page.wait_for_url("**/hub/home")
        page.goto(f"{park.address}/hub/spawn/{name}/{CLASSROOM}")
        page.wait_for_url("**/lab**")
        expect(page.locator(".tp-hand")).to_be_visible(timeout=MINUTE)
        expect(page.get_by_role("menuitem", name="Выполнить")).to_be_visible()
        _run(page, park, name)
        answered = [_answered(request) for request in list(asked)]
        page.close()
        return answered

    return lesson


def _run(page: Page, park: Park, name: str) -> None:
    """Opens a notebook with a scene and a slider, and runs it."""
    path = park.settings.homes / name / CLASSROOM / "scene.ipynb"
    path.write_text(json.dumps(_notebook()), encoding="utf-8")
    path.chmod(0o666)
    # In a workspace of its own: the next test at this desk finds what the pupil left there.
    page.goto(page.url.partition("/lab")[0] + "/lab/workspaces/scene/tree/scene.ipynb")
    # A cell that is run before Lab knows the kernel is forgotten.
    expect(page.get_by_text(re.compile(r"\| Простаивает$")).first).to_be_visible(timeout=2 * MINUTE)
    page.locator(".jp-Notebook .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".jp-OutputArea .widget-slider").first).to_be_visible(timeout=2 * MINUTE)
    expect(page.locator(".jp-OutputArea canvas").first).to_be_visible()


def _notebook() -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "scene",
        "source": SCENE,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _answered(request: Request) -> Answered:
    answer, sizes = request.response(), request.sizes()
    crossed = sizes["responseBodySize"] + sizes["responseHeadersSize"]
    return Answered(request.url, request.resource_type, answer.status if answer else 0, crossed)


def test_a_lesson_comes_from_the_front_and_costs_the_next_pupil_nearly_nothing(
    park: Park, sit: Sit
) -> None:
    front = cards.address(park.settings) + "/"
    first = sit("timur")
    files = {each.url for each in first if each.url.startswith(front)}
    card = cards.read(park.settings, park.container("timur", CLASSROOM)["Image"])
    for name in ("@jupyter-widgets/jupyterlab-manager", "jupyter-threejs", "technopark-lab"):
        assert [url for url in files if url.startswith(front + card.labextensions[name])], name
    assert front + card.translations["ru_RU"] in files
    assert {front + path for path in card.first} <= files
    # What every page needs comes in the file that it asks for first, and not piece by piece.
    pieces = [url for url in files if url.startswith(front + card.lab) and ".js" in url]
    assert len(pieces) <= FEW, f"name the new ones in front.first_look.PIECES: {pieces}"
    assert set(cards.ahead(park.settings, "ru")) <= files, "nothing comes ahead in vain"
    sent = [
        one for one in first if one.kind in FILES and one.status == httpx.codes.OK and one.crossed
    ]
    # A kernel's picture is the kernel's; Lab has no other address for it.
    own = [one.url for one in sent if "/user/" in one.url and "/kernelspecs/" not in one.url]
    assert own == [], "the pupil's server sent what all pages share"

    second = sit("sonya")
    again = [each for each in second if each.url.startswith(front)]
    assert {each.url for each in again} == files
    assert [each.url for each in again if each.crossed] == []
    assert sum(one.crossed for one in second) < 0.2 * sum(one.crossed for one in first)
