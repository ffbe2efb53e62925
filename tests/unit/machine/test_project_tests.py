"""`./park test`: whatever happens, its last line is one sum of everything that ran."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from technopark.machine import MachineError, project_tests
from technopark.machine.project_tests import SIDE_BY_SIDE, Group, chosen, run_groups, summary

REPORT = """<testsuites><testsuite tests="{tests}" failures="{failures}" errors="0" skipped="1"/>
</testsuites>"""


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Group]:
    """Groups whose commands only write what pytest would have written."""

    def group(name: str, tests: int, failures: int) -> Group:
        report = REPORT.format(tests=tests, failures=failures)
        script = (
            f"from pathlib import Path; Path({str(tmp_path / name)!r} + '.xml')"
            f".write_text({report!r}); print('{name} ran'); raise SystemExit({failures})"
        )
        return Group([[sys.executable, "-c", script]])

    made = {
        "lint": Group([[sys.executable, "-c", "print('clean')"]]),
        "unit": group("unit", 10, 0),
        "docker": group("docker", 5, 2),
        "browser": group("browser", 3, 0),
    }
    monkeypatch.setattr(project_tests, "LOGS", tmp_path)
    monkeypatch.setattr(project_tests, "GROUPS", made)
    return made


def test_when_all_pass_the_sum_is_last(
    groups: dict[str, Group], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_groups(["lint", "unit", "browser"]) == 0
    assert " 11 passed, 2 skipped in " in capsys.readouterr().out.splitlines()[-1]


def test_the_first_group_that_fails_is_the_last_to_run(
    groups: dict[str, Group], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_groups(["lint", "unit", "docker", "browser"]) == 1
    said = capsys.readouterr().out
    assert "browser ran" not in said
    *_, advice, total = said.splitlines()
    assert advice == f"The docker tests failed; all they said stands in {tmp_path / 'docker'}.log"
    assert " 2 failed, 11 passed, 2 skipped in " in total


def test_lint_that_fails_counts_as_a_failure(
    groups: dict[str, Group], capsys: pytest.CaptureFixture[str]
) -> None:
    groups["lint"] = Group([[sys.executable, "-c", "raise SystemExit(1)"]])
    assert run_groups(["lint", "unit"]) == 1
    assert " 1 failed in " in capsys.readouterr().out.splitlines()[-1]


def test_a_machine_that_cannot_run_a_group_is_a_failure_too(
    groups: dict[str, Group],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse() -> None:
        raise MachineError("There is no Docker engine here.")

    monkeypatch.setattr(project_tests, "_prepare", refuse)
    groups["docker"] = Group([], needs_engine=True)
    assert run_groups(["unit", "docker"]) == 1
    said = capsys.readouterr()
    assert "There is no Docker engine here." in said.err
    assert " 1 failed, 9 passed, 1 skipped in " in said.out.splitlines()[-1]


def test_groups_are_run_in_their_order_whatever_was_asked() -> None:
    assert chosen(["browser", "unit"]) == ["unit", "browser"]
    assert chosen(["all"]) == ["lint", "unit", "slow", "docker", "browser", "cluster", "soak"]
    with pytest.raises(MachineError, match="no tests called 'units'; there are lint, unit"):
        chosen(["units"])


def test_the_sum_reads_as_pytests_own() -> None:
    line = summary({"failed": 0, "passed": 123, "skipped": 1, "error": 0}, 456.78)
    assert line.strip("=") == " 123 passed, 1 skipped in 456.78s "


TWO_FILES = {
    "test_one.py": "def test_figure(record_property): record_property('figure', 7)\n",
    "test_other.py": "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('not here')\n",
}


def test_tests_side_by_side_are_one_sum_with_all_figures(
    groups: dict[str, Group], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    for name, text in TWO_FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = project_tests.pytest_command("unit", *SIDE_BY_SIDE, str(folder))
    groups["unit"] = Group([command])
    assert run_groups(["unit"]) == 0
    assert " 2 passed, 1 skipped in " in capsys.readouterr().out.splitlines()[-1]
    report = ET.parse(tmp_path / "unit.xml")  # noqa: S314  # our own file
    properties = report.getroot().iter("property")
    assert [(one.get("name"), one.get("value")) for one in properties] == [("figure", "7")]
