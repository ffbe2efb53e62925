"""What a child of ten reads about the line and the end of a kernel."""

import pytest

from technopark_kernels import words


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", request.param)
    return str(request.param)


@pytest.mark.parametrize(
    ("place", "estimate", "sentence"),
    [
        (1, 30, "Твоё место в очереди на видеокарту — первое, ждать меньше минуты. "),
        (1, 60, "Твоё место в очереди на видеокарту — первое, ждать примерно 1 минуту. "),
        (3, 200, "Твоё место в очереди на видеокарту — третье, ждать примерно 4 минуты. "),
        (5, 661, "Твоё место в очереди на видеокарту — пятое, ждать примерно 12 минут. "),
        (23, None, "Твоё место в очереди на видеокарту — 23-е. "),
    ],
)
def test_the_line_in_russian(
    monkeypatch: pytest.MonkeyPatch, place: int, estimate: float | None, sentence: str
) -> None:
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", "ru")
    rest = "Ячейка запустится сама. Передумаешь — нажми ■."
    assert words.in_line(place, estimate) == sentence + rest


@pytest.mark.parametrize(
    ("place", "estimate", "sentence"),
    [
        (1, 30, "You are first in line for a GPU, less than a minute to go. "),
        (2, 60, "You are second in line for a GPU, about 1 minute to go. "),
        (3, 200, "You are third in line for a GPU, about 4 minutes to go. "),
        (23, None, "You are number 23 in line for a GPU. "),
    ],
)
def test_the_line_in_english(
    monkeypatch: pytest.MonkeyPatch, place: int, estimate: float | None, sentence: str
) -> None:
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", "en")
    rest = "The cell will run by itself. Changed your mind? Press ■."
    assert words.in_line(place, estimate) == sentence + rest


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(10, "1 минута"), (120, "2 минуты"), (300, "5 минут"), (1260, "21 минута")],
)
def test_minutes_as_russian_counts_them(
    monkeypatch: pytest.MonkeyPatch, seconds: float, told: str
) -> None:
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", "ru")
    assert words.minutes(seconds) == told


@pytest.mark.parametrize(
    "reason",
    ["stopped", "time-limit", "idle", "node-lost", "abandoned", "rights", "failed", "admin"],
)
def test_every_end_has_a_sentence_of_its_own(language: str, reason: str) -> None:
    assert words.ending(reason, 1) == words.say(reason) != words.say("ended")


def test_a_new_reason_of_the_broker_is_told_too(language: str) -> None:
    assert words.ending("moon-full", None, "The moon is full.") == "The moon is full."
    assert words.ending("moon-full", None) == words.say("ended")


def test_lack_of_memory_is_named(language: str) -> None:
    assert words.ending("stopped", 137) == words.say("killed")
    assert words.ending("time-limit", 137) == words.say("time-limit")
