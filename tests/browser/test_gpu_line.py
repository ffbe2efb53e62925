"""Two pupils and one GPU: the line in the cell, Shift+Enter that is kept, and ■ at any time."""

import io
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, WebSocket, expect
from support.lesson import MINUTE
from support.park import Park, make_park

from technopark.engine.client import open_engine
from technopark.settings import SOURCE, load

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

LONG_WAIT_SECONDS = float(os.environ.get("TECHNOPARK_TEST_WAIT_SECONDS", "60"))
"""`./park test all` sets ten minutes: longer than browsers wait for a handshake."""
PUPIL = 1000
MAY_LOG = r"Canceled future for \w+_request"
"""Lab's words for a kernel that starts anew before the first one has answered."""
KERNELSPEC = {"name": "python3-gpu", "display_name": "Python 3 (GPU)", "language": "python"}
COLOURS_OF_A_SCENE = 20
"""A blank canvas has one colour; a ball of this material has hundreds."""


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None) -> Iterator[Park]:
    """A park with one GPU, which data and robotics courses may use."""
    if running := os.environ.get("TECHNOPARK_TEST_PARK"):
        yield Park(Path(running), load(Path(running)))
        return
    folder = tmp_path_factory.mktemp("gpu-park")
    courses = shutil.copytree(SOURCE / "courses", folder / "courses")
    with (courses / "robotics-start" / "course.yaml").open("a") as course:
        course.write("gpu_image: robotics\n")
    leases = {"nodes": [{"devices": [{"uuid": "demo-gpu-0"}]}]}
    made = make_park(folder, "tpgpu", courses=str(courses), leases=leases)
    try:
        made.call("up")
        yield made
    finally:
        made.call("down")


class Notebook:
    """Somebody's notebook with the kernel "Python 3 (GPU)".

    Args:
        page: where they are signed in.
        park: whose pupil they are.
        who: the pupil.
        classroom: the lesson's.
        cells: the code that stands in the notebook.
    """

    def __init__(self, page: Page, park: Park, who: str, classroom: str, *cells: str) -> None:
        self.page = page
        page.goto(f"{park.address}/hub/spawn/{who}/{classroom}")
        page.wait_for_url("**/lab**", timeout=2 * MINUTE)
        self._server = page.url.split("/lab")[0]
        name = f"gpu-{uuid4().hex[:8]}"
        file = park.settings.homes / who / classroom / f"{name}.ipynb"
        file.write_text(json.dumps(_notebook(cells)), encoding="utf-8")
        os.chown(file, PUPIL, PUPIL)
        self.closed: list[str] = []
        """Addresses of the kernel's websockets that were closed."""
        self._sent: list[str | bytes] = []
        page.on("websocket", self._listen)
        # A workspace of its own: no tab of an earlier test opens in it.
        page.goto(f"{self._server}/lab/workspaces/{name}/tree/{name}.ipynb")
        expect(self.cell(0)).to_be_visible(timeout=2 * MINUTE)
        # Lab asks for the history as soon as a notebook has its kernel; before, it takes no cell.
        while not any("history_request" in str(message) for message in self._sent):
            page.wait_for_timeout(50)

    def _listen(self, socket: WebSocket) -> None:
        if "/channels" in socket.url:
            socket.on("framesent", lambda message: self._sent.append(message))
            socket.on("close", lambda closed: self.closed.append(closed.url))

    def cell(self, number: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def output(self, number: int = 0) -> Locator:
        return self.cell(number).locator(".jp-OutputArea-output")

    def run(self, number: int = 0) -> None:
        """Shift+Enter."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def press(self, command: str) -> None:
        """One of the notebook's buttons."""
        self.page.locator(f'[data-command="notebook:{command}"]').first.click()

    def restart(self) -> None:
        self.press("restart-kernel")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def finish(self) -> None:
        """Gives the GPU back, as the menu's shutting down does."""
        for session in self.ask("GET", "sessions"):
            self.ask("DELETE", f"sessions/{session['id']}")

    def ask(self, method: str, path: str) -> Any:
        """What the server's API answers to this page."""
        script = """async ([method, path]) => {
            const xsrf = document.cookie.match("(^|; )_xsrf=([^;]*)");
            const headers = xsrf ? {"X-XSRFToken": xsrf[2]} : {};
            const answer = await fetch(path, {method, headers});
            return answer.status == 204 ? null : await answer.json();
        }"""
        return self.page.evaluate(script, [method, f"{self._server}/api/{path}"])


@pytest.fixture
def open_notebook(park: Park, sit_down: Open) -> Iterator[Callable[..., Notebook]]:
    """Opens somebody's notebook; whatever it holds is given back at the end."""
    opened: list[Notebook] = []

    def open_one(who: str, classroom: str, *cells: str) -> Notebook:
        page = sit_down(who, may_log=MAY_LOG)
        opened.append(Notebook(page, park, who, classroom, *cells))
        return opened[-1]

    yield open_one
    for notebook in opened:
        notebook.finish()


def _notebook(cells: tuple[str, ...]) -> dict[str, Any]:
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {
        "cells": [{**code, "id": str(number), "source": text} for number, text in enumerate(cells)],
        "metadata": {"kernelspec": KERNELSPEC},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_the_second_pupil_waits_in_line_and_is_served(
    park: Park, open_notebook: Callable[..., Notebook]
) -> None:
    masha = open_notebook("masha", "data-6a", "print('видеокарта у Маши')")
    masha.run()
    expect(masha.output()).to_have_text("видеокарта у Маши", timeout=MINUTE)
    petya = open_notebook("petya", "data-6a", "print('теперь у Пети')")
    petya.run()
    expect(petya.output()).to_contain_text("Твоё место в очереди на видеокарту — первое")
    expect(petya.cell(0).locator(".jp-InputPrompt")).to_have_text("[*]:")
    masha.finish()
    expect(petya.output()).to_have_text("теперь у Пети", timeout=MINUTE)


def test_who_waits_may_change_their_mind(
    park: Park, open_notebook: Callable[..., Notebook]
) -> None:
    masha = open_notebook("masha", "data-6a", "print('мой')")
    masha.run()
    expect(masha.output()).to_have_text("мой", timeout=MINUTE)
    petya = open_notebook("petya", "data-6a", "print('готово')")
    petya.run()
    expect(petya.output()).to_contain_text("Твоё место в очереди")
    petya.press("interrupt-kernel")
    expect(petya.output()).to_contain_text("Ты больше не в очереди", timeout=2_000)
    expect(petya.cell(0).locator(".jp-InputPrompt")).to_have_text("[ ]:")
    assert "petya" not in park.call("leases", "list")
    petya.restart()
    petya.run()
    expect(petya.output()).to_contain_text("Твоё место в очереди")
    masha.finish()
    expect(petya.output()).to_have_text("готово", timeout=MINUTE)


def test_a_killed_kernel_says_so_and_starts_again(
    park: Park, open_notebook: Callable[..., Notebook]
) -> None:
    masha = open_notebook("masha", "data-6a", "import time\ntime.sleep(600)", "print(6 * 7)")
    masha.run()
    expect(masha.cell(0).locator(".jp-InputPrompt")).to_have_text("[*]:")
    masha.page.locator(".jp-Notebook-ExecutionIndicator[data-status=busy]").wait_for(
        state="attached", timeout=MINUTE
    )
    engine = open_engine(park.settings.engine)
    (kernel,) = engine.containers(filters={"name": f"{park.settings.network.name}-lease-"})
    engine.kill(kernel["Id"])
    expect(masha.output()).to_contain_text("Ядро на видеокарте остановлено", timeout=20_000)
    masha.restart()
    masha.run(1)
    expect(masha.output(1)).to_have_text("42", timeout=MINUTE)


def test_widgets_and_3d_work_on_the_leased_kernel(
    park: Park, open_notebook: Callable[..., Notebook]
) -> None:
    widgets = (
        "import ipywidgets\nbutton = ipywidgets.Button(description='Нажми')\n"
        "said = ipywidgets.Label()\n"
        "button.on_click(lambda _: setattr(said, 'value', 'нажата'))\n"
        "ipywidgets.VBox([button, said])"
    )
    scene = (
        "from pythreejs import *\n"
        "ball = Mesh(SphereGeometry(1, 32, 16), MeshNormalMaterial())\n"
        "camera = PerspectiveCamera(position=[3, 3, 3], aspect=1)\n"
        "Renderer(camera=camera, scene=Scene(children=[ball, camera]),\n"
        "         controls=[OrbitControls(controlling=camera)], width=300, height=300)"
    )
    timur = open_notebook("timur", "robots-5b", widgets, scene)
    timur.run()
    timur.page.get_by_role("button", name="Нажми", exact=True).click(timeout=MINUTE)
    expect(timur.output().get_by_text("нажата")).to_be_visible()
    timur.run(1)
    canvas = timur.cell(1).locator(".jp-OutputArea canvas").first
    canvas.scroll_into_view_if_needed()
    expect(canvas).to_be_visible(timeout=MINUTE)
    picture = Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")
    assert len(picture.getcolors(maxcolors=1 << 24) or []) > COLOURS_OF_A_SCENE


def test_the_browser_holds_a_long_wait(park: Park, open_notebook: Callable[..., Notebook]) -> None:
    masha = open_notebook("masha", "data-6a", "print('мой')")
    masha.run()
    expect(masha.output()).to_have_text("мой", timeout=MINUTE)
    petya = open_notebook("petya", "data-6a", "print('дождались')")
    petya.run()
    expect(petya.output()).to_contain_text("Твоё место в очереди")
    until = time.monotonic() + LONG_WAIT_SECONDS
    while time.monotonic() < until:
        masha.run()  # whoever computes keeps the GPU
        petya.page.wait_for_timeout(10_000)
    assert petya.closed == [], "the websocket of the kernel was closed while it waited"
    expect(petya.output()).to_contain_text("Твоё место в очереди")
    masha.finish()
    expect(petya.output()).to_have_text("дождались", timeout=MINUTE)
