"""What a provider's claims mean in the park."""

from typing import Any

import pytest

from technopark.openid_settings import Claims
from technopark.people.identities import NotWelcomeError
from technopark.signin.claims import NO_NAME, NO_SITE, OTHER_SITE, missing, profile, subject

MEANING = Claims.model_validate(
    {
        "site": {"claim": "https://school.example/number", "values": {"12": "north"}},
        "roles": {
            "claim": "realm.roles",
            "values": {"authors": {"role": "author"}, "heads": {"role": "admin", "site": "north"}},
        },
        "classrooms": {
            "claim": "class",
            "values": {"6A": {"classroom": "data-6a"}, "7B": {"classroom": "bio-7b"}},
        },
    }
)
SITE = {"https://school.example/number": "12"}


@pytest.mark.parametrize(
    ("given", "surname", "full_name"),
    [
        ("Маша", "Иволгина", "Маша И."),
        ("  Анна  Мария ", "ёлкина", "Анна Мария Ё."),
        ("Маша", "", "Маша"),
        ("Маша", "- 7", "Маша"),
        ("Ма\u202eша\n\x1b[1m", "\u200dИ", "Ма ша [1m И."),
        ("", "Иволгина", ""),
    ],
)
def test_of_the_surname_one_letter_is_kept(given: str, surname: str, full_name: str) -> None:
    said = {"given_name": given, "family_name": surname, **SITE}
    assert profile(said, MEANING).full_name == full_name


@pytest.mark.parametrize("number", ["12", 12, ["12"], ["7", "12"]])
def test_one_value_and_a_list_of_one_are_the_same(number: Any) -> None:
    said = {"given_name": "Маша", "https://school.example/number": number}
    assert profile(said, MEANING).site == "north"


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ({**SITE}, NO_NAME),
        ({"given_name": "\u200b ", **SITE}, NO_NAME),
        ({"given_name": ["Маша"], **SITE}, ""),
        ({"given_name": {"first": "Маша"}, **SITE}, NO_NAME),
        ({"given_name": "Маша"}, NO_SITE),
        ({"given_name": "Маша", "https://school.example/number": True}, NO_SITE),
        ({"given_name": "Маша", "https://school.example/number": "13"}, OTHER_SITE),
    ],
)
def test_what_is_too_little_is_said(said: dict[str, Any], lacks: str) -> None:
    assert profile(said, MEANING).lacks == lacks


def test_roles_and_classrooms_are_those_of_the_mapping() -> None:
    said = {"class": ["6A", "9V"], "realm": {"roles": ["heads", "authors", "cooks"]}, **SITE}
    found = profile(said, MEANING)
    assert found.seats == {("data-6a", "pupil")}
    assert found.grants == {("author", None), ("admin", "north")}


@pytest.mark.parametrize("realm", [None, "heads", ["heads"], {"roles": None}, {"other": ["heads"]}])
def test_claims_of_another_shape_give_nothing(realm: Any) -> None:
    assert profile({"realm": realm}, MEANING).grants == frozenset()


def test_nothing_is_named_unless_settings_do() -> None:
    everything = {"groups": ["admin"], "school": "12", "park_name": "masha", "given_name": "Маша"}
    found = profile(everything, Claims())
    assert (found.site, found.seats, found.grants, found.person) == (
        None,
        frozenset(),
        frozenset(),
        "",
    )
    assert found.lacks == ""


@pytest.mark.parametrize("sub", [None, "", " ", ["a", "b"], {"id": 1}, True, "x" * 256])
def test_who_is_nobody_is_nobody(sub: Any) -> None:
    with pytest.raises(NotWelcomeError):
        subject({"sub": sub}, MEANING)
    assert subject({"sub": 17}, MEANING) == "17"


def test_what_is_missing_is_known_before_the_provider_is_asked_again() -> None:
    assert missing({"sub": "1", "given_name": "Маша", "class": [], **SITE}, MEANING) == [
        "family_name",
        "realm.roles",
    ]
