"""Runs inside the kernel that executes a pupil's notebook, before its first cell.

Stops the flood at its source: what a cell prints beyond the limit never leaves the kernel. It may
import nothing but what every kernel has; `execution` passes its path to the kernel and keeps the
bounds even if a notebook removes it.
"""

import os
import sys
from typing import Any


def _guard(limit: int) -> None:
    """Let each cell print and show about `limit` characters, and a few more, then nothing."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    printed = 0

    def start_cell(_info: object) -> None:
        nonlocal printed
        printed = 0

    def bounded(write: Any) -> Any:
        def write_within_limit(text: str) -> int:
            nonlocal printed
            if not isinstance(text, str):
                raise TypeError(f"write() argument must be str, not {type(text).__name__}")
            # one character more than the limit, so that the grader sees that there was more
            room = max(0, limit + 1 - printed)
            printed += len(text)
            if room:
                write(text[:room])
            return len(text)

        return write_within_limit

    show = shell.display_formatter.format

    def format_within_limit(*arguments: Any, **options: Any) -> Any:
        data, metadata = show(*arguments, **options)
        short = {
            kind: value[: limit + 1] if isinstance(value, str) and kind == "text/plain" else value
            for kind, value in data.items()
            if kind == "text/plain" or not isinstance(value, str) or len(value) <= limit
        }
        return short, metadata

    for stream in (sys.stdout, sys.stderr):
        stream.write = bounded(stream.write)  # type: ignore[method-assign]
    shell.display_formatter.format = format_within_limit
    shell.events.register("pre_run_cell", start_cell)


_guard(int(os.environ["TECHNOPARK_MAX_OUTPUT"]))
del _guard
