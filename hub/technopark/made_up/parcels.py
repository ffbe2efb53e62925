"""The made-up works themselves: small notebooks, truly in the exchange's content, shared by many.

Called by `made_up.fill`. A city's 200,000 works point at some hundred sets of files: that is
what keeps it small, and what a real city does not do.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from technopark.exchange.content import ContentStore
from technopark.made_up.plan import City
from technopark.made_up.works import VARIANTS

RELEASED = "released"
CORRECTED = "corrected"


@dataclass(frozen=True)
class Kept:
    """A set of files on the disk."""

    manifest: str
    files: int
    size: int
    """Bytes of the files."""


def keep_parcels(content: ContentStore, city: City) -> dict[tuple[str, str | int], Kept]:
    """Puts all files of the city on the disk; by assignment's name and what stands in it.

    That is the variant of a work, or `RELEASED` or `CORRECTED` for what was handed out.
    """
    kept = {}
    for name in sorted({task.name for task in city.tasks}):
        for kind in (RELEASED, CORRECTED, *range(VARIANTS)):
            with content.stage() as staging:
                entry = staging.add(f"{name}.ipynb", io.BytesIO(_notebook(_lines(name, kind))))
                kept[name, kind] = Kept(staging.keep(), 1, entry.size)
    return kept


def _lines(name: str, kind: str | int) -> list[str]:
    number = int(name.rpartition("-")[2])
    question = f"# {name}: сколько будет {number} * {number + 1}?\n"
    if kind == RELEASED:
        return [question, "answer = ..."]
    if kind == CORRECTED:
        return [question, "# Исправлено: ответ — целое число.\n", "answer = ..."]
    return [question, f"answer = {number * (number + 1) + int(kind)}"]


def _notebook(lines: Iterable[str]) -> bytes:
    """A notebook with one cell of code (nbformat 4.5)."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "answer",
        "metadata": {},
        "outputs": [],
        "source": list(lines),
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, sort_keys=True).encode()
