"""Images are named by what they are made from; what is missing is built in an order that works."""

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from technopark.catalogue import images, recipe, rootfs
from technopark.engine.builds import BuildError, Image
from technopark.settings import Settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a builder, a base with one package of ours, a course and its grader."""
    dockerfiles = {
        "builder": "ARG ROOT\nFROM ${ROOT}\nCOPY uv ca-certificates.crt /\n",
        "base": "ARG ROOT\nARG BUILDER\nFROM ${ROOT}\nCOPY wheels wheels\n",
        "data": "ARG BASE\nFROM ${BASE}\nCOPY course.txt .\n",
        "grader": "ARG BASE\nFROM ${BASE}\n",
    }
    for name, text in dockerfiles.items():
        (tmp_path / "images" / name / "tests").mkdir(parents=True)
        (tmp_path / "images" / name / "Dockerfile").write_text(text)
    (tmp_path / "images" / "data" / "course.txt").write_text("numpy==1\n")
    (tmp_path / "extensions" / "exchange").mkdir(parents=True)
    (tmp_path / "extensions" / "exchange" / "module.py").write_text("x = 1\n")
    monkeypatch.setattr(recipe, "IMAGES", tmp_path / "images")
    monkeypatch.setattr(recipe, "EXTENSIONS", tmp_path / "extensions")
    monkeypatch.setattr(recipe, "PACKAGES", {"base": ("exchange",)})
    monkeypatch.delenv("BASE_IMAGE", raising=False)
    return tmp_path


def silent(*said: object) -> None:
    """Does nothing and says nothing."""


@dataclass
class FakeEngine:
    """Remembers what it was asked to build and how to name it, and fails where told.

    Images have no content: each build makes one that is 10 bytes larger than what it starts from.
    """

    there: dict[str, int] = field(default_factory=dict)
    built: list[str] = field(default_factory=list)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    fails_at: int = 0
    """After how many images the next one fails; 0: none does."""

    def find(self, _client: object, tag: str) -> Image | None:
        return Image(f"sha256:{tag}", self.there[tag]) if tag in self.there else None

    def import_root(
        self, client: object, _archive: object, tag: str, labels: dict[str, str]
    ) -> Image:
        return self.name_image(client, Image("sha256:root", 100), tag, labels)

    def build(
        self,
        _client: object,
        _context: object,
        arguments: dict[str, str],
        log: Callable[[str], None],
    ) -> Image:
        log("Step 1/1 : RUN something\n")
        if self.fails_at and len(self.built) == self.fails_at:
            raise BuildError("something returned a non-zero code: 1")
        return Image("sha256:new", 10 + max(self.there[value] for value in arguments.values()))

    def name_image(self, _client: object, image: Image, tag: str, labels: dict[str, str]) -> Image:
        name = tag.split("/")[1].split(":")[0]
        self.built.append(name)
        self.there[tag] = image.size
        self.labels[name] = labels
        return Image(f"sha256:{tag}", image.size)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, project: Path) -> Iterator[FakeEngine]:
    fake = FakeEngine()

    class Client:
        def close(self) -> None:
            pass

    monkeypatch.setattr(images, "open_engine", lambda _: Client())
    monkeypatch.setattr(images.builds, "find_image", fake.find)
    monkeypatch.setattr(images.builds, "build", fake.build)
    monkeypatch.setattr(images.builds, "name_image", fake.name_image)
    monkeypatch.setattr(images.builds, "import_root", fake.import_root)
    monkeypatch.setattr(rootfs, "make_root", silent)
    monkeypatch.setattr(recipe, "_build_wheel", silent)
    return fake


@pytest.fixture
def park(tmp_path: Path) -> Settings:
    (tmp_path / "var").mkdir()
    return Settings(data=tmp_path / "var")


def test_the_same_files_have_the_same_key(project: Path) -> None:
    assert recipe.key("data") == recipe.key("data")


@pytest.mark.parametrize(
    ("file", "changes", "keeps"),
    [
        ("images/data/course.txt", ["data", "grader-data"], ["builder", "base"]),
        ("images/grader/Dockerfile", ["grader-data"], ["base", "data"]),
        ("extensions/exchange/module.py", ["base", "data", "grader-data"], ["builder"]),
        ("images/builder/Dockerfile", ["builder", "base", "data"], ["root"]),
        ("images/data/course.in", [], ["data"]),
        ("images/data/tests/course.py", [], ["data"]),
    ],
)
def test_a_key_changes_with_what_the_image_is_made_from(
    project: Path, file: str, changes: list[str], keeps: list[str]
) -> None:
    names = {*changes, *keeps}
    before = {name: recipe.key(name) for name in names}
    with (project / file).open("a") as opened:
        opened.write("# more\n")
    after = {name: recipe.key(name) for name in names}
    assert {name for name in names if before[name] != after[name]} == set(changes)


def test_a_ready_base_takes_the_place_of_debian(
    project: Path, park: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = images.tag("data", park)
    monkeypatch.setenv("BASE_IMAGE", "registry.example/debian:13")
    assert images.tag("root", park) == "registry.example/debian:13"
    assert images.tag("data", park) != usual


def test_an_unknown_image_is_named_with_those_that_exist(project: Path) -> None:
    with pytest.raises(recipe.RecipeError, match=r"no image 'chess'.*base, data, grader-data"):
        recipe.recipe("chess")
    with pytest.raises(recipe.RecipeError, match="no image 'grader-base'"):
        recipe.recipe("grader-base")


def test_the_context_holds_what_the_dockerfile_copies(project: Path) -> None:
    with recipe.context(recipe.recipe("builder")) as stream, tarfile.open(fileobj=stream) as tar:
        assert set(tar.getnames()) == {"Dockerfile", "uv", "ca-certificates.crt"}
        assert tar.getmember("uv").mode == 0o755
    with recipe.context(recipe.recipe("data")) as stream, tarfile.open(fileobj=stream) as tar:
        assert set(tar.getnames()) == {"Dockerfile", "course.txt"}


def test_parents_are_built_first_and_once(engine: FakeEngine, park: Settings) -> None:
    made = images.ensure_images(["grader-data", "data"], park, silent)
    assert engine.built == ["root", "builder", "base", "data", "grader-data"]
    assert set(made) == {"grader-data", "data"}


def test_nothing_is_built_twice(engine: FakeEngine, park: Settings) -> None:
    images.ensure_images(["data"], park, silent)
    engine.built.clear()
    images.ensure_images(["data"], park, silent)
    assert engine.built == []


def test_a_parent_that_was_cleaned_up_is_not_missed(engine: FakeEngine, park: Settings) -> None:
    images.ensure_images(["data"], park, silent)
    engine.built.clear()
    del engine.there[images.tag("root", park)]
    del engine.there[images.tag("builder", park)]
    images.ensure_images(["base", "data"], park, silent)
    assert engine.built == []


def test_sizes_are_told(engine: FakeEngine, park: Settings) -> None:
    said: list[str] = []
    images.ensure_images(["base"], park, said.append)
    assert [line.split(":")[0] for line in said] == ["image root", "image builder", "image base"]
    assert all("MB" in line for line in said)


def test_labels_tell_name_key_revision_and_sizes(engine: FakeEngine, park: Settings) -> None:
    images.ensure_images(["data", "grader-data"], park, silent)
    assert engine.labels["data"] == {
        "technopark.name": "data",
        "technopark.key": recipe.key("data"),
        "technopark.revision": recipe.revision(),
        "technopark.bytes": "130",
        "technopark.added_bytes": "10",
    }
    base = engine.labels["base"]
    assert (base["technopark.bytes"], base["technopark.added_bytes"]) == ("120", "20")


def test_a_failed_build_shows_its_last_lines_and_its_log(
    engine: FakeEngine, park: Settings
) -> None:
    engine.fails_at = 2  # after root and builder
    with pytest.raises(images.ImageError) as failed:
        images.ensure_images(["data"], park, silent)
    log = park.data / "logs" / "images" / "base.log"
    text = str(failed.value)
    assert text.startswith("The image 'base' could not be built.")
    assert "Step 1/1 : RUN something" in text
    assert "non-zero code: 1" in text
    assert str(log) in text
    assert "RUN something" in log.read_text()


def test_without_mmdebstrap_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rootfs.shutil, "which", silent)
    with pytest.raises(rootfs.RootError, match=r"apt-get install mmdebstrap.*images\.base"):
        rootfs.make_root(tmp_path / "root.tar", print)
