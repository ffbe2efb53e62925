"""What an author reads when something in the course's folder is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from technopark.catalogue.course import (
    check_network,
    content_files,
    course_limits,
    load_course,
    load_courses,
)
from technopark.settings import Servers, Settings
from technopark.yamlfile import FileError

Rewrite = Callable[[str, str], None]


def test_a_right_course_is_read_with_all_it_names(course_folder: Path) -> None:
    course = load_course(course_folder)
    assert (course.id, course.version, course.ages) == ("stars", "1.0", (10, 12))
    assert course.title.ru == "Звёзды"
    assert course.grader_image == "grader-data"
    assert course.assignments[0].notebooks == ["count.ipynb"]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('"1.0"', "1.0", 2, "version: write it in quotes"),
        ('"1.0"', '"new"', 2, "version: string should match pattern"),
        ("id: stars", "id: My Stars", 1, "id: string should match pattern"),
        ("ages: [10, 12]", "ages: [10]", 5, "ages[1]: is required"),
        ("ages: [10, 12]", "ages: [12, 10]", 1, "`ages` are [from, to]"),
        ("hours: 2", "hours: two", 6, "hours: "),
        ("hours: 2", "price: 2", 6, "price: there is no such setting"),
        (", en: Stars", "", 3, "title.en: is required"),
        ("[count.ipynb]", "[sum.ipynb]", 14, "assignments[0].notebooks[0]: there is no"),
        ("id: count", "id: other", 11, "is no assignment here"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    course_folder: Path, rewrite: Rewrite, old: str, new: str, line: int, says: str
) -> None:
    rewrite(old, new)
    with pytest.raises(FileError) as caught:
        load_course(course_folder)
    problems = str(caught.value).splitlines()
    assert any(f"course.yaml:{line}: " in text and says in text for text in problems), problems


def test_a_notebook_that_nobody_named_is_told(course_folder: Path) -> None:
    source = course_folder / "source" / "count"
    (source / "draft.ipynb").write_bytes((source / "count.ipynb").read_bytes())
    with pytest.raises(FileError, match=r"draft\.ipynb is not named"):
        load_course(course_folder)


def test_a_link_is_refused_as_it_could_publish_what_it_points_at(course_folder: Path) -> None:
    (course_folder / "materials" / "words.txt").symlink_to("/etc/passwd")
    with pytest.raises(FileError, match=r"words\.txt: is a link"):
        load_course(course_folder)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such folder"):
        load_course(tmp_path / "nothing")


def test_what_is_published_leaves_out_tests_and_what_jupyter_left(course_folder: Path) -> None:
    left = course_folder / "source" / "count" / ".ipynb_checkpoints"
    left.mkdir()
    (left / "count-checkpoint.ipynb").write_text("{}")
    assert [path.as_posix() for path in content_files(course_folder)] == [
        "course.yaml",
        "materials/sky.md",
        "source/count/count.ipynb",
    ]


def test_two_courses_cannot_have_one_id(course_folder: Path) -> None:
    other = course_folder.parent / "suns"
    (other / "source" / "count").mkdir(parents=True)
    for path in content_files(course_folder):
        (other / path).parent.mkdir(parents=True, exist_ok=True)
        (other / path).write_bytes((course_folder / path).read_bytes())
    with pytest.raises(FileError, match=r"suns/course\.yaml:1: id: .*stars has the id stars too"):
        load_courses(course_folder.parent)


def test_a_list_of_hosts_that_the_park_has_not_is_told(
    course_folder: Path, rewrite: Rewrite, settings: Settings
) -> None:
    rewrite("licence:", "network: [weather]\nlicence:")
    with pytest.raises(FileError, match=r"course\.yaml:10: network\[0\]: .*'weather'"):
        check_network(load_course(course_folder), settings)


def test_a_course_may_ask_for_more_memory_than_the_park_gives(
    course_folder: Path, rewrite: Rewrite
) -> None:
    park = Servers(memory=1 << 30, cpu=0.5)
    assert course_limits(course_folder, park) == park
    rewrite("licence:", "resources: {memory: 2G}\nlicence:")
    assert course_limits(course_folder, park) == Servers(memory=2 << 30, cpu=0.5)
