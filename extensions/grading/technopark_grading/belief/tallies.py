"""How a test counts points that it gives in part, if it does so in the plain way.

Used by `controls`, which takes away what is counted and looks whether the points fall.
"""

import ast
from dataclasses import dataclass

from technopark_grading.belief.claims import parts
from technopark_grading.belief.literals import leaves, number


@dataclass(frozen=True)
class Tally:
    """How a test counts points: from `base` on, more for each answer that equals what it should."""

    base: float
    written: list[ast.expr]
    """The values that answers have to equal; with others in their place `base` is what is left."""


def tally(tree: ast.Module) -> Tally | None:
    """How the test counts the points at its end, where it counts in the plain way or not at all.

    The plain way: a name that starts with a number, grows in branches without a way round them,
    each of which asks whether something equals a written value, and stands at the end.
    """
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Name):
        return None
    name = last.value.id
    stores = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
    ]
    bases = [
        base
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and [target.id for target in statement.targets if isinstance(target, ast.Name)] == [name]
        and (base := number(statement.value)) is not None
    ]
    branches = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and any(_grows(inner, name) for inner in node.body)
    ]
    grown = sum(_grows(inner, name) for branch in branches for inner in branch.body)
    written = [_asked(branch) for branch in branches]
    if len(bases) != 1 or len(stores) != grown + 1 or not written or None in written:
        return None
    return Tally(bases[0], [node for node in written if node is not None])


def _grows(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.AugAssign(target=ast.Name(id=id_), op=ast.Add(), value=value):
            return id_ == name and (number(value) or 0) > 0
    return False


def _asked(branch: ast.If) -> ast.expr | None:
    """A written value that a branch needs something to equal."""
    for part in parts(branch.test, ast.And):
        match part:
            case ast.Compare(ops=[ast.Eq()], comparators=[right]) if leaves(right):
                return right
    return None
