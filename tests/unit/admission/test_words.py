"""What a child reads while it waits."""

import pytest

from technopark.admission.looks import AWAY, COMING, STARTING, Look, State
from technopark.admission.words import news, words


def waiting(place: int, seconds: float | None, first_place: int = 40) -> Look:
    return Look(State.WAITING, place, line=40, seconds=seconds, first_place=first_place)


@pytest.mark.parametrize(
    ("look", "russian", "english"),
    [
        (COMING, "Секундочку: ищем тебе место.", "One moment: we are finding a place for you."),
        (
            waiting(12, 17.2),
            "Твоё место в очереди: 12 из 40. Ждать примерно 20 секунд.",
            "Your place in line: 12 of 40. About 20 seconds.",
        ),
        (
            waiting(1, 3.0),
            "Следующая очередь — твоя! Осталось несколько секунд.",
            "You are next! Just a few seconds more.",
        ),
        (
            STARTING,
            "Твоя очередь! Твой компьютер включается.",
            "Your turn! Your computer is switching on.",
        ),
        (AWAY, "", ""),
    ],
)
def test_place_and_wait_are_told_in_both_languages(look: Look, russian: str, english: str) -> None:
    assert (words(look, "ru"), words(look, "en")) == (russian, english)


@pytest.mark.parametrize(
    ("seconds", "russian", "english"),
    [
        (51.0, "примерно 1 минуту.", "About 1 minute."),
        (100.0, "примерно 2 минуты.", "About 2 minutes."),
        (300.0, "примерно 5 минут.", "About 5 minutes."),
        (660.0, "примерно 11 минут.", "About 11 minutes."),
        (1260.0, "примерно 21 минуту.", "About 21 minutes."),
        (None, "Сейчас все компьютеры технопарка заняты.", "All computers of the park are busy."),
    ],
)
def test_numbers_agree_with_their_words(seconds: float | None, russian: str, english: str) -> None:
    assert russian in words(waiting(9, seconds), "ru")
    assert english in words(waiting(9, seconds), "en")


def test_the_bar_goes_on_from_where_it_was() -> None:
    places = [waiting(place, 5.0, first_place=12) for place in (12, 6, 1)]
    bar = [news(look, "ru")["progress"] for look in [*places, STARTING]]
    assert bar == [5, 37, 65, 70]


def test_whoever_reads_the_stream_without_our_page_gets_words_and_numbers() -> None:
    event = news(waiting(12, 17.2), "en")
    assert event["message"] == event["words"]["en"]
    assert (event["state"], event["place"], event["line"], event["seconds"]) == (
        "waiting",
        12,
        40,
        17,
    )
