"""How nbgrader grades in a classroom: set by the grader image's `nbgrader_config.py`."""

from typing import Any


def configure(c: Any) -> None:
    """Set nbgrader's traits for robust grading on the configuration `c`."""
    c.Execute.kernel_name = "python3"
