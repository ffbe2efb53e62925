"""The root of all errors that are expected: their text is a sentence for the person who reads it.

Raised (as a subclass) by every part of the park; `cli` prints them without a traceback. A mistake
in the program itself is never a `Problem`.
"""


class Problem(Exception):  # noqa: N818  # a full disk is a problem, not an error of the program
    """Something is not as it must be; says what was expected, what came, and what to do."""
