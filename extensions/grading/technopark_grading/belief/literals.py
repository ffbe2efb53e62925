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
_TRIES = 20


@dataclass(frozen=True)
class Apart:
    """How far another number must be, so that a comparison with some tolerance notices."""

    absolute: float = 0.0
    relative: float = 0.0
    """Of the larger one."""

    def holds(self, one: float, other: float) -> bool:
        """Whether the two are as far from each other."""
        return abs(one - other) > self.absolute + self.relative * max(abs(one), abs(other))


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


def others(leaf: Leaf, text: str, apart: Apart, chance: random.Random) -> Iterator[str]:
    """Texts of other values for a leaf, in random order.

    Args:
        leaf: the place.
        text: its source as it stands.
        apart: how far another number must be from it.
        chance: what is drawn from.
    """
    match leaf.node:
        case ast.Constant(value=bool() as truth):
            yield str(not truth)
        case ast.Constant(value=str() as words):
            changed = (_with_one_letter_changed(words, chance) for _ in range(_TRIES))
            yield from (_quoted(new, text) for new in changed if new not in leaf.taken)
        case ast.List():
            yield "[0]"
        case ast.Tuple():
            yield "(0,)"
        case ast.Dict():
            yield "{0: 0}"
        case node if (value := number(node)) is not None:
            found = [
                other for other in _other_numbers(text) if _is_apart(other, value, apart, leaf)
            ]
            chance.shuffle(found)
            yield from found
            beyond = 2 * value + 2 * apart.absolute + 10 if apart.relative < 0.1 else 0.0
            yield repr(int(beyond) if beyond == int(beyond) else beyond)


def _is_apart(text: str, value: float, apart: Apart, leaf: Leaf) -> bool:
    other = _number_of(text)
    return (
        other is not None
        and other != value
        and other not in leaf.taken
        and apart.holds(other, value)
    )


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


def _quoted(other: str, text: str) -> str:
    """Another text, written as the one in `text` is where that can be done simply."""
    if _PLAIN_TEXT.fullmatch(text) and other.isprintable() and not set(other) & set("\"'\\"):
        return text[0] + other + text[0]
    return repr(other)


def _with_one_letter_changed(value: str, chance: random.Random) -> str:
    places = [place for place, letter in enumerate(value) if _alike(letter)]
    if not places:
        return value + (value[-1:] or "a")
    place = chance.choice(places)
    alike = _alike(value[place]).replace(value[place], "")
    familiar = [other for other in alike if other in value]
    letter = chance.choice(familiar or list(alike))
    return value[:place] + letter + value[place + 1 :]


def _alike(letter: str) -> str:
    """The letters or digits among which this one does not stand out."""
    alphabets = ("0123456789", *_ALPHABETS)
    return next((alphabet for alphabet in alphabets if letter in alphabet), "")
