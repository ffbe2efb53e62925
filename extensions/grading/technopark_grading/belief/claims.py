"""What a test claims: conditions that hold whenever it passes, and the values it expects.

Found in its syntax, for `controls`. Only what surely runs counts: asserts at the top of the cell
and in loops over something written out, never those in branches or functions.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from technopark_grading.belief.literals import Apart, last_name, leaves, number

_EXACT = {"assert_equal", "assertEqual", "assert_array_equal", "eq_", "array_equal"}
_CLOSE = {"isclose", "allclose", "assert_allclose"}
_PLACES = {"assert_almost_equal", "assertAlmostEqual", "assert_array_almost_equal"}
_ABSOLUTE = {"atol", "abs_tol", "abs", "delta"}
_RELATIVE = {"rtol", "rel_tol", "rel"}
_USUAL = Apart(absolute=1e-5, relative=1e-4)
"""More than what these functions allow where nothing is said."""


@dataclass(frozen=True)
class Condition:
    """An expression that is true (or, with `holds` false, is not) whenever the test passes."""

    node: ast.expr
    holds: bool


@dataclass(frozen=True)
class Expected:
    """A value that the test compares with: with another one in its place the test fails."""

    node: ast.expr
    apart: Apart


def conditions(tree: ast.Module) -> list[Condition]:
    """What the test asserts, where a failing assert surely fails the cell."""
    return list(_conditions(tree.body))


def expected(tree: ast.Module) -> list[Expected]:
    """The values written in the test with which it compares, where a change surely fails it."""
    names = _Names(tree)
    found: list[Expected] = []
    for condition in conditions(tree):
        found += _expected_by(condition, names)
    for statement in tree.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            found += _compared_by_call(statement.value, names)
    return found


def questions(tree: ast.Module) -> list[ast.Compare]:
    """Equations that decide what the test does next, as where it counts points, and fail nothing.

    In each the left side is computed; a written one is no answer of the pupil's.
    """
    return [
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.If | ast.IfExp) and not _only_raises(node)
        for joined in parts(node.test, ast.And)
        for part in parts(joined, ast.Or)
        if isinstance(part, ast.Compare)
        and isinstance(part.ops[0], ast.Eq)
        and len(part.ops) == 1
        and number(part.left) is None
        and not isinstance(part.left, ast.Constant)
    ]


def _only_raises(node: ast.If | ast.IfExp) -> bool:
    return isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise)


def _conditions(body: Iterable[ast.stmt]) -> Iterator[Condition]:
    for statement in body:
        match statement:
            case ast.Assert(test=test):
                yield from (Condition(part, holds=True) for part in parts(test, ast.And))
            case ast.If(test=test, body=[ast.Raise()], orelse=[]):
                yield from (Condition(part, holds=False) for part in parts(test, ast.Or))
            case ast.For() if _surely_runs(statement):
                yield from _conditions(statement.body)


def parts(test: ast.expr, joined_by: type[ast.boolop]) -> Iterator[ast.expr]:
    """What a condition joins by `and` (or by `or`), one by one."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, joined_by):
        for value in test.values:
            yield from parts(value, joined_by)
    else:
        yield test


def _surely_runs(loop: ast.For) -> bool:
    """Whether every statement of the loop's body runs at least once."""
    jumps = any(isinstance(node, ast.Break | ast.Continue) for node in ast.walk(loop))
    return not jumps and _surely_has_one(loop.iter)


def _surely_has_one(iterated: ast.expr) -> bool:
    match iterated:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return any(not isinstance(element, ast.Starred) for element in elements)
        case ast.Dict(keys=keys):
            return any(key is not None for key in keys)
        case ast.Call(func=ast.Attribute(value=ast.Dict() as dictionary, attr=attribute)):
            return attribute in ("items", "values", "keys") and _surely_has_one(dictionary)
        case ast.Call(func=ast.Name(id="range"), args=[count]):
            return (number(count) or 0) >= 1
        case ast.Call(func=ast.Name(id="range"), args=[first, end]):
            a, b = number(first), number(end)
            return a is not None and b is not None and b > a
        case ast.Call(func=ast.Name(id="zip" | "enumerate" | "reversed"), args=[_, *_] as given):
            return all(map(_surely_has_one, given))
    return False


def _expected_by(condition: Condition, names: "_Names") -> list[Expected]:
    match condition.node:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if condition.holds:
            return _compared(left, right, names)
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[right]) if not condition.holds:
            return _compared(left, right, names)
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE()], comparators=[right]):
            return _within(left, right, names) if condition.holds else []
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE()], comparators=[right]):
            return _within(right, left, names) if condition.holds else []
        case ast.Call(func=ast.Attribute(value=inner, attr="all"), args=[]) if condition.holds:
            return _expected_by(Condition(inner, holds=True), names)
        case ast.Call(func=called, args=[ast.Compare() as inner]) if condition.holds:
            if last_name(called) == "all":
                return _expected_by(Condition(inner, holds=True), names)
        case ast.Call() as call if condition.holds:
            return _compared_by_call(call, names)
    return []


def _compared(left: ast.expr, right: ast.expr, names: "_Names") -> list[Expected]:
    """The value written on one side of an equation; that on the right where both are."""
    for side in (right, left):
        match side:
            case ast.Call(func=called, args=[value, *_]) if last_name(called) == "approx":
                apart = _tolerance(side.args[1:], side.keywords)
            case value:
                apart = Apart()
        if apart is not None and (found := names.written(value)):
            return [Expected(node, apart) for node in found]
    return []


def _within(difference: ast.expr, most: ast.expr, names: "_Names") -> list[Expected]:
    """The value in `abs(x - value) < most`."""
    match difference:
        case ast.Call(func=called, args=[ast.BinOp(left=left, op=ast.Sub(), right=right)]) if (
            last_name(called) in ("abs", "fabs")
        ):
            allowed = number(most)
            if allowed is None:
                return []
            for side in (right, left):
                found = [node for node in names.written(side) if number(node) is not None]
                if found:
                    return [Expected(node, Apart(absolute=2.5 * allowed)) for node in found]
    return []


def _compared_by_call(call: ast.Call, names: "_Names") -> list[Expected]:
    """The value that a function such as `np.allclose` or `assert_equal` compares with."""
    name = last_name(call.func)
    if len(call.args) < 2 or name not in _EXACT | _CLOSE | _PLACES:
        return []
    apart: Apart | None = Apart()
    if name in _CLOSE:
        apart = _tolerance(call.args[2:], call.keywords)
    elif name in _PLACES:
        apart = _places(call)
    if apart is None:
        return []
    for side in (call.args[1], call.args[0]):
        if found := names.written(side):
            return [Expected(node, apart) for node in found]
    return []


def _tolerance(given: list[ast.expr], keywords: list[ast.keyword]) -> Apart | None:
    """Twice what is allowed and more, or None where that cannot be read."""
    relative, absolute = _USUAL.relative, _USUAL.absolute
    said = {word.arg: word.value for word in keywords}
    said |= dict(zip(("rtol", "atol"), given, strict=False))
    for name, node in said.items():
        if name not in _ABSOLUTE | _RELATIVE:
            continue
        value = number(node)
        if value is None:
            return None
        if name in _ABSOLUTE:
            absolute = max(absolute, 2.5 * value)
        else:
            relative = max(relative, 2.5 * value)
    return Apart(absolute, relative) if relative < 0.1 else None


def _places(call: ast.Call) -> Apart | None:
    said = {word.arg: word.value for word in call.keywords}
    places = call.args[2] if len(call.args) > 2 else said.get("places", said.get("decimal"))
    if "delta" in said:
        return None
    value = 6.0 if places is None else number(places)
    return None if value is None else Apart(absolute=5 * 10.0**-value)


class _Names:
    """Values that have a name in the test and are used once, to be compared with."""

    def __init__(self, tree: ast.Module) -> None:
        messages = {
            id(node)
            for statement in ast.walk(tree)
            if isinstance(statement, ast.Assert) and statement.msg is not None
            for node in ast.walk(statement.msg)
        }
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        self._stored = Counter(node.id for node in names if not isinstance(node.ctx, ast.Load))
        self._used = Counter(
            node.id for node in names if isinstance(node.ctx, ast.Load) and id(node) not in messages
        )
        self._values: dict[str, list[ast.expr]] = {}
        for statement in tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._values[name] = [value]
                case ast.For() if _surely_runs(statement):
                    self._values |= _rows(statement)

    def written(self, node: ast.expr) -> list[ast.expr]:
        """The node itself or what its name stands for, if a change there makes another value."""
        found = [node]
        if isinstance(node, ast.Name):
            once = self._stored[node.id] == 1 and self._used[node.id] == 1
            found = self._values.get(node.id, []) if once else []
        return [one for one in found if leaves(one)]


def _rows(loop: ast.For) -> dict[str, list[ast.expr]]:
    """What a loop's names stand for, one by one, where all that is written out."""
    match loop.target, loop.iter:
        case ast.Name(id=name), ast.List(elts=rows) | ast.Tuple(elts=rows):
            return {name: rows}
        case ast.Tuple(elts=targets), ast.List(elts=rows) | ast.Tuple(elts=rows):
            found: dict[str, list[ast.expr]] = {}
            for place, target in enumerate(targets):
                values = [_place(row, place, len(targets)) for row in rows]
                if isinstance(target, ast.Name) and None not in values:
                    found[target.id] = [value for value in values if value is not None]
            return found
        case (
            ast.Tuple(elts=[_, ast.Name(id=name)]),
            ast.Call(func=ast.Attribute(value=ast.Dict(values=values), attr="items"), args=[]),
        ):
            return {name: values}
    return {}


def _place(row: ast.expr, place: int, length: int) -> ast.expr | None:
    if not isinstance(row, ast.Tuple | ast.List) or len(row.elts) != length:
        return None
    if any(isinstance(element, ast.Starred) for element in row.elts):
        return None
    return row.elts[place]
