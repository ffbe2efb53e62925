"""What somebody who waits at the terminal is told."""

import io
import time

import pytest

from technopark import progress
from technopark.progress import step


def test_a_quick_step_says_only_its_note() -> None:
    said = io.StringIO()
    with step("Network", said) as shown:
        shown.note = "technopark"
    with step("Nothing to tell", said):
        pass
    assert said.getvalue() == "Network: technopark\n"


def test_a_slow_step_counts_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET", 0.05)
    monkeypatch.setattr(progress, "AGAIN", 0.05)
    said = io.StringIO()
    with step("Images", said):
        time.sleep(0.3)
    lines = said.getvalue().splitlines()
    assert lines[0] == "Images ... 0 s"
    assert len(lines) > 2
    assert lines[-1] == "Images: done (0 s)"


def test_a_step_that_fails_leaves_the_last_word_to_the_error() -> None:
    said = io.StringIO()
    with pytest.raises(ValueError, match="no"), step("Processes", said):
        raise ValueError("no")
    assert said.getvalue() == ""
