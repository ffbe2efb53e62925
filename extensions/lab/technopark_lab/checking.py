"""Checks a notebook as nbgrader's Validate does: runs it afresh, says which tests do not pass.

Called by `extension`, and runs as a program of its own (`python -m technopark_lab.checking`), as
nbgrader changes the process's folder and environment for it, and the pupil's server must not stand
still meanwhile. What it finds is a line of JSON. It never writes to the notebook.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any

from technopark_lab.words import say

MINUTES = 3
"""So long a notebook may take."""

_SHOWN_LINES = 3
"""Of a cell: so that the pupil knows it again."""
_WORDS = {
    "You did not provide a response.": "no-answer-yet",
    "Partial credit; passed some but not all of the tests": "partly",
}
"""nbgrader's own sentences, to ours."""


class CheckError(Exception):
    """A notebook could not be checked; the text is a sentence for the pupil."""


async def check(notebook: Path, seconds: float = MINUTES * 60) -> dict[str, Any]:
    """What a check of `notebook` finds; see `findings`.

    Args:
        notebook: its file.
        seconds: how long it may take.

    Raises:
        CheckError: it took too long, or nbgrader cannot read the notebook.
    """
    command = (sys.executable, "-m", "technopark_lab.checking", str(notebook))
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=None, start_new_session=True
    )
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await process.communicate()
    except TimeoutError:
        raise CheckError(say("check-took-too-long", minutes=round(seconds / 60))) from None
    finally:
        if process.returncode is None:
            # It ends its kernel before it ends itself.
            process.terminate()
            await _ended(process)
    try:
        found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    except (ValueError, IndexError):
        raise CheckError(say("check-failed", notebook=notebook.stem)) from None
    return found


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(10):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()


def findings(notebook: str, results: dict[str, list[dict[str, str]]]) -> dict[str, Any]:
    """What the pupil is told of nbgrader's results.

    Args:
        notebook: its name.
        results: of nbgrader's Validator.

    Returns:
        `notebook`; `verdict`: `passed`, `failed` (tests do not pass) or `changed` (cells with tests
        are not as they were handed out); `cells` with `source`, and `error` where a test failed.
    """
    if changed := [*results.get("type_changed", ()), *results.get("changed", ())]:
        cells = [{"source": _head(cell["source"])} for cell in changed]
        return {"notebook": notebook, "verdict": "changed", "cells": cells}
    failed = [
        {"source": _head(cell["source"]), "error": _error(cell["raw_error"])}
        for cell in results.get("failed", ())
    ]
    return {"notebook": notebook, "verdict": "failed" if failed else "passed", "cells": failed}


def _head(source: str) -> str:
    lines = source.splitlines()
    return "\n".join(lines[:_SHOWN_LINES] + ["…"] * (len(lines) > _SHOWN_LINES))


def _error(text: str) -> str:
    """The last line of an error: what went wrong, without where."""
    from nbconvert.filters import strip_ansi

    lines = [line for line in strip_ansi(text).splitlines() if line.strip()]
    last = lines[-1].strip() if lines else ""
    return say(_WORDS[last]) if last in _WORDS else last


def main(notebook: Path) -> None:
    """Writes a line of JSON to the standard output."""
    from nbgrader.apps import NbGrader
    from nbgrader.validator import Validator

    app = NbGrader()
    app.load_config_file()
    # A check is no reason to stand in line for a GPU.
    app.config.Execute.kernel_name = "python3"
    results = Validator(config=app.config).validate(str(notebook))
    print(json.dumps(findings(notebook.stem, results)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
