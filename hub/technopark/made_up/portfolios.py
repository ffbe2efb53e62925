"""What made-up pupils show, what parents agreed to, letters of curators: rows for the store.

Called by `made_up.fill`. One small page is written for each work, so that searching and deleting
meet as many rows and files as a city's would be.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from random import Random
from typing import Any

from technopark.made_up.plan import City, Room, Work
from technopark.path import ages, shelf
from technopark.settings import Settings

_SHOWS = 0.2
"""Of the pupils."""
_AGREES = 0.7
"""Of their parents: to works; half of these to letters, too."""
_WRITES = 0.1
"""Of the works about which curators may write."""
_TITLES = ("Моя лучшая работа", "Смотрите, что вышло", "Сложная задача", "Мой проект")
_LETTER = "Нам понравилась твоя работа. Приходи весной на день открытых дверей института!"


@dataclass
class Portfolios:
    """Rows of three tables, as `insert` takes them."""

    works: list[dict[str, Any]] = field(default_factory=list)
    consents: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)


def portfolios(city: City) -> Portfolios:
    """Who of the city shows what; the same for the same city."""
    rng, made = Random(f"{city.seed} portfolios"), Portfolios()  # noqa: S311  # no secret
    rooms = {room.id: room for room in city.rooms}
    grades = {pupil.name: pupil.grade for pupil in city.pupils}
    curators = [one.name for one in city.of_role("curator")]
    last = {work.person: work for work in city.works}
    for name in sorted(last):
        if rng.random() < _SHOWS:
            room = rooms[last[name].classroom]
            _show(made, rng, last[name], room, grades[name], city)
            _ask_parents(made, rng, last[name], room, curators)
    return made


def write_pages(settings: Settings, made: Portfolios) -> None:
    """Puts a page on the shelf for each work."""
    for work in made.works:
        shelf.put(settings, work["person_name"], work["id"], _page(work["title"]))


def _show(made: Portfolios, rng: Random, work: Work, room: Room, grade: int, city: City) -> None:
    title = rng.choice(_TITLES)
    made.works.append(
        {
            "id": f"{rng.getrandbits(64):016x}",
            "person_name": work.person,
            "kind": "notebook",
            "title": title,
            "words": f"Задание «{work.task}».",
            "classroom_id": room.id,
            "course": room.course,
            "first_september": ages.first_september(grade, city.last_day),
            "size": len(_page(title)),
            "shown_at": work.received_at + timedelta(days=1),
        }
    )


def _ask_parents(
    made: Portfolios, rng: Random, work: Work, room: Room, curators: list[str]
) -> None:
    if rng.random() >= _AGREES:
        return
    purposes = ("works", "letters") if rng.random() < 0.5 else ("works",)
    when = work.received_at + timedelta(days=3)
    for purpose in purposes:
        made.consents.append(
            {
                "person_name": work.person,
                "purpose": purpose,
                "way": "paper",
                "recorded_by": room.teachers[0],
                "recorded_at": when,
            }
        )
    if "letters" in purposes and curators and rng.random() < _WRITES:
        is_passed = rng.random() < 0.5
        made.letters.append(
            {
                "person_name": work.person,
                "work_id": made.works[-1]["id"],
                "written_by": rng.choice(curators),
                "written_at": when + timedelta(days=2),
                "text": _LETTER,
                "state": "passed" if is_passed else "waiting",
                "decided_by": room.teachers[0] if is_passed else None,
                "decided_at": when + timedelta(days=3) if is_passed else None,
                "reason": "",
            }
        )


def _page(title: str) -> bytes:
    return f'<div class="cell"><h1>{escape(title)}</h1><pre>answer = 42</pre></div>'.encode()
