"""What pupils may see of a test cell."""

import pytest

from technopark_grading.notebooks.hidden import has_hidden, messages, without_hidden


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("assert a", "assert a"),
        ("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc", "a\nc"),
        ("### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS", ""),
        ("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc\n# BEGIN HIDDEN TESTS\nd", "a\nc"),
        ("a\n### BEGIN HIDDEN TESTS\nnever closed", "a"),
        ("a\n### END HIDDEN TESTS\nb", "a\nb"),
    ],
)
def test_regions_and_their_marks_are_cut(source: str, seen: str) -> None:
    assert without_hidden(source) == seen
    assert not has_hidden(seen)


def test_only_words_that_the_author_wrote_down_may_be_told() -> None:
    source = (
        "assert f(2) == 4, 'try two'\nassert f(3) == 6, f'not {f(3)}'\n"
        "for n in (1, 2):\n    assert f(n), 'try ' 'more'\nassert f(5)"
    )
    assert messages(source) == {"try two", "try more"}
    assert messages("assert f(, 'what'") == set()
