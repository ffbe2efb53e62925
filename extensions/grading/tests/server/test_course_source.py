"""A teacher finds the course's assignments in the grading server."""

from pathlib import Path

from technopark_grading.server.course_source import copy_missing


def test_assignments_are_copied_once_and_changes_of_teachers_stay(tmp_path: Path) -> None:
    published, source = tmp_path / "published", tmp_path / "course" / "source"
    for name in ("composition", "genes"):
        (published / name).mkdir(parents=True)
        (published / name / "task.ipynb").write_text(name)
    assert copy_missing(published, source) == ["composition", "genes"]
    (source / "genes" / "task.ipynb").write_text("mine")
    assert copy_missing(published, source) == []
    assert (source / "genes" / "task.ipynb").read_text() == "mine"
    assert [path.name for path in source.parent.iterdir()] == ["source"]


def test_a_course_without_source_is_no_problem(tmp_path: Path) -> None:
    assert copy_missing(tmp_path / "nothing", tmp_path / "source") == []
