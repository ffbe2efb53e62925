"""What is said of a place in line, in Russian and in English, to a child who cannot wait.

Called by the spawner for the waiting page's events, and by the page itself for its first words.
"""

import math
from typing import Any

from technopark.admission.looks import Look, State
from technopark.language import LANGUAGES, counted, translate

_MINUTE = 60
_SOON = 8
"""Seconds below which no number is told."""
_ROUND = 10
_WAITS_AT, _STARTS_AT = 5, 70
"""Percent of the bar."""


def words(look: Look, language: str) -> str:
    """One or two sentences on where a server stands; empty where there is nothing to tell."""
    if look.state is State.STARTING:
        return translate("Your turn! Your computer is switching on.", language)
    if look.state is not State.WAITING:
        return ""
    if look.place is None:
        return translate("One moment: we are finding a place for you.", language)
    if look.place == 1:
        text = translate("You are next!", language)
    else:
        text = translate(
            "Your place in line: {place} of {line}.", language, place=look.place, line=look.line
        )
    return f"{text} {_wait(look.seconds, language)}"


def _wait(seconds: float | None, language: str) -> str:
    if seconds is None:
        text = "All computers of the park are busy. As soon as one is free, the line moves on."
        return translate(text, language)
    if seconds < _SOON:
        return translate("Just a few seconds more.", language)
    tens = math.ceil(seconds / _ROUND) * _ROUND
    if tens < _MINUTE:
        return counted("About {number} second.", "About {number} seconds.", tens, language)
    minutes = math.ceil(seconds / _MINUTE)
    return counted("About {number} minute.", "About {number} minutes.", minutes, language)


def news(look: Look, language: str) -> dict[str, Any]:
    """An event of JupyterHub's progress stream; the page takes its words in its own language.

    Args:
        look: where the server stands.
        language: of `message`, for whoever reads the stream without our page.
    """
    return {
        "progress": _progress(look),
        "message": words(look, language),
        "state": look.state.value,
        "place": look.place,
        "line": look.line,
        "seconds": None if look.seconds is None else round(look.seconds),
        "words": {spoken: words(look, spoken) for spoken in LANGUAGES},
    }


def _progress(look: Look) -> int:
    """How far the bar is, in percent; a stream that was cut off goes on from where it was."""
    if look.state is State.STARTING:
        return _STARTS_AT
    if look.place is None:
        return 0
    come = (look.first_place - look.place) / look.first_place
    return _WAITS_AT + round((_STARTS_AT - _WAITS_AT) * come)
