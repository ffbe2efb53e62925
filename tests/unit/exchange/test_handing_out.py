"""A teacher hands out, replaces and takes back; feedback goes back; everybody in their own part."""

import io
import tarfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from technopark.bench.rehearsal import archive

Send = Callable[..., httpx.Response]


def contents(answer: httpx.Response) -> dict[str, bytes]:
    """The files in an answer."""
    assert answer.is_success, answer.text
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


def test_a_pupil_gets_what_the_teacher_released(
    site: Any, masha: httpx.Client, released: dict[str, Any]
) -> None:
    listed = masha.get("/assignments").json()

    assert [(one["assignment"], one["version"]) for one in listed] == [("ps1", 1)]
    assert listed[0]["due"] == "2026-11-25T15:00:00.000000Z"
    assert contents(masha.get(f"{site.ps1}/content")) == {"ps1.ipynb": b"empty"}


def test_the_same_files_again_are_the_same_version(
    site: Any, teacher: httpx.Client, released: dict[str, Any]
) -> None:
    again = teacher.put(site.ps1, content=archive({"ps1.ipynb": b"empty"}))

    assert again.json()["version"] == 1
    assert again.json()["due"] is None, "the due date goes with each release"


def test_other_files_need_a_word_and_keep_what_was_handed_in(
    site: Any, teacher: httpx.Client, masha: httpx.Client, send: Send
) -> None:
    receipt = send(masha).json()
    newer = archive({"ps1.ipynb": b"mended"})

    assert teacher.put(site.ps1, content=newer).status_code == 409
    assert contents(masha.get(f"{site.ps1}/content")) == {"ps1.ipynb": b"empty"}
    answer = teacher.put(site.ps1, content=newer, params={"replace": "true"})

    assert answer.json()["version"] == 2
    assert contents(masha.get(f"{site.ps1}/content")) == {"ps1.ipynb": b"mended"}
    assert [one["id"] for one in masha.get("/submissions").json()] == [receipt["id"]]
    assert send(masha).json()["id"] == receipt["id"]


def test_what_was_taken_back_cannot_be_fetched_but_still_be_handed_in(
    site: Any, teacher: httpx.Client, masha: httpx.Client, petya: httpx.Client, send: Send
) -> None:
    receipt = send(masha).json()
    teacher.delete(site.ps1).raise_for_status()

    assert masha.get("/assignments").json() == []
    assert masha.get(f"{site.ps1}/content").json()["code"] == "not-released"
    assert send(petya).status_code == 201
    assert masha.get("/submissions").json()[0]["id"] == receipt["id"]

    again = teacher.put(site.ps1, content=archive({"ps1.ipynb": b"mended"}))
    assert again.json()["version"] == 2, "nothing is handed out, so nothing is replaced"


@pytest.mark.parametrize("name", ["a+b", ".hidden", "x" * 101, "a*", " a"])
def test_a_name_that_nbgrader_cannot_take_is_refused(
    site: Any, teacher: httpx.Client, name: str
) -> None:
    answer = teacher.put(
        f"/classrooms/data-6a/assignments/{name}", content=archive({"a.ipynb": b""})
    )

    assert answer.json()["code"] == "bad-name"


def test_feedback_is_for_its_pupil_at_once_and_for_nobody_else(
    site: Any, teacher: httpx.Client, masha: httpx.Client, petya: httpx.Client, send: Send
) -> None:
    receipt, other = send(masha).json(), send(petya).json()
    address = f"/submissions/{receipt['id']}/feedback"
    assert masha.get(f"{address}/content").json()["code"] == "no-feedback"

    query = {"person": "masha", "assignment": "ps1"}
    for page in (b"well done", b"very well done"):
        body = archive({"ps1.html": page})
        teacher.put(address, content=body, params=query).raise_for_status()

        assert contents(masha.get(f"{address}/content")) == {"ps1.html": page}
    assert list(masha.get("/submissions").json()[0]["feedback"]) == ["ps1.html"]
    assert petya.get("/submissions").json()[0]["feedback"] is None
    assert petya.get(f"{address}/content").status_code == 403
    mixed_up = teacher.put(
        f"/submissions/{other['id']}/feedback", content=archive({"ps1.html": b""}), params=query
    )
    assert mixed_up.json()["code"] == "wrong-feedback"


def test_an_extension_needs_a_pupil_and_a_deadline(
    site: Any, teacher: httpx.Client, released: dict[str, Any]
) -> None:
    def extend(person: str, due: str) -> str:
        answer = teacher.put(f"{site.ps1}/extensions/{person}", json={"due": due})
        return str(answer.json().get("code"))

    assert extend("oleg", "2026-11-26 18:00") == "not-a-pupil"
    assert extend("petya", "tomorrow") == "bad-time"
    teacher.patch(site.ps1, json={"due": None}).raise_for_status()
    assert extend("petya", "2026-11-26 18:00") == "no-deadline"


@pytest.mark.parametrize("body", [b"", b"soon", b"[]", b'{"due": 5}', b'{"due": "' + b"5" * 9000])
def test_what_is_no_deadline_is_told_and_a_long_one_is_not_even_read(
    site: Any, teacher: httpx.Client, released: dict[str, Any], body: bytes
) -> None:
    answer = teacher.patch(site.ps1, content=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad-time")
    assert len(answer.text) < 300


PUPIL = {"fetch", "submit"}
TEACHER = {"fetch", "release", "collect", "extend", "read", "due"}
RIGHTS: dict[str, set[str]] = {
    "petya": PUPIL,
    "masha": PUPIL | {"read"},
    "anna": TEACHER,
    "grading-data-6a": TEACHER,
    "oleg": set(),
    "grading-robots-5b": set(),
    "north-admin": set(),
    "writer": set(),
    "chief": set(),
    "passer-by": set(),
    "nobody-at-all": set(),
}


@pytest.mark.parametrize(("who", "may"), RIGHTS.items(), ids=RIGHTS)
def test_everybody_may_do_their_own_part(
    site: Any, masha: httpx.Client, send: Send, who: str, may: set[str]
) -> None:
    work = send(masha).json()
    files = archive({"ps1.ipynb": b"empty"})
    with site.as_(who) as client:
        tried = {
            "fetch": client.get(f"{site.ps1}/content"),
            "submit": client.post(f"{site.ps1}/submissions", content=archive({"a": b"1"})),
            "release": client.put(site.ps1, content=files),
            "due": client.patch(site.ps1, json={"due": "2026-12-01 18:00"}),
            "extend": client.put(f"{site.ps1}/extensions/petya", json={"due": "2026-12-02 18:00"}),
            "collect": client.get(f"{site.ps1}/collection"),
            "read": client.get(f"/submissions/{work['id']}/content"),
        }
        refused = {what for what, answer in tried.items() if answer.status_code == 403}
        mine = client.get("/submissions", params={"mine": "true"}).json()
        seen = client.get("/submissions").json()

    assert refused == set(tried) - may
    assert {one["person"] for one in mine} == ({who} if "submit" in may else set())
    assert {one["person"] for one in seen} == (
        {"masha"} if "collect" in may else {who} if "submit" in may else set()
    )
