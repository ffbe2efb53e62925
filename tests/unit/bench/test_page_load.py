"""A page is fetched anew as a browser fetched it: in its order and with its pauses."""

import asyncio
import time
from typing import Any

import pytest

from technopark.bench.page_load import Load, Recording, Seen, alike, fetch_alike, in_order
from technopark.bench.pupil import PupilError, Seat

MASHA, PETYA = Seat("masha", "one two three", "6a"), Seat("petya", "four five six", "6b")
PAGE = "http://masha.park.localhost/user/masha/6a/lab/tree/one.ipynb"
SCRIPT = "http://park.localhost/static/0a/main.js"
NOTEBOOK = "http://masha.park.localhost/user/masha/6a/api/contents/one.ipynb"

STYLE = "http://park.localhost/hub/park/park.css"
BACK = "http://masha.park.localhost/user/masha/6a/oauth_callback?code=1"

SEEN = [
    Seen("http://park.localhost/hub/login", 200, began=90.0, ended=91.0, is_page=True),
    Seen(STYLE, 200, began=90.2, ended=91.1),
    Seen(PAGE, 302, began=92.0, ended=92.1, is_page=True),
    Seen(BACK, 302, 92.2, 92.3, is_page=True),
    Seen(PAGE, 200, began=100.0, ended=100.5, is_page=True),
    Seen(SCRIPT, 200, began=100.5, ended=101.0),
    Seen(NOTEBOOK, 200, began=101.2, ended=101.4),
    Seen("http://park.localhost/static/0a/later.js", 200, began=109.0, ended=109.1),
]


class Other:
    """A pupil whose server answers at once."""

    def __init__(self, seat: Seat, status: int = 200) -> None:
        self.seat, self.status = seat, status
        self.fetched: list[tuple[str, float]] = []

    async def sign_in(self) -> None:
        self.fetched.append(("sign-in", time.monotonic()))

    async def fetch(self, address: str, *, is_page: bool = False) -> int:
        assert is_page is ("/lab/tree/" in address)
        self.fetched.append((address, time.monotonic()))
        return self.status


def recorded() -> Load:
    return Recording(seen=list(SEEN)).load(MASHA, until=105.0)


def test_a_load_begins_with_the_page_and_ends_with_the_first_result() -> None:
    fetches = recorded().fetches
    assert [one.url for one in fetches] == [PAGE, SCRIPT, NOTEBOOK]
    assert [one.after for one in fetches] == [None, 0, 1]
    assert [one.thought for one in fetches] == pytest.approx([0.0, 0.0, 0.2])


def test_what_was_fetched_at_the_same_time_waits_for_the_same_answer() -> None:
    together = [Seen(SCRIPT, 200, 1.0, 2.0), *(Seen(SCRIPT, 200, 2.5, n) for n in (3.0, 4.0))]
    assert [one.after for one in in_order(together)] == [None, 0, 0]


def test_another_pupil_has_another_server_and_the_same_scripts() -> None:
    assert alike(PAGE, MASHA, PETYA) == (
        "http://petya.park.localhost/user/petya/6b/lab/tree/one.ipynb"
    )
    assert alike(SCRIPT, MASHA, PETYA) == SCRIPT


def test_of_the_sign_in_the_files_are_in_a_load() -> None:
    (style,) = recorded().ahead
    assert (style.url, style.after, style.thought) == (STYLE, None, pytest.approx(0.2))


async def test_a_page_waits_for_what_was_fetched_ahead_for_it() -> None:
    petya: Any = Other(PETYA)
    await fetch_alike(petya, recorded(), slower=1)
    names = [address for address, _ in petya.fetched]
    assert names[0] == "sign-in"
    assert names.index(STYLE) < names.index(SCRIPT)


async def test_a_slow_pc_thinks_longer() -> None:
    petya: Any = Other(PETYA)
    await fetch_alike(petya, recorded(), slower=2)
    *_, (_, script), (notebook, asked) = petya.fetched
    assert notebook.endswith("/user/petya/6b/api/contents/one.ipynb")
    assert asked - script >= 0.39


async def test_what_another_pupil_may_not_have_is_an_error() -> None:
    petya: Any = Other(PETYA, status=403)
    with pytest.raises(ExceptionGroup) as wrong:
        await asyncio.wait_for(fetch_alike(petya, recorded(), slower=1), 5)
    assert wrong.group_contains(PupilError, match="answered 403 instead of 200")
