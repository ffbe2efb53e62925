"""What tests of the front share: settings with a folder of their own, and a tree on the shelf."""

from pathlib import Path

import pytest

from technopark.front import shelf
from technopark.settings import Settings

FILES = {
    "main.js": b"console.log('the same for everybody');" * 100,
    "fonts/face.woff2": bytes(range(256)) * 8,
    "@scope/theme/index.css": b".jp-Notebook { color: black }" * 100,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def tree(settings: Settings) -> str:
    """The name of a tree with `FILES`."""
    return shelf.put(shelf.trees(settings), FILES)
