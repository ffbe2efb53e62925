"""Other values for the literals that a test compares with: near, natural, and surely not equal.

Pure; used by `controls`. It looks at source text only and never runs any of it.
"""

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "абвгдежзиклмнопрстуфхцчшэюя",
)
_PLAIN_NUMBER = re.compile(r"(?P<digits>[\d_]+\.?[\d_]*|\.[\d_]+)(?P<exponent>[eE][+-]?\d+)?")
_PLAIN_TEXT = re.compile(r"""(["'])[^"'\\\n]*\1""")
_WRAPPERS = {
    "array",
    "asarray",
    "tuple",
    "list",
    "set",
    "frozenset",
    "Decimal",
    "Fraction",
    "Series",
}
_SETS = {"set", "frozenset"}


@dataclass(frozen=True)
class Leaf:
    """A place in a literal that may be written otherwise."""

    node: ast.expr
    taken: frozenset[object]
    """Values that it may not become, as its set would then be the same."""


def leaves(node: ast.expr) -> list[Leaf]:
    """The places in an expected value where another text makes another value for sure.

    Values that are computed have none; a list of which only parts are computed has the others.
    """
    return list(_leaves(node, frozenset()))


def number(node: ast.expr) -> float | None:
    """The number that an expression of number literals, signs and + - * / comes to."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return float(value) if abs(value) < 1e300 else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = number(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(number(left), op, number(right))
    return None


def others(leaf: Leaf, text: str, apart: float, chance: random.Random) -> Iterator[str]:
    """Texts of other values for a leaf, in random order.

    Args:
        leaf: the place.
        text: its source as it stands.
        apart: how far another number must be from it; 0 where any other will do.
        chance: what is drawn from.
    """
    match leaf.node:
        case ast.Constant(value=bool() as truth):
            yield str(not truth)
        case ast.Constant(value=str() as words):
            yield _other_text(words, text, chance)
        case ast.List():
            yield "[0]"
        case ast.Tuple():
            yield "(0,)"
        case ast.Dict():
            yield "{0: 0}"
        case node if (value := number(node)) is not None:
            candidates = [
                (other, found)
                for other in _other_numbers(text)
                if (found := _number_of(other)) is not None
                and found != value
                and abs(found - value) > apart
                and found not in leaf.taken
            ]
            chance.shuffle(candidates)
            yield from (other for other, _ in candidates)
            far = value + max(2 * apart, abs(value), 1.0) + 1.0
            yield repr(int(far) if far == int(far) and "." not in text else far)


def _leaves(node: ast.expr, taken: frozenset[object]) -> Iterator[Leaf]:
    match node:
        case ast.Constant(value=bool() | str()):
            yield Leaf(node, taken)
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            yield Leaf(node, taken)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            for element in elements:
                yield from _leaves(element, taken)
        case ast.Set(elts=elements):
            if all(isinstance(element, ast.Constant) for element in elements):
                for element in elements:
                    yield from _leaves(element, _constants(elements))
        case ast.Dict(values=values, keys=keys):
            if None not in keys:
                for value in values:
                    yield from _leaves(value, taken)
        case ast.Call(args=[inner, *_], func=called) if (name := last_name(called)) in _WRAPPERS:
            if name not in _SETS:
                yield from _leaves(inner, taken)
            elif isinstance(inner, ast.List | ast.Tuple | ast.Set):
                yield from _leaves(inner, _constants(inner.elts))
        case _ if number(node) is not None:
            yield Leaf(node, taken)


def last_name(called: ast.expr) -> str:
    """The name by which something is called: `allclose` of `np.allclose`."""
    match called:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _constants(elements: list[ast.expr]) -> frozenset[object]:
    return frozenset(element.value for element in elements if isinstance(element, ast.Constant))


def _computed(left: float | None, op: ast.operator, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div() if right:
            return left / right
    return None


def _number_of(text: str) -> float | None:
    try:
        return number(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        return None


def _other_numbers(text: str) -> Iterator[str]:
    """The text with one digit changed, so that a round number stays as round as it was."""
    for found in _PLAIN_NUMBER.finditer(text):
        digits = [place for place in range(*found.span("digits")) if text[place].isdigit()]
        telling = [place for place in digits if text[place] != "0"] or digits[-1:]
        for place in telling:
            for digit in "123456789":
                if digit != text[place]:
                    yield text[:place] + digit + text[place + 1 :]


def _other_text(value: str, text: str, chance: random.Random) -> str:
    other = _with_one_letter_changed(value, chance)
    if _PLAIN_TEXT.fullmatch(text) and other.isprintable() and not set(other) & set("\"'\\"):
        return text[0] + other + text[0]
    return repr(other)


def _with_one_letter_changed(value: str, chance: random.Random) -> str:
    places = [place for place, letter in enumerate(value) if _alike(letter)]
    if not places:
        return value + (value[-1:] or "a")
    place = chance.choice(places)
    letter = chance.choice([other for other in _alike(value[place]) if other != value[place]])
    return value[:place] + letter + value[place + 1 :]


def _alike(letter: str) -> str:
    """The letters or digits among which this one does not stand out."""
    alphabets = ("0123456789", *_ALPHABETS)
    return next((alphabet for alphabet in alphabets if letter in alphabet), "")
