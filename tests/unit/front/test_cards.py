"""What a server is told of its image's files."""

import json
import os
from dataclasses import replace

import pytest

from technopark.front import cards, shelf
from technopark.front.cards import Card
from technopark.settings import Settings, Web

IMAGE = "sha256:" + "1" * 64


def card(tree: str) -> Card:
    return Card(
        lab=tree,
        themes=tree,
        icons="",
        labextensions={"@jupyter/nbgrader": tree},
        translations={"ru_RU": f"{tree}/ru_RU.json"},
    )


def test_a_server_is_told_one_address_for_all(settings: Settings, tree: str) -> None:
    cards.write(settings, IMAGE, card(tree))
    named = settings.model_copy(update={"web": Web(address="https://park.example")})
    told = json.loads(cards.for_server(named, IMAGE))
    assert told["address"] == "https://park.example/static"
    assert told["labextensions"] == {"@jupyter/nbgrader": tree}
    assert told["translations"] == {"ru_RU": f"{tree}/ru_RU.json"}


def test_without_names_the_address_is_the_pages_own(settings: Settings) -> None:
    numbers = settings.model_copy(update={"web": Web(address="http://10.0.0.5:8000")})
    assert cards.address(numbers) == "/static"


def test_a_server_whose_image_was_not_gathered_serves_its_own(settings: Settings) -> None:
    assert cards.for_server(settings, IMAGE) == ""


def test_a_card_whose_tree_is_gone_does_not_count(settings: Settings, tree: str) -> None:
    cards.write(settings, IMAGE, card(tree))
    shelf.keep_only(shelf.trees(settings), set())
    assert cards.for_server(settings, IMAGE) == ""


@pytest.mark.parametrize("gone", [True, False])
def test_a_forgotten_image_needs_no_tree(settings: Settings, tree: str, gone: bool) -> None:
    cards.write(settings, IMAGE, card(tree))
    assert cards.known(settings) == [IMAGE]
    if gone:
        cards.remove(settings, IMAGE)
    assert cards.trees_in_use(settings) == (set() if gone else {tree})


def test_pages_before_labs_fetch_what_every_lesson_will_need(settings: Settings, tree: str) -> None:
    assert cards.ahead(settings, "ru") == [], "before the first image"
    first = [f"{tree}/main.js?v=1", f"{tree}/panels.js"]
    cards.write(settings, IMAGE, replace(card(tree), first=[*first, f"{tree}/one-course.js"]))
    cards.write(settings, IMAGE.replace("1", "2"), replace(card(tree), first=first))
    shared = [f"http://park.localhost/static/{file}" for file in first]
    named = settings.model_copy(update={"web": Web(address="http://park.localhost")})
    assert cards.ahead(named, "ru") == [*shared, f"http://park.localhost/static/{tree}/ru_RU.json"]
    assert cards.ahead(named, "en") == shared


def test_pages_fetch_ahead_for_the_newest_lab(settings: Settings, tree: str) -> None:
    old, new = (replace(card(tree), lab=lab, first=[f"{lab}/main.js"]) for lab in ("01d", "2e3"))
    cards.write(settings, IMAGE, old)
    os.utime(settings.data / "front" / "images" / f"{'1' * 64}.json", (1, 1))
    assert cards.ahead(settings, "en") == [f"{cards.address(settings)}/01d/main.js"]
    cards.write(settings, IMAGE.replace("1", "2"), new)
    assert cards.ahead(settings, "en") == [f"{cards.address(settings)}/2e3/main.js"]


def test_a_card_of_an_older_park_still_counts(settings: Settings, tree: str) -> None:
    cards.write(settings, IMAGE, card(tree))
    path = settings.data / "front" / "images" / f"{'1' * 64}.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    del told["first"]
    path.write_text(json.dumps(told), encoding="utf-8")
    assert cards.read(settings, IMAGE) == card(tree)
    assert cards.is_complete(settings, IMAGE)
