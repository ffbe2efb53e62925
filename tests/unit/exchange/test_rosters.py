"""The grading server asks who is in the class."""

from typing import Any

import httpx
import pytest


def test_the_teacher_gets_the_pupils_with_their_names(teacher: httpx.Client) -> None:
    assert teacher.get("/classrooms/data-6a/roster").json() == [
        {"name": "masha", "full_name": "Masha"},
        {"name": "petya", "full_name": "Petya"},
    ]


def test_the_grading_server_stands_as_a_teacher_of_its_own_classroom(site: Any) -> None:
    with site.as_("grading-data-6a") as client:
        assert client.get("/classrooms/data-6a/roster").status_code == 200
        assert client.get("/classrooms/robots-5b/roster").status_code == 403


@pytest.mark.parametrize("name", ["masha", "oleg", "passer-by"])
def test_nobody_else_is_told(site: Any, name: str) -> None:
    with site.as_(name) as client:
        assert client.get("/classrooms/data-6a/roster").status_code == 403
