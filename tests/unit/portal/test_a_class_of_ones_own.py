"""A teacher makes a class, fills it from a spreadsheet, and pupils come and go."""

import re

import pytest
from sqlalchemy import func, select

from technopark.people.join_codes import LENGTH, LETTERS
from technopark.store import Classroom, JoinCode, Membership, Person, Store

from .conftest import NOW, Open, Somebody

GIVEN = [
    *("Аня", "Боря", "Вера", "Глеб", "Даша", "Егор", "Женя", "Зоя", "Игорь", "Катя", "Лёня"),
    *("Мила", "Никита", "Оля", "Паша", "Рита", "Саша"),
]


def members(park: Store, classroom: str, role: str = "pupil") -> set[str]:
    with park.read() as session:
        query = select(Membership.person_name).where(
            Membership.classroom_id == classroom, Membership.role == role
        )
        return set(session.scalars(query))


def people(park: Store) -> int:
    with park.read() as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


def list_of(number: int) -> str:
    """So many pupils, as a spreadsheet saves them; two lines of it are wrong."""
    rows = [f"Ёлкин;{given}" for given in GIVEN] + [f"Юрьева;{given}" for given in GIVEN]
    rows = rows[: number - 2]
    return "\n".join(["Фамилия;Имя", *rows[:9], "Петров;", *rows[9:], "Сидоров;4-й ряд"]) + "\n"


def test_the_whole_story(sit_down: Open, park: Store) -> None:
    anna, masha = sit_down("anna", "ru"), sit_down("masha", "ru")
    anna.see("")
    anna.see("classrooms")
    anna.see("classrooms/new")
    anna.press("Создать класс", title="6Б, данные", first_day="2026-12-01", last_day="25.05.2027")
    assert anna.path == "classrooms/6b-dannye"
    assert "Класс «6Б, данные» создан" in anna.page
    assert members(park, "6b-dannye", "teacher") == {"anna"}

    before = people(park)
    anna.see("classrooms/6b-dannye/pupils")
    sent = {"file": ("6б.csv", list_of(25).encode("cp1251"), "text/csv")}
    preview = anna.press("Проверить", 422, files=sent)
    assert "новых: 23" in preview
    assert "исправить: 2" in preview
    wrong = re.findall(r'<tr class="wrong">\s*<td>(\d+)</td>', preview)
    assert wrong == ["11", "26"], "lines of the file, its heading counted"
    assert "Здесь только одно слово: напишите имя и первую букву фамилии" in preview
    assert "«4-й» не похоже на имя" in preview
    assert "Аня Ё." in preview
    assert "Технопарку незачем знать о детях больше, чем нужно" in preview
    assert ">Добавить</button>" not in preview
    assert people(park) == before, "nothing is written before `Add`"

    typed = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", preview, re.DOTALL)
    assert typed
    mended = typed[1].replace("Петров;", "Петров;Пётр").replace("4-й ряд", "Сёма")
    preview = anna.press("Проверить снова", people=mended)
    assert "новых: 25" in preview
    assert "ania-e" in preview
    assert people(park) == before
    anna.press("Добавить")
    assert "Добавлено учеников: 25" in anna.page
    assert len(members(park, "6b-dannye")) == 25
    assert people(park) == before + 25
    with park.read() as session:
        names = session.scalars(select(Person.full_name).where(Person.name.like("%-e")))
        assert set(names) == {f"{given} Ё." for given in GIVEN}

    anna.press("Создать код")
    found = re.search(r'<p class="code">([A-Z]{4}-[A-Z]{4})</p>', anna.page)
    assert found
    masha.see("")
    masha.see("join")
    masha.press("Вступить", code=found[1].lower())
    assert "Ты в классе «6Б, данные»" in masha.page
    assert "masha" in members(park, "6b-dannye")

    anna.see("classrooms/6b-dannye")
    anna.press("Убрать Masha")
    assert "Masha больше не в этом классе" in anna.page
    assert "masha" not in members(park, "6b-dannye")
    anna.press("Отменить")
    assert "Всё снова как было" in anna.page
    assert "masha" in members(park, "6b-dannye")


def add(anna: Somebody, text: str, status: int = 200) -> str:
    """Anna looks at what a list would do to her class."""
    anna.see("classrooms/data-6a/pupils")
    return anna.press("Check", status, people=text)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Маша П.", "Маша П."),
        ("маша п", "Маша П."),
        ("П. Маша", "Маша П."),
        ("Петрова Мария", "Мария П."),
        ("Петрова Мария Ивановна", "Мария П."),
        ("Мария Ивановна Петрова", "Мария П."),
        ("ПЕТРОВА АННА-МАРИЯ", "Анна-Мария П."),
        ("3. Петрова Мария", "Мария П."),
        ("Петрова\tМария", "Мария П."),
        ("Mary Smith", "Smith M."),
    ],
)
def test_of_a_surname_one_letter_is_kept(sit_down: Open, park: Store, line: str, kept: str) -> None:
    anna = sit_down("anna")
    add(anna, line)
    anna.press("Add")
    with park.read() as session:
        full_names = set(session.scalars(select(Person.full_name)))
    assert kept in full_names
    assert not {name for name in full_names if "етров" in name.lower()}


def test_a_list_may_have_names_before_surnames(sit_down: Open) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/data-6a/pupils")
    assert "Мария П." in anna.press("Check", people="Мария Петрова", order="given")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Маша", "This is only one word"),
        ("П. М.", "The name is missing"),
        ("Маша П. и Петя С.", "Only one pupil on a line"),
        ("Маша +7", "“+7” is no part of a name"),
        ("nobody-here", "Nobody signs in as “nobody-here”"),
        ("oleg", "“oleg” is at another school"),
        ("anna", "Anna teaches this class"),
        ("李小 明月", "No name to sign in with can be made"),
        ("A. Grading", "No name to sign in with can be made"),
    ],
)
def test_what_is_wrong_is_said_beside_its_line(sit_down: Open, line: str, words: str) -> None:
    page = add(sit_down("anna"), f"Петя С.\n{line}", 422)
    assert words in page
    assert "to be mended: 1" in page


def test_an_empty_list_and_a_picture_are_no_lists(sit_down: Open) -> None:
    anna = sit_down("anna")
    assert "Write the pupils here, one on a line." in add(anna, " \n", 422)
    picture = {"file": ("list.csv", b"\x89PNG\0\x98", "text/csv")}
    assert "This file is not a list" in anna.press("Check", 422, files=picture)


def test_a_child_of_the_same_name_may_be_meant_or_not(sit_down: Open, park: Store) -> None:
    with park.write() as session:
        session.add(Person(name="ivolgina-zoya", full_name="Ивольгина Зоя", site_id="north"))
        session.add(Person(name="zoya-far", full_name="Зоя И.", site_id="south"))
    anna = sit_down("anna")
    page = add(anna, "Зоя И.")
    assert "ivolgina-zoya, in no class now" in page
    assert "zoya-far" not in page, "the same name at another school is another child"
    anna.press("Add")
    assert "ivolgina-zoya" in members(park, "data-6a")
    add(anna, "Зоя И.")
    assert "in this class already: 1" in anna.page
    anna.press("Check again", **{"who Зоя И. 1": "+"})
    assert "new: 1" in anna.page
    anna.press("Add")
    assert members(park, "data-6a") >= {"ivolgina-zoya", "zoia-i"}


def test_two_children_of_one_name_are_asked_for(sit_down: Open, park: Store) -> None:
    anna = sit_down("anna")
    page = add(anna, "Ян Л.\nЯн Л.")
    assert "to be decided: 1" in page
    assert "The same name stands here twice. Two children?" in page
    anna.press("Check again", **{"who Ян Л. 2": "+"})
    anna.press("Add")
    assert members(park, "data-6a") >= {"ian-l", "ian-l-2"}


def test_adding_twice_adds_nobody_twice(sit_down: Open, park: Store) -> None:
    anna, before = sit_down("anna"), people(park)
    for _ in range(2):
        add(anna, "Ян Л.\nmasha")
        anna.press("Add")
    assert "All of them were in the class already." in anna.page
    assert people(park) == before + 1


def test_adding_is_undone_at_once(sit_down: Open, park: Store) -> None:
    anna, before = sit_down("anna"), members(park, "data-6a")
    add(anna, "Ян Л.\nmasha")
    anna.press("Add")
    anna.press("Undo")
    assert members(park, "data-6a") == before


def test_a_code_is_made_of_letters_that_nobody_confuses(sit_down: Open, park: Store) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/data-6a")
    anna.press("Make a code", lasts="day")
    with park.read() as session:
        code = session.get_one(JoinCode, "data-6a")
    assert len(code.code) == LENGTH
    assert set(code.code) <= set(LETTERS)
    assert (code.expires_at - NOW).days == 1
    anna.press("Make a new code")
    passer = sit_down("passer-by")
    passer.see("join")
    assert "This code does not fit" in passer.press("Join", 422, code=code.code)


def test_a_code_may_be_typed_in_cyrillic(sit_down: Open, park: Store) -> None:
    with park.write() as session:
        session.add(
            JoinCode(
                classroom_id="data-6a",
                code="ABEKMHPC",
                made_by="anna",
                expires_at=NOW.replace(hour=9),
            )
        )
    passer = sit_down("passer-by")
    passer.see("join")
    passer.press("Join", code="авек мнрс")
    assert "passer-by" in members(park, "data-6a")
    passer.see("join")
    assert "You are in “data-6a” already" in passer.press("Join", 422, code="ABEK-MHPC")
    anna = sit_down("anna")
    anna.see("classrooms/data-6a")
    anna.press("End this code")
    assert "ABEK" not in anna.page


@pytest.mark.parametrize("why", ["over", "closed"])
def test_a_code_ends(sit_down: Open, park: Store, why: str) -> None:
    with park.write() as session:
        expires = NOW.replace(hour=6) if why == "over" else NOW.replace(hour=9)
        session.add(
            JoinCode(classroom_id="data-6a", code="ABEKMHPC", made_by="anna", expires_at=expires)
        )
        session.get_one(Classroom, "data-6a").active = why == "over"
    passer = sit_down("passer-by")
    passer.see("join")
    assert "This code does not fit" in passer.press("Join", 422, code="ABEKMHPC")


def test_who_tries_codes_waits_and_nobody_else_does(sit_down: Open) -> None:
    passer, petya = sit_down("passer-by"), sit_down("petya")
    for one in (passer, petya):
        one.see("join")
    for _ in range(6):
        passer.press("Join", 422, code="AAAAAAAA")
    assert "Too many tries. Wait 5 seconds" in passer.press("Join", 429, code="AAAAAAAA")
    assert 'value="AAAAAAAA"' in passer.page, "what was typed stays"
    petya.press("Join", 422, code="AAAAAAAA")
