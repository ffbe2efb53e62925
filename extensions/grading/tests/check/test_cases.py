"""An author writes typical mistakes with the points they deserve."""

from pathlib import Path

import pytest

from technopark_grading.check.cases import Case, Fault, read_cases

RIGHT = """\
describes: Counts from zero.
answers: {count: "n = 0"}
points: {count-test: 0}
total: 2.5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tests" / "stars"
    made.mkdir(parents=True)
    return made


def test_a_case_is_read(tmp_path: Path, folder: Path) -> None:
    (folder / "from-zero.yaml").write_text(RIGHT)
    case = Case("from-zero", "Counts from zero.", 2.5, {"count": "n = 0"}, {"count-test": 0})
    assert read_cases(tmp_path, "stars") == ([case], [])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("total: 2.5\n", "", "`total` is required and not given"),
        ("total: 2.5", "total: all", "`total` cannot be 'all'"),
        ("total:", "sum: 1\ntotal:", "there is no key `sum`"),
        ('"n = 0"', "0", "`answers` are texts of code"),
        ("count-test: 0", "count-test: none", "`points` are numbers"),
        ("describes: Counts", "describes: [Counts", "is not YAML"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, folder: Path, old: str, new: str, says: str) -> None:
    assert old in RIGHT
    (folder / "from-zero.yaml").write_text(RIGHT.replace(old, new))
    cases, (fault,) = read_cases(tmp_path, "stars")
    assert cases == []
    assert isinstance(fault, Fault)
    assert fault.file == "tests/stars/from-zero.yaml"
    assert says in fault.message
