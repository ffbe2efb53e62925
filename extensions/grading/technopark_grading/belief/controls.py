"""From a test to its controls: the same test, changed so that it must fail on honest work.

Used by `examination`: a program that only looks right to tests (always-equal answers, asserts taken
out of action) passes controls as well, and shows itself. Pure text; a control is made only where it
is sure what honest work does with it.
"""

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from technopark_grading.belief import claims, tallies
from technopark_grading.belief.claims import Condition, Expected
from technopark_grading.belief.literals import leaves, others
from technopark_grading.notebooks.hidden import hidden_lines

_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
_ADDED = (0.25, 0.5, 0.75)
_BINDS_TIGHTLY = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant, ast.Compare)
_OTHER_WAY: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", ">="),
    ast.LtE: ("<=", ">"),
    ast.Gt: (">", "<="),
    ast.GtE: (">=", "<"),
    ast.Is: (r"\bis\b", "is not"),
    ast.IsNot: (r"\bis\s+not\b", "is"),
    ast.In: (r"\bin\b", "not in"),
    ast.NotIn: (r"\bnot\s+in\b", "in"),
}
_EITHER_OR = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""Comparisons of which one or the other holds, also where a number is not a number."""


class Must(Enum):
    """What honest work does with a control, if it has points for the test."""

    FAIL = auto()
    GROW = auto()
    """Its value at the end is larger by `number`; it fails where it is no number."""
    FALL = auto()
    """Its value at the end is `number`, as nothing equals what it is compared with any more."""
    STAY = auto()
    """It has the same points as for the test, as the change makes no difference to it."""


@dataclass(frozen=True)
class Control:
    """A changed test."""

    source: str
    must: Must = Must.FAIL
    number: float = 0.0


@dataclass(frozen=True)
class _Edit:
    """A place in the test, and what may stand there instead."""

    start: int
    end: int
    instead: str
    line: int
    is_value: bool
    """Whether an expected value changes; else a condition does."""
    must: Must = Must.FAIL


def controls(source: str, count: int, chance: random.Random) -> list[Control]:
    """Changed versions of a test cell, on which work that passes it must fail, or as they say.

    Args:
        source: the test cell, with its hidden regions.
        count: how many are wanted; fewer are answered where fewer can be made, but one always, and
            more where a test both counts points and asserts.
        chance: what is drawn from; a pupil's program must not be able to guess.
    """
    test = _Test(source)
    if test.tree is None:
        return [Control(f"{source}\nassert type(0) is str")]
    values = [_of_value(test, chance), _of_tally(test, chance)]
    made = [control for control in values if control is not None]
    # what is asserted is tried even where the value at the end is
    count = max(count, len(made) + 1) if made else count
    changed_lines: set[int] = set()
    for edit in _most_telling_first(test, chance):
        if len(made) >= count:
            break
        changed = test.changed(edit)
        if edit.line not in changed_lines and _parsed(changed) is not None:
            changed_lines.add(edit.line)
            made.append(Control(changed, edit.must))
    return made or [Control(f"{source}\n{_failing_line(test.tree)}")]


class _Test:
    """A test's text, and where the nodes of its syntax stand in it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = _parsed(source)
        self.hidden = hidden_lines(source)
        self._lines = source.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where a node starts and ends in the text."""
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._place(node.lineno, node.col_offset), self._place(end_line, end)

    def text(self, node: ast.expr) -> str:
        """A node's own text."""
        start, end = self.span(node)
        return self.source[start:end]

    def changed(self, edit: _Edit) -> str:
        """The test with one edit."""
        return self.source[: edit.start] + edit.instead + self.source[edit.end :]

    def changed_in(self, nodes: list[ast.expr], instead: list[str]) -> str:
        """The test with other texts in the place of several nodes."""
        text = self.source
        edits = sorted(zip(map(self.span, nodes), instead, strict=True), reverse=True)
        for (start, end), other in edits:
            text = text[:start] + other + text[end:]
        return text

    def _place(self, line: int, offset: int) -> int:
        """`ast` counts bytes of UTF-8, and lines from 1."""
        before = self._lines[line - 1].encode()[:offset]
        return self._starts[line - 1] + len(before.decode())


def _parsed(source: str) -> ast.Module | None:
    """The syntax of a cell, lines for IPython left out; None where it is not Python's."""
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _most_telling_first(test: _Test, chance: random.Random) -> list[_Edit]:
    """Edits in random order, but what pupils cannot know first: hidden tests, expected values."""
    if test.tree is None:
        return []
    found = [
        edit for one in claims.expected(test.tree) for edit in _other_values(test, one, chance)
    ]
    found += [edit for one in claims.conditions(test.tree) for edit in _turned_round(test, one)]
    found += [_trap(test, one) for one in claims.questions(test.tree)]
    chance.shuffle(found)
    return sorted(found, key=lambda edit: (edit.line not in test.hidden, not edit.is_value))


def _other_values(test: _Test, value: Expected, chance: random.Random) -> Iterator[_Edit]:
    for leaf in leaves(value.node):
        instead = next(others(leaf, test.text(leaf.node), value.apart, chance), None)
        if instead is not None:
            yield _Edit(*test.span(leaf.node), instead, leaf.node.lineno, is_value=True)


def _turned_round(test: _Test, condition: Condition) -> Iterator[_Edit]:
    node, line = condition.node, condition.node.lineno
    match node:
        case ast.UnaryOp(op=ast.Not()):
            start, end = test.span(node)
            # brackets around the operand are not its own
            yield _Edit(start, end, re.sub(r"^not\b\s*", "", test.text(node)), line, False)
        case ast.Compare(left=left, ops=[op, *more], comparators=[right, *_]) if (
            condition.holds or (not more and isinstance(op, _EITHER_OR))
        ):
            sign, other = _OTHER_WAY[type(op)]
            start, end = test.span(left)[1], test.span(right)[0]
            instead, times = re.subn(sign, other, test.source[start:end], count=1)
            if times:
                yield _Edit(start, end, instead, line, is_value=False)
        case _:
            text = test.text(node)
            instead = f"not {text}" if isinstance(node, _BINDS_TIGHTLY) else f"not ({text})"
            yield _Edit(*test.span(node), instead, line, is_value=False)


def _trap(test: _Test, question: ast.Compare) -> _Edit:
    """A comparison that only a value can spring which says it equals whatever it is compared with.

    For all others it asks what it asked before, and looks at the value once, as before.
    """
    left, right = test.text(question.left), test.text(question.comparators[0])
    asked = f"((answer_ := {left}) == 'один' and answer_ == 'два' and 1 / 0 or answer_ == {right})"
    return _Edit(*test.span(question), asked, question.lineno, is_value=True, must=Must.STAY)


def _of_value(test: _Test, chance: random.Random) -> Control | None:
    """The test with a number added to the value at its end, which may be partial credit."""
    last = test.tree.body[-1] if test.tree is not None and test.tree.body else None
    if not isinstance(last, ast.Expr):
        return None
    start, end = test.span(last.value)
    if ";" in test.source[end:].split("#")[0]:
        return None  # IPython shows no value then
    added = chance.choice(_ADDED)
    text = test.source[start:end]
    tight = isinstance(last.value, _BINDS_TIGHTLY) and not isinstance(last.value, ast.Compare)
    grown = f"{text} + {added}" if tight else f"({text}) + {added}"
    return Control(test.source[:start] + grown + test.source[end:], Must.GROW, added)


def _of_tally(test: _Test, chance: random.Random) -> Control | None:
    """The test with values that nothing equals, where it counts those that do."""
    tally = tallies.tally(test.tree) if test.tree is not None else None
    if tally is None:
        return None
    unlikely = [repr(chance.randrange(10**8, 10**9) + 0.375) for _ in tally.written]
    return Control(test.changed_in(tally.written, unlikely), Must.FALL, tally.base)


def _failing_line(tree: ast.Module) -> str:
    """An assert about a name of the test that is false, whatever the name stands for."""
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return f"assert {names[-1] if names else 'type(0)'} is Ellipsis"
