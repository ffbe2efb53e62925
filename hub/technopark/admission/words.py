"""What is said of a place in line, in Russian and in English, to a child who cannot wait.

Called by the spawner for the waiting page's events, and by the page itself for its first words.
"""

import math

from technopark.admission.looks import Look, State
from technopark.language import counted, translate

_MINUTE = 60
_SOON = 8
"""Seconds below which no number is told."""
_ROUND = 10


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
