"""What browsers load is made from its sources once, and made anew when they change."""

import tarfile
from pathlib import Path

import pytest

from technopark.catalogue import frontends, recipe
from technopark.catalogue.frontends import FrontendError
from technopark.node import NodeError


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "extensions" / "lab"
    (folder / "src").mkdir(parents=True)
    (folder / "package.json").write_text('{"name": "technopark-lab"}')
    (folder / "package-lock.json").write_text("{}")
    (folder / "src" / "index.ts").write_text("one")
    return folder


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What npm was asked to do; its build copies the source."""
    words: list[str] = []

    def install(_locked: Path, _place: Path, *_options: str) -> None:
        words.append("install")

    def npm(place: Path, _run: str, script: str) -> None:
        words.append(script)
        source = (place / "src" / "index.ts").read_text()
        if source == "wrong":
            raise NodeError("src/index.ts(1,1): error TS1005")
        (place / "labextension" / "static").mkdir(parents=True, exist_ok=True)
        (place / "labextension" / "static" / "entry.js").write_text(source)

    monkeypatch.setattr(frontends, "PLACE", tmp_path / "var" / "lab")
    monkeypatch.setattr(frontends, "install", install)
    monkeypatch.setattr(frontends, "npm", npm)
    return words


def contents(package: Path) -> dict[str, str]:
    return {label: path.read_text() for label, path in frontends.made(package).items()}


def test_the_same_sources_are_made_once(package: Path, done: list[str]) -> None:
    made = contents(package)
    assert made == {"technopark-lab/static/entry.js": "one"}
    assert contents(package) == made
    assert done == ["install", "build"]


def test_a_change_is_made_and_nothing_installed_again(package: Path, done: list[str]) -> None:
    contents(package)
    (package / "src" / "index.ts").write_text("two")
    assert contents(package) == {"technopark-lab/static/entry.js": "two"}
    assert done == ["install", "build", "build"]


def test_another_lock_installs_anew(package: Path, done: list[str]) -> None:
    contents(package)
    (package / "package-lock.json").write_text('{"other": true}')
    contents(package)
    assert done == ["install", "build", "install", "build"]


def test_what_is_wrong_is_told_each_time(package: Path, done: list[str]) -> None:
    (package / "src" / "index.ts").write_text("wrong")
    for _ in range(2):
        with pytest.raises(FrontendError, match=r"run lint`:\nsrc/index.ts\(1,1\): error TS1005"):
            frontends.check(package)
    assert done == ["install", "lint", "lint"]


def test_sources_stay_alone(package: Path, done: list[str]) -> None:
    contents(package)
    assert {path.name for path in package.iterdir()} == {"package.json", "package-lock.json", "src"}


def test_the_images_context_has_it(
    package: Path, done: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "images" / "base").mkdir(parents=True)
    (tmp_path / "images" / "base" / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.setattr(recipe, "IMAGES", tmp_path / "images")
    monkeypatch.setattr(recipe, "EXTENSIONS", tmp_path / "extensions")
    monkeypatch.setattr(recipe, "PACKAGES", {"base": ("lab",)})
    monkeypatch.setattr(recipe, "_build_wheel", lambda _package, _folder: None)
    before = recipe.key("base")
    with recipe.context(recipe.recipe("base")) as stream, tarfile.open(fileobj=stream) as tar:
        assert "labextensions/technopark-lab/static/entry.js" in tar.getnames()
    (package / "src" / "index.ts").write_text("two")
    assert recipe.key("base") != before
