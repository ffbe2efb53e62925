"""The images, from inside: every check in `images/*/tests` runs in a locked-down container of its
image, and a server starts in it as JupyterHub would start it."""

import ast
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import docker
import httpx
import pytest

from technopark.bench.spawn import wait_for_answer
from technopark.bench.stub_hub import PREFIX, SERVER_PORT, TOKEN, stub_hub
from technopark.catalogue import images, recipe
from technopark.engine.builds import Image
from technopark.engine.client import open_engine
from technopark.engine.short_lived import Running, gateway, running
from technopark.settings import Settings, load

pytestmark = pytest.mark.docker

INTERPRETERS = {"course": "/opt/course/bin/python", "server": "/opt/server/bin/python"}
BASE_MEGABYTES = 600
COURSE_MEGABYTES = 600

Get = Callable[[str], httpx.Response]


def checks() -> Iterator[tuple[str, Path, str]]:
    """Image, file and function of every check; those of `base` hold in all images."""
    for name in recipe.all_images():
        folders = {recipe.IMAGES / "base", recipe.IMAGES / name.removeprefix("grader-")}
        if name.startswith("grader-"):
            folders.add(recipe.IMAGES / "grader")
        for file in sorted(file for folder in folders for file in folder.glob("tests/*.py")):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield name, file, node.name


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load()


@pytest.fixture(scope="module")
def built(settings: Settings) -> dict[str, Image]:
    return images.ensure_images(recipe.all_images(), settings, print)


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[docker.APIClient]:
    client = open_engine(settings.engine)
    yield client
    client.close()


@pytest.fixture(scope="module")
def container_of(
    built: dict[str, Image], engine: docker.APIClient, settings: Settings
) -> Iterator[Callable[[str], Running]]:
    """Gives an idle container of an image, one for all its checks."""
    with ExitStack() as opened:

        @cache
        def container(name: str) -> Running:
            idle = ["sleep", "infinity"]
            image = built[name].id
            return opened.enter_context(
                running(engine, image, limits=settings.servers, command=idle)
            )

        yield container


@pytest.mark.parametrize(
    ("name", "file", "check"),
    [
        pytest.param(name, file, check, id=f"{name}-{check.removeprefix('test_')}")
        for name, file, check in checks()
    ],
)
def test_inside(name: str, file: Path, check: str, container_of: Callable[[str], Running]) -> None:
    program = f"{file.read_text(encoding='utf-8')}\n{check}()\n"
    answer = container_of(name).run(INTERPRETERS[file.stem], "-c", program)
    assert answer.code == 0, answer.output


def test_sizes_stay_within_what_a_school_can_fetch(built: dict[str, Image]) -> None:
    base = built["base"].size / 1e6
    assert base <= BASE_MEGABYTES
    over = {
        name: image.size / 1e6 - base
        for name, image in built.items()
        if image.size / 1e6 - base > COURSE_MEGABYTES
    }
    assert over == {}


def test_labels_tell_what_an_image_is(
    built: dict[str, Image], engine: docker.APIClient, settings: Settings
) -> None:
    for name, image in built.items():
        labels = engine.inspect_image(image.id)["Config"]["Labels"]
        assert labels["technopark.name"] == name
        assert images.tag(name, settings).endswith(labels["technopark.key"])
        assert labels["technopark.revision"]
        assert int(labels["technopark.bytes"]) == image.size
        below = built.get(recipe.recipe(name).starts_from)
        if below:
            assert int(labels["technopark.added_bytes"]) == image.size - below.size


def test_images_that_are_there_are_found_without_building(
    built: dict[str, Image], settings: Settings
) -> None:
    said: list[str] = []
    again = images.ensure_images(recipe.all_images(), settings, said.append)
    assert again == built
    assert said == []
    assert images.images_in_use(settings) == {name: image.id for name, image in built.items()}


@pytest.fixture
def server_of(
    built: dict[str, Image], engine: docker.APIClient, settings: Settings
) -> Iterator[Callable[..., Get]]:
    """Starts a classroom's server of an image; gives what its pages answer."""
    command = ["sh", "-c", "mkdir -p ~/demo-7a && exec /opt/server/bin/technopark-server"]
    with ExitStack() as opened:

        def server(name: str, **variables: str) -> Get:
            environment = opened.enter_context(stub_hub(gateway(engine)))
            container = opened.enter_context(
                running(
                    engine,
                    built[name].id,
                    limits=settings.servers,
                    command=command,
                    environment={**environment, "TECHNOPARK_CLASSROOM": "demo-7a", **variables},
                )
            )
            wait_for_answer(container)
            pages = opened.enter_context(
                httpx.Client(
                    base_url=f"http://{container.ip}:{SERVER_PORT}{PREFIX}",
                    headers={"Authorization": f"token {TOKEN}"},
                    timeout=60,
                    follow_redirects=True,
                )
            )
            return pages.get

        yield server


def page_config(get: Get) -> dict[str, object]:
    """What Lab's page tells the browser."""
    answer = get("lab")
    assert answer.status_code == 200
    page = answer.text
    start = page.index("{", page.index("jupyter-config-data"))
    config: dict[str, object] = json.loads(page[start : page.index("</script>", start)])
    return config


def test_a_pupils_lab_is_russian_and_has_the_pupils_panels(server_of: Callable[..., Get]) -> None:
    get = server_of("robotics")
    config = page_config(get)
    off = config["disabledExtensions"]
    assert isinstance(off, list)
    assert "@jupyter/nbgrader" in off
    assert "technopark-lab" not in off
    assert config["quitButton"] is False
    extensions = config["federated_extensions"]
    assert isinstance(extensions, list)
    assert {"technopark-lab", "@jupyter-widgets/jupyterlab-manager", "jupyter-threejs"} <= {
        extension["name"] for extension in extensions
    }
    language = get("lab/api/settings/@jupyterlab/translation-extension:plugin").json()
    assert language["schema"]["properties"]["locale"]["default"] == "ru_RU"
    assert get("nbgrader_version?version=0.0").json()["success"] is False
    assert get("assignments?course_id=demo-7a").status_code == 200
    assert get("technopark/gpu").json() == []
    assert get("formgrader/api/status").status_code == 404


def test_english_is_one_variable_away(server_of: Callable[..., Get]) -> None:
    get = server_of("base", TECHNOPARK_LANGUAGE="en")
    language = get("lab/api/settings/@jupyterlab/translation-extension:plugin").json()
    assert language["schema"]["properties"]["locale"]["default"] == "en"


def test_a_grading_server_has_formgrader_and_no_assignment_list(
    server_of: Callable[..., Get],
) -> None:
    get = server_of("grader-data")
    off = page_config(get)["disabledExtensions"]
    assert isinstance(off, list)
    assert "@jupyter/nbgrader:formgrader" not in off
    assert get("formgrader/api/status").json()["status"] is True
    assert get("formgrader").status_code == 200
    assert get("assignments?course_id=demo-7a").status_code == 404
