"""What an author reads when the check of a course found something, or could not run."""

import json
from pathlib import Path
from typing import Any

import pytest

from technopark.catalogue import check
from technopark.catalogue.check import CheckError, check_course
from technopark.catalogue.course import load_course
from technopark.engine.one_shot import Ended
from technopark.settings import Settings

REPORT = {
    "assignments": [
        {
            "id": "count",
            "by_machine": 2,
            "by_hand": 1,
            "seconds": 3.5,
            "peak_mb": 80,
            "results": [{"name": "author", "describes": "it", "points": 2, "most": 2}],
            "faults": [
                {"file": "source/count/count.ipynb", "cell": "add-test", "message": "mend it"},
                {"file": "tests/count", "cell": None, "message": "write one"},
            ],
        }
    ]
}


class Container:
    """Stands in for the container: remembers how it was started, answers what a test says."""

    def __init__(self) -> None:
        self.ended = Ended(1, f"a word before\n{json.dumps(REPORT)}\n", "", out_of_memory=False)
        self.started: dict[str, Any] = {}
        self.files: list[str] = []

    def __call__(self, *arguments: Any, **options: Any) -> Ended:
        self.started = {"image": arguments[1], **options}
        (copy,) = (path for path, place in options["folders"].items() if place == "/check")
        self.files = sorted(
            path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()
        )
        return self.ended

    def close(self) -> None:
        pass


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Container:
    made = Container()
    monkeypatch.setattr(check, "open_engine", lambda *_: made)
    monkeypatch.setattr(check, "run_to_end", made)
    return made


def test_faults_name_the_file_and_the_cell(
    course_folder: Path, settings: Settings, container: Container
) -> None:
    course = load_course(course_folder)
    report = check_course(course, "sha256:bbb", settings)
    assert report.problems(course) == [
        f"{course_folder}/source/count/count.ipynb: cell add-test: mend it",
        f"{course_folder}/tests/count: write one",
    ]
    assert container.started["image"] == "sha256:bbb"
    assert container.files == [
        "course.yaml",
        "materials/sky.md",
        "source/count/count.ipynb",
        "tests/count/from-zero.yaml",
    ]


def test_a_course_is_checked_with_the_limits_that_its_pupils_will_have(
    course_folder: Path, settings: Settings, container: Container
) -> None:
    path = course_folder / "course.yaml"
    path.write_text(path.read_text("utf-8") + "resources: {memory: 2G}\n", encoding="utf-8")
    check_course(load_course(course_folder), "sha256:bbb", settings)
    assert container.started["limits"].memory == 2 << 30
    assert container.started["limits"].cpu == settings.servers.cpu


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        (Ended(137, "", "", out_of_memory=True), "ran out of memory"),
        (Ended(None, "", "", out_of_memory=False), "did not end within 15 minutes"),
        (Ended(1, "", "No module named x", out_of_memory=False), "exit code 1.*No module named x"),
        (Ended(1, "not json", "", out_of_memory=False), "It said: nothing"),
    ],
)
def test_a_check_that_breaks_off_says_why(
    course_folder: Path, settings: Settings, container: Container, ended: Ended, says: str
) -> None:
    container.ended = ended
    with pytest.raises(CheckError, match=says):
        check_course(load_course(course_folder), "sha256:bbb", settings)
