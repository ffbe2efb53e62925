"""The park's own courses grade as their authors mean, in the images that pupils get.

The same check as `technopark course check`: the author's solution gets full marks, the empty
notebook none, each typical mistake the part it deserves, and no solution is handed out.
"""

from pathlib import Path

import pytest

from technopark.catalogue.check import Report, check_course
from technopark.catalogue.course import load_course, load_courses
from technopark.catalogue.images import ensure_images
from technopark.settings import SOURCE, Settings

pytestmark = pytest.mark.docker

COURSES = sorted(path.parent.name for path in (SOURCE / "courses").glob("*/course.yaml"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, courses=SOURCE / "courses")


def checked(folder: Path, settings: Settings) -> tuple[Report, list[str]]:
    course = load_course(folder)
    image = ensure_images([course.grader_image], settings, print)[course.grader_image]
    report = check_course(course, image.id, settings)
    return report, report.problems(course)


def test_the_park_brings_three_courses(settings: Settings) -> None:
    courses = load_courses(settings.courses)
    assert [course.id for course in courses] == ["bio-start", "data-start", "robotics-start"]


@pytest.mark.parametrize("name", COURSES)
def test_solutions_get_all_points_empty_notebooks_none_and_mistakes_their_part(
    name: str, settings: Settings
) -> None:
    report, problems = checked(settings.courses / name, settings)
    assert not problems, "\n".join(problems)
    assert len(report.assignments) == 2
    for assignment in report.assignments:
        assert assignment.by_machine > 0
        assert assignment.by_hand > 0, "one question is marked by hand"
        points = {result.name: result.points for result in assignment.results}
        assert points.pop("author") == assignment.by_machine
        assert points.pop("empty") == 0
        assert any(0 < part < assignment.by_machine for part in points.values())
        assert assignment.peak_mb < settings.servers.memory / 1e6 / 2, "room for the server, too"


def test_an_author_reads_which_cell_to_mend(tmp_path: Path, settings: Settings) -> None:
    course = load_course(settings.courses / "bio-start")
    folder = tmp_path / "broken"
    for path in (*course.folder.glob("source/*/*"), *course.folder.glob("tests/*/*")):
        copy = folder / path.relative_to(course.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        copy.write_text(
            text.replace("range(0, len(dna) - 2, 3)]", "range(0, len(dna), 3)]"), encoding="utf-8"
        )
    (folder / "course.yaml").write_bytes((course.folder / "course.yaml").read_bytes())
    _, problems = checked(folder, settings)
    notebook = folder / "source" / "genes" / "genes.ipynb"
    assert any(line.startswith(f"{notebook}: cell codons-test: ") for line in problems), problems
