"""An admin brings a roster from a spreadsheet."""

from pathlib import Path

import pytest
from sqlalchemy import select

from technopark.people import passphrases
from technopark.people.roster import import_roster
from technopark.store import Membership, Person, Store
from technopark.yamlfile import FileError

ROWS = "ФИО;Класс;Логин\nИволгина Маша;data-6a;\nСнегирёв Петя;data-6a;Петя С\n"


def _members(store: Store, classroom: str) -> set[str]:
    with store.read() as session:
        query = select(Membership.person_name).where(Membership.classroom_id == classroom)
        return set(session.scalars(query))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_file_from_any_spreadsheet_is_read(
    park: Store, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(ROWS.replace(";", delimiter).encode(encoding))
    rows, new = import_roster(file, park)
    assert rows == 2
    assert [person.name for person in new] == ["ivolgina-masha", "petia-s"]
    assert {"ivolgina-masha", "petia-s"} <= _members(park, "data-6a")
    with park.read() as session:
        person = session.get_one(Person, "ivolgina-masha")
        assert person.site_id == "north"
        assert passphrases.matches(new[0].passphrase.upper(), person.passphrase_hash)


def test_importing_twice_changes_nothing(park: Store, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(ROWS, encoding="utf-8")
    import_roster(file, park)
    before = _members(park, "data-6a")
    assert import_roster(file, park) == (2, [])
    assert _members(park, "data-6a") == before


def test_bad_rows_are_named_by_line_and_nothing_is_half_imported(
    park: Store, tmp_path: Path
) -> None:
    file = tmp_path / "roster.csv"
    before = _members(park, "data-6a")
    file.write_text(
        "ФИО;Класс;Логин;Роль\n"
        "Хороший Ученик;data-6a;good;\n"
        ";data-6a;empty;\n"
        "Второй Ученик;data-6z;second;\n"
        "Чужое Имя;data-6a;masha;\n"
        "Третий Ученик;data-6a;third;директор\n"
        "Хороший Ученик;data-6a;good;\n",
        encoding="utf-8",
    )
    with pytest.raises(FileError) as refused:
        import_roster(file, park)
    lines = str(refused.value).splitlines()
    assert [line.split(":")[1] for line in lines[:-1]] == ["3", "4", "5", "6", "7"]
    assert "there is no classroom 'data-6z'" in lines[1]
    assert lines[-1].endswith("nothing was imported")
    assert _members(park, "data-6a") == before


def test_nobody_gets_the_name_of_a_grading_server(park: Store, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("ФИО;Класс;Логин\nХитрый Ученик;data-6a;grading-data-6a\n", encoding="utf-8")
    with pytest.raises(FileError, match="are for grading servers"):
        import_roster(file, park)


def test_a_file_without_a_heading_says_what_was_expected(park: Store, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("Иволгина Маша;data-6a\n", encoding="utf-8")
    with pytest.raises(FileError, match="expected a heading row"):
        import_roster(file, park)


def test_two_pupils_with_the_same_name_get_different_names_to_sign_in(
    park: Store, tmp_path: Path
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("ФИО;Класс\nMasha;data-6a\nmasha;data-6a\n", encoding="utf-8")
    _, new = import_roster(file, park)
    assert [person.name for person in new] == ["masha", "masha-2"]


def test_a_namesake_at_another_school_is_somebody_else(park: Store, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("ФИО;Класс\nИволгина Маша;data-6a\n", encoding="utf-8")
    import_roster(file, park)
    file.write_text("ФИО;Класс\nИволгина Маша;robots-5b\n", encoding="utf-8")
    _, new = import_roster(file, park)
    assert [person.name for person in new] == ["ivolgina-masha-2"]
    with park.read() as session:
        assert session.get_one(Person, "ivolgina-masha-2").site_id == "south"
    assert "ivolgina-masha" not in _members(park, "robots-5b")
    assert import_roster(file, park) == (1, [])


def test_who_learns_at_two_schools_is_named(park: Store, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("ФИО;Класс;Логин\nPetya;robots-5b;petya\n", encoding="utf-8")
    import_roster(file, park)
    assert "petya" in _members(park, "robots-5b")
    with park.read() as session:
        assert session.get_one(Person, "petya").site_id == "north"


def test_two_namesakes_of_one_school_are_asked_for_by_name(park: Store, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(
        "ФИО;Класс;Логин\nЛис Ян;data-6a;ian-1\nЛис Ян;data-6a;ian-2\n", encoding="utf-8"
    )
    import_roster(file, park)
    file.write_text("ФИО;Класс\nЛис Ян;data-6a\n", encoding="utf-8")
    with pytest.raises(FileError, match=r":2: 2 people of north are called 'Лис Ян': ian-1, ian-2"):
        import_roster(file, park)
