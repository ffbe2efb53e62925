"""A sandbox without a container: the keeper as an ordinary program over a folder of the test's."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sandbox import Sandbox, opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def keeper(folder: Path) -> list[str]:
    """The words that start it."""
    return [sys.executable, "-P", "-m", "technopark_sandbox", "--folder", str(folder)]


@pytest.fixture
def sandbox(keeper: list[str]) -> Iterator[Sandbox]:
    """Open, with a session `a`."""
    with opened(keeper, output=5_000) as made:
        yield made
