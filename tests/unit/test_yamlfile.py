"""A mistake in a file that a person wrote is told with its line."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from technopark.yamlfile import FileError, YamlFile, spell


class Room(BaseModel):
    name: str
    seats: int


class School(BaseModel):
    rooms: list[Room]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "school.yaml"


def problem_of(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as told:
        YamlFile(path).read(School)
    return str(told.value)


def test_a_good_file_becomes_its_model(path: Path) -> None:
    path.write_text("rooms:\n  - {name: север, seats: 12}\n", encoding="utf-8")
    assert YamlFile(path).read(School).rooms[0].name == "север"


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(FileError, match=r"school\.yaml: there is no such file"):
        YamlFile(path)


def test_every_problem_has_its_own_line(path: Path) -> None:
    told = problem_of(path, "rooms:\n  - name: north\n  - name: south\n    seats: many\n")
    first, second = told.splitlines()
    assert first == f"{path}:2: rooms[0].seats: is required and not given"
    assert second.startswith(f"{path}:4: rooms[1].seats: input should be a valid integer")
    assert second.endswith("not 'many'")


def test_what_is_not_yaml_is_told_with_its_line(path: Path) -> None:
    assert problem_of(path, "rooms:\n  - {name: north\n").startswith(f"{path}:3: is not YAML")


def test_what_is_not_utf_8_is_told(path: Path) -> None:
    path.write_bytes("rooms: [север]".encode("cp1251"))
    with pytest.raises(FileError, match="is not UTF-8 text"):
        YamlFile(path)


def test_a_list_at_the_top_is_told(path: Path) -> None:
    assert "expected `key: value` lines" in problem_of(path, "- north\n")


def test_places_are_spelled_as_a_person_would() -> None:
    assert spell(["classrooms", 2, "course"]) == "classrooms[2].course"
    assert spell([]) == "the file"
