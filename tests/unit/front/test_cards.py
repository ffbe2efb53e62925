"""What a server is told of its image's files."""

import json

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
