"""What of a test cell pupils must not see: the regions that nbgrader calls hidden tests.

Used while cells run (`lineage`) and when feedback is made (`feedback`); pure text. A region that is
not closed reaches to the end of its cell: rather too much is kept from pupils than too little.
"""

import ast
from collections.abc import Iterator

BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


def has_hidden(source: str) -> bool:
    """Whether there is anything in the cell that pupils must not see."""
    return BEGIN in source


def without_hidden(source: str) -> str:
    """The cell as pupils have it: without the regions and the lines that mark them."""
    hidden = hidden_lines(source)
    lines = source.split("\n")
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in hidden)


def hidden_lines(source: str) -> set[int]:
    """Numbers of the lines that pupils must not see, the marks' own included; the first is 1."""
    found: set[int] = set()
    inside = False
    for number, line in enumerate(source.split("\n"), 1):
        inside = inside or BEGIN in line
        if inside or END in line:
            found.add(number)
        if END in line:
            inside = False
    return found


def messages(source: str) -> set[str]:
    """What the author says to pupils in the asserts of hidden regions, word for word.

    A message that is put together while the test runs is not among them: a pupil's program could
    put something else into it.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    return {message.strip() for message in _literal_messages(tree) if message.strip()}


def _literal_messages(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and isinstance(node.msg, ast.Constant):
            message = node.msg.value
            if isinstance(message, str):
                yield message
