"""A test changed so that it must fail: whatever passes the test fails its controls."""

import ast
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technopark_grading.belief.controls import Must, controls

NUMBERS = st.integers(-10_000, 10_000) | st.floats(-1e6, 1e6, allow_nan=False).map(
    lambda number: round(number, 4)
)
WORDS = st.text(st.sampled_from("abcXYZ абвЮ019 _-'\"\\\n"), max_size=6)
PLAIN = NUMBERS | WORDS | st.booleans()
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(WORDS | st.integers(0, 9), inner, max_size=3)
        | st.sets(PLAIN, min_size=1, max_size=3)
    ),
    max_leaves=5,
)


def passes(source: str, **names: Any) -> bool:
    try:
        exec(source, {"math": math, "pytest": pytest, **names})  # noqa: S102 (our own texts)
    except Exception:  # noqa: BLE001 (whichever it is, the test did not pass)
        return False
    return True


def made_of(source: str, seed: int = 0, count: int = 2) -> list[str]:
    return [control.source for control in controls(source, count, chance(seed))]


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (the same in every run)


@settings(deadline=None)
@given(value=VALUES, seed=st.integers(0, 9))
@pytest.mark.parametrize(
    "test",
    [
        "assert answer == {value}",
        "assert {value} == answer, 'look again'",
        "assert (answer\n        == {value})",
        "assert True and answer == {value}",
        "if answer != {value}:\n    raise AssertionError",
        "expected = {value}\nassert answer == expected, f'not {{expected}}'",
        "for given, expected in [(1, {value}), (2, {value})]:\n    assert answer == expected",
        "for expected in ({value},):\n    for turn in range(2):\n        assert answer == expected",
        "for given, expected in {{'a': {value}}}.items():\n    assert answer == expected",
        "# вот так\nassert 'ё' and answer == {value}",
    ],
)
def test_whatever_was_expected_another_value_is_not_equal(test: str, value: Any, seed: int) -> None:
    source = test.format(value=repr(value))
    assert passes(source, answer=value)
    for control in made_of(source, seed):
        assert not passes(control, answer=value), control


@settings(deadline=None)
@given(
    value=NUMBERS,
    allowed=st.sampled_from(["1e-9", "0.01", "1", "250"]),
    off=st.floats(-0.9, 0.9),
    seed=st.integers(0, 9),
)
@pytest.mark.parametrize(
    "test",
    [
        "assert abs(answer - {value}) < {allowed}",
        "assert abs({value} - answer) <= {allowed}",
        "assert {allowed} > abs(answer - {value})",
        "assert math.fabs(answer - {value}) <= {allowed}",
        "assert math.isclose(answer, {value}, abs_tol={allowed})",
        "assert answer == pytest.approx({value}, abs={allowed})",
        "assert pytest.approx({value}, abs={allowed}) == answer",
    ],
)
def test_another_value_is_farther_away_than_the_tolerance(
    test: str, value: float, allowed: str, off: float, seed: int
) -> None:
    source = test.format(value=value, allowed=allowed)
    answer = value + off * float(allowed)
    if passes(source, answer=answer):
        for control in made_of(source, seed):
            assert not passes(control, answer=answer), control


HONEST: dict[str, Any] = {
    "f": lambda number: number * 2,
    "is_even": lambda number: number % 2 == 0,
    "words": ["cat", "dog"],
    "nothing": None,
    "nan": math.nan,
    "assert_equal": lambda one, other: passes_if(one == other),
    "check": lambda function: passes_if(function(2) == 4),
}


def passes_if(holds: bool) -> None:
    assert holds


@pytest.mark.parametrize(
    "source",
    [
        "assert is_even(4)",
        "assert not is_even(5)",
        "assert not (is_even(5) or is_even(7))",
        "assert f(2) == 4 or f(2) == 5",
        "assert 3 < f(2) < 5",
        "assert f(2) > 3 and f(3) > 5",
        "assert 'cat' in words and 'cow' not in words",
        "assert nothing is None",
        "assert words is not None",
        "assert f(2) == f(1) + 2",
        "assert f(2) == 8 / 2",
        "assert sorted(words) == list(('cat', 'dog'))",
        "assert set(words) == {'cat', 'dog'}",
        "assert set(words) == set(['cat', 'dog', 'dog'])",
        "assert [f(number) for number in (1, 2)] == [2, 4]",
        "assert f(1 if words else 2) == 2 if words else 5",
        "if f(2) < 4:\n    raise ValueError('too small')",
        "if nan < 4:\n    raise ValueError('too small')",
        "assert_equal(f(2), 4)",
        "check(f)",
        "result = f(2)",
        "for number in range(3):\n    f(number)",
        "def test():\n    assert f(2) == 4\ntest()",
        "try:\n    f('a') + 1\nexcept TypeError:\n    pass",
        "%matplotlib inline\nassert f(2) == 4",
        "# only a remark",
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_honest_work_passes_the_test_and_no_control(source: str, seed: int) -> None:
    assert passes(source.replace("%matplotlib inline\n", ""), **HONEST)
    made = made_of(source, seed)
    assert made
    for control in made:
        assert not passes(control.replace("%matplotlib inline\n", ""), **HONEST), control


@pytest.mark.parametrize("source", ["assert f(", "!pip list", "%%bash\nls", "x = !ls"])
def test_what_is_not_python_gets_a_failing_line_at_its_end(source: str) -> None:
    (control,) = made_of(source)
    assert control.startswith(source)


def test_what_pupils_cannot_know_is_changed_first() -> None:
    source = (
        "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(2) == 4\nassert is_even(f(3))\n"
        "### END HIDDEN TESTS\nassert f(4) == 8"
    )
    for seed in range(10):
        first, second = made_of(source, seed)
        assert changed_line(source, first) == 3
        assert changed_line(source, second) == 4


def test_a_control_looks_like_the_test() -> None:
    for seed in range(50):
        (control,) = made_of("assert f(2) == 5000  # пять тысяч", seed, count=1)
        value = ast.parse(control).body[0].test.comparators[0].value  # type: ignore[attr-defined]
        assert value != 5000
        assert value % 1000 == 0
        assert control.endswith("000  # пять тысяч")


def test_partial_credit_grows_by_a_known_amount() -> None:
    source = "score = 1.5 if f(2) == 4 else 0\nscore"
    control, *_ = controls(source, 1, chance(0))
    assert control.must is Must.GROW
    assert control.source == f"{source} + {control.number}"


def test_a_value_that_is_not_shown_gives_no_partial_credit() -> None:
    assert all(control.must is Must.FAIL for control in controls("f(2);", 2, chance(0)))


@pytest.mark.parametrize(
    ("source", "base"),
    [
        ("score = 0\nif f(2) == 4:\n    score += 1\nif f(3) == 6:\n    score += 0.5\nscore", 0),
        ("score = 1\nif f(2) == 4 and f(3) > 5:\n    score += 1\nscore", 1),
        (
            "score = 0\nif f('a') == 'aa':\n    score += 1\nif f([]) == []:\n    score += 1\nscore",
            0,
        ),
        ("score = 0\nfor number in (1, 1):\n    if f(number) == 2:\n        score += 1\nscore", 0),
    ],
)
@pytest.mark.parametrize("work", [lambda number: number * 2, lambda _: 4, lambda _: 7])
def test_points_that_were_counted_fall_back(source: str, base: float, work: Any) -> None:
    (control,) = [one for one in controls(source, 2, chance(0)) if one.must is Must.FALL]
    names: dict[str, Any] = {"f": work}
    exec(control.source, names)  # noqa: S102 (made of our own text)
    assert names["score"] == control.number == base


@pytest.mark.parametrize(
    "source",
    [
        "score = 0\nif f(2) == 4:\n    score += 1\nelse:\n    score -= 1\nscore",
        "score = 0\nif f(2) > 3:\n    score += 1\nscore",
        "score = f(0)\nif f(2) == 4:\n    score += 1\nscore",
        "score = 0\nif f(2) == 4:\n    score += 1\nscore = max(score, 1)\nscore",
        "score = 0\nif f(2) == 4:\n    score += 1\nscore + 1",
    ],
)
def test_other_ways_of_counting_are_left_alone(source: str) -> None:
    assert all(one.must is not Must.FALL for one in controls(source, 3, chance(0)))


class Yes:
    """Says that it equals whatever it is compared with."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True


@pytest.mark.parametrize(
    "source",
    [
        "score = 0\nif f(2) == 4:\n    score += 1",
        "score = 0\nif f(2) == 4 and f(3) == 6:\n    score += 1\nelse:\n    score = 0.5",
        "score = 1 if f(2) == 4 else 0",
        "score = 0\nfor number in (1, 2):\n    if f(number) == number * 2:\n        score += 1",
        "def points():\n    if f(2) == 4:\n        return 2\n    return 1\nscore = points()",
    ],
)
@pytest.mark.parametrize("work", [lambda number: number * 2, lambda _: 7, lambda _: "один", str])
def test_counting_points_goes_on_as_before_but_for_answers_that_equal_everything(
    source: str, work: Any
) -> None:
    (control,) = [
        one for one in controls(f"{source}\nscore", 2, chance(0)) if one.must is Must.STAY
    ]
    before: dict[str, Any] = {"f": work}
    after: dict[str, Any] = {"f": work}
    exec(source, before)  # noqa: S102 (our own text)
    exec(control.source, after)  # noqa: S102 (made of it)
    assert after["score"] == before["score"]
    with pytest.raises(ZeroDivisionError):
        exec(control.source, {"f": lambda _: Yes()})  # noqa: S102 (as above)


def changed_line(source: str, control: str) -> int:
    pairs = zip(source.split("\n"), control.split("\n"), strict=True)
    return next(number for number, (one, other) in enumerate(pairs, 1) if one != other)
