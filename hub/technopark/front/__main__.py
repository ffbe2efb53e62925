"""Runs the embedded way: `python -m technopark.front`, on the socket that the proxy knows.

Started by the park's supervisor where nginx is not in front.
"""

import uvicorn

from technopark.front import shelf
from technopark.front.app import create_app
from technopark.front.ways import files_socket
from technopark.settings import load


def main() -> None:
    """Serves the shelf until it is told to stop."""
    settings = load()
    trees = shelf.trees(settings)
    trees.mkdir(parents=True, exist_ok=True)
    uvicorn.run(create_app(trees), uds=str(files_socket(settings)), log_level="warning", ws="none")


main()
