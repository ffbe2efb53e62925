"""What is taken out of an image, by an engine that has one."""

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
from docker.errors import ImageNotFound, NotFound

from technopark.front import cards, gather, shelf
from technopark.settings import Settings

IMAGE = "sha256:" + "a" * 64
LAB, MADE = gather.LAB, gather.MADE
COURSE, SERVER = gather.EXTENSIONS
FILES = {
    f"{LAB}/static/index.html": b'<script src="{{ page_config.fullStaticUrl }}/main.1a.js?v=1a">',
    f"{LAB}/static/main.1a.js": b"lab",
    f"{LAB}/themes/@jupyterlab/light/index.css": b"light",
    f"{LAB}/schemas/@jupyterlab/x.json": b"asked of the server",
    f"{MADE}/icons/favicon.ico": b"icon",
    f"{MADE}/translations/ru_RU.json": b"{}",
    f"{COURSE}/ipycanvas/static/a.js": b"canvas",
    f"{COURSE}/@jupyter-widgets/manager/static/b.js": b"the course's",
    f"{SERVER}/@jupyter-widgets/manager/static/b.js": b"the server's",
    f"{SERVER}/shown/package.json": b'{"jupyterlab": {"_build": {"load": "static/r.js"}}}',
    f"{SERVER}/shown/static/r.js": b"shown",
    f"{SERVER}/hidden/package.json": b'{"jupyterlab": {"_build": {"load": "static/r.js"}}}',
    f"{SERVER}/hidden/static/r.js": b"hidden",
    f"{gather.CONFIG}/page_config.json": b'{"disabledExtensions": {"hidden": true, "shown:a": 1}}',
}


class Engine:
    """An engine with one image."""

    base_url = "unix:///none"

    def __init__(self) -> None:
        self.images = {IMAGE}
        self.containers: set[str] = set()
        self.made = 0

    def inspect_image(self, name: str) -> dict[str, Any]:
        if name not in self.images:
            raise ImageNotFound("no such image")
        return {"Id": name, "Size": 1}

    def create_container(self, image: str, labels: dict[str, str]) -> dict[str, str]:
        del image, labels
        self.made += 1
        self.containers.add("c")
        return {"Id": "c"}

    def remove_container(self, container: str, force: bool) -> None:
        del force
        self.containers.remove(container)

    def get_archive(self, container: str, path: str) -> tuple[Iterator[bytes], None]:
        del container
        above = path.rpartition("/")[0] + "/"
        inside = {name: text for name, text in FILES.items() if name.startswith(f"{path}/")}
        if not inside:
            raise NotFound("no such folder")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, content in inside.items():
                entry = tarfile.TarInfo(name.removeprefix(above))
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
            link = tarfile.TarInfo(f"{path.removeprefix(above)}/static/link.js")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)
        return iter([packed.getvalue()]), None

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(gather, "open_engine", lambda _: made)
    return made


def tree(settings: Settings, name: str) -> dict[str, bytes]:
    place = shelf.trees(settings) / name
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and path.suffix not in shelf.FORMS
    }


def test_every_extension_is_a_tree_and_the_courses_own_comes_first(
    settings: Settings, engine: Engine
) -> None:
    assert gather.gather(settings, [IMAGE]) == 1
    found = cards.read(settings, IMAGE)
    lab = tree(settings, found.lab)
    assert lab.pop("main.1a.js") == b"lab"
    assert [*lab] == ["index.html"]
    shown = found.labextensions["shown"]
    assert found.first == [f"{found.lab}/main.1a.js?v=1a", f"{shown}/static/r.js"]
    assert tree(settings, found.themes) == {"@jupyterlab/light/index.css": b"light"}
    assert tree(settings, found.icons) == {"favicon.ico": b"icon"}
    extensions = {name: tree(settings, each) for name, each in found.labextensions.items()}
    assert extensions.pop("shown")["static/r.js"] == b"shown"
    assert extensions.pop("hidden")["static/r.js"] == b"hidden", "a teacher's page may have it"
    assert extensions == {
        "ipycanvas": {"static/a.js": b"canvas"},
        "@jupyter-widgets/manager": {"static/b.js": b"the course's"},
    }
    assert found.translations["ru_RU"].endswith("/ru_RU.json")
    assert engine.containers == set()


def test_an_image_is_read_once(settings: Settings, engine: Engine) -> None:
    gather.gather(settings, [IMAGE])
    assert gather.gather(settings, [IMAGE]) == 0
    assert engine.made == 1


def test_an_older_images_files_stay_as_long_as_the_engine_has_it(
    settings: Settings, engine: Engine
) -> None:
    gather.gather(settings, [IMAGE])
    lab = cards.read(settings, IMAGE).lab
    gather.gather(settings, [])  # no lesson starts from it any more, servers may still run
    assert (shelf.trees(settings) / lab).exists()
    engine.images.clear()
    gather.gather(settings, [])
    assert not (shelf.trees(settings) / lab).exists()
    assert cards.known(settings) == []


def test_an_image_that_the_engine_lacks_is_left_out(settings: Settings, engine: Engine) -> None:
    assert gather.gather(settings, ["sha256:" + "b" * 64]) == 0
    assert engine.made == 0
