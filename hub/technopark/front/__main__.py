"""Runs the embedded way: `python -m technopark.front`, on `ports.files`.

Started by the park's supervisor where nginx is not in front.
"""

import uvicorn

from technopark.front import shelf
from technopark.front.app import create_app
from technopark.settings import load


def main() -> None:
    """Serves the shelf until it is told to stop."""
    settings = load()
    trees = shelf.trees(settings)
    trees.mkdir(parents=True, exist_ok=True)
    uvicorn.run(
        create_app(trees),
        host="127.0.0.1",
        port=settings.ports.files,
        log_level="warning",
        ws="none",
    )


main()
