"""What a pupil is told of a check: in short, and in words of their language."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from technopark_lab import checking
from technopark_lab.checking import CheckError, check, findings


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", request.param)
    return str(request.param)


def failed(error: str, source: str = "assert total == 5") -> dict[str, Any]:
    return {"failed": [{"source": source, "error": "<pre/>", "raw_error": error}]}


def test_of_an_error_its_last_line_is_told() -> None:
    traceback = "\x1b[31mTraceback\x1b[0m\n  line 1\n\x1b[31mAssertionError\x1b[0m: not 5\n"
    (cell,) = findings("count", failed(traceback))["cells"]
    assert cell["error"] == "AssertionError: not 5"


def test_nbgraders_own_sentences_are_told_in_ours(language: str) -> None:
    (cell,) = findings("count", failed("You did not provide a response."))["cells"]
    assert (
        cell["error"]
        == {
            "ru": "Здесь ещё нет твоего ответа.",
            "en": "Your answer is still missing here.",
        }[language]
    )


def test_of_a_long_cell_its_head_is_shown() -> None:
    (cell,) = findings("count", failed("E", "a\nb\nc\nd\ne"))["cells"]
    assert cell["source"] == "a\nb\nc\n…"


def test_changed_tests_count_before_what_they_say() -> None:
    results = {**failed("E"), "changed": [{"source": "assert True"}]}
    assert findings("count", results) == {
        "notebook": "count",
        "verdict": "changed",
        "cells": [{"source": "assert True"}],
    }


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a line of shell in the place of Python, and with it of what checks a notebook."""

    def put(line: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
        monkeypatch.setattr(checking.sys, "executable", str(path))

    return put


async def test_a_loop_without_end_is_stopped_and_said(
    stand_in: Callable[[str], None], language: str
) -> None:
    stand_in("exec sleep 60")
    with pytest.raises(CheckError, match="never ends" if language == "en" else "не заканчивается"):
        await check(Path("count.ipynb"), seconds=0.2)


async def test_a_notebook_that_nobody_can_read_is_named(stand_in: Callable[[str], None]) -> None:
    stand_in("echo 'not JSON'; exit 1")
    with pytest.raises(CheckError, match="«count»"):
        await check(Path("count.ipynb"))
