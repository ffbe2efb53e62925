"""Every sentence of the portal has its Russian."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from technopark.language import counted, translate
from technopark.portal import frame

TEMPLATES = [
    path
    for path in sorted(frame.FOLDER.glob("**/templates/*.html"))
    if path.parents[1].name != "hub"
]
REFUSING = [frame.FOLDER.parent / part for part in ("people", "noticeboard", "path")]
SAYING = [
    *(path for path in sorted(frame.FOLDER.glob("**/*.py")) if path.parent.name != "hub"),
    *(
        path
        for folder in REFUSING
        for path in sorted(folder.glob("*.py"))
        if "import Refused" in path.read_text("utf-8")
    ),
]
SENTENCE = re.compile(r"[A-Z“{].* .*[.?!:]", re.DOTALL)


def of_template(path: Path) -> Iterator[str]:
    """What a template says: `_("...")`, `counted("...", "...")`, pairs of words."""
    text = path.read_text("utf-8")
    yield from re.findall(r'_\("([^"]+)"', text)
    yield from re.findall(r'counted\("([^"]+)"', text)
    for first, second in re.findall(r'\["([^"]+)", "([^"]+)"\]', text):
        yield from (first, second)
    yield from re.findall(r'_\("[^"]+"\) if [^}]* else _\("([^"]+)"', text)


def of_code(path: Path) -> Iterator[str]:
    """The sentences of a program, its docstrings aside."""
    tree = ast.parse(path.read_text("utf-8"))
    said_to_nobody = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        is_said = isinstance(node, ast.Constant) and id(node) not in said_to_nobody
        if is_said and isinstance(node.value, str) and SENTENCE.fullmatch(node.value):
            yield node.value


def has_russian(text: str) -> bool:
    """Whether there is a Russian sentence for it, or one for each number."""
    is_counted = re.findall(r"{(\w+)}", text) == ["number"]
    return translate(text, "ru") != text or (
        is_counted and counted(text, text, 5, "ru") != text.format(number=5)
    )


def without_russian(texts: Iterator[str]) -> set[str]:
    return {one for one in texts if one != "Technopark" and not has_russian(one)}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_page_has_its_russian(path: Path) -> None:
    assert without_russian(of_template(path)) == set()


@pytest.mark.parametrize("path", SAYING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sentence_of_the_code_has_its_russian(path: Path) -> None:
    assert without_russian(of_code(path)) == set()
