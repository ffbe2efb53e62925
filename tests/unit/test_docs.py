"""The documents keep their word: links lead somewhere, commands and settings they name exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer
import yaml
from pydantic import BaseModel

from technopark.cli import app
from technopark.settings import SOURCE, Settings

FOLDERS = ("docs", "images", "courses")
IN_FOLDERS = [path for folder in FOLDERS for path in SOURCE.glob(f"{folder}/**/*.md")]
DOCUMENTS = sorted([*SOURCE.glob("*.md"), *IN_FOLDERS])
INDEX = SOURCE / "docs" / "README.md"
GUIDES = [SOURCE / "docs" / "admins.md", SOURCE / "docs" / "ru" / "admins.md"]

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`|^(?: {4}|\t)(.+)$", re.MULTILINE)
COMMAND = re.compile(r"(?:^|[\s(])(?:\./park|technopark)((?: +[^\s`#,;|()]+)+)")

every_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(path.relative_to(SOURCE)) for path in DOCUMENTS]
)
every_guide = pytest.mark.parametrize(
    "guide", GUIDES, ids=[str(path.relative_to(SOURCE)) for path in GUIDES]
)


def code(document: Path) -> Iterator[str]:
    """What is written as code in a document: in fences, indented, or between backticks."""
    text = document.read_text("utf-8")
    for block in FENCED.findall(text):
        yield from block.splitlines()[1:-1]
    for span, line in CODE.findall(FENCED.sub("", text)):
        yield span or line


def links(document: Path) -> list[str]:
    """Where links and pictures of a document lead, within the project."""
    text = re.sub(r"`[^`\n]*`", "", FENCED.sub("", document.read_text("utf-8")))
    targets = re.findall(r"\]\(([^)\s]+)(?: \"[^\"]*\")?\)", text)
    return [target.split("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]


def commands(document: Path) -> list[list[str]]:
    """The words after each `./park` or `technopark` that is written as code."""
    found = [words.split() for line in code(document) for words in COMMAND.findall(line)]
    return [words for words in found if re.fullmatch(r"[a-z-]+", words[0])]


def setting_exists(name: str) -> bool:
    """Whether `name`, such as `servers.memory`, is a setting."""
    model: Any = Settings
    for step in name.split("."):
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return False
        if step not in model.model_fields:
            return False
        model = model.model_fields[step].annotation
    return True


@every_document
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    broken = [target for target in links(document) if not (document.parent / target).exists()]
    assert broken == []


def test_the_index_names_every_document() -> None:
    listed = {(INDEX.parent / target).resolve() for target in links(INDEX)} | {INDEX}
    assert set((SOURCE / "docs").glob("**/*.md")) - listed == set()


@every_document
def test_commands_that_are_named_exist(document: Path) -> None:
    root = typer.main.get_command(app)
    for words in commands(document):
        command: Any = root
        context = click.Context(root)
        rest = list(words)
        while rest and hasattr(command, "get_command"):
            name = rest.pop(0)
            command = command.get_command(context, name)
            assert command is not None, f"there is no `{name}` in `technopark {' '.join(words)}`"
        known = {option for parameter in command.params for option in parameter.opts}
        unknown = [word for word in rest if re.match(r"--?[a-z]", word) and word not in known]
        assert unknown == [], f"technopark {' '.join(words)}"


@every_guide
def test_settings_that_admins_read_of_exist(guide: Path) -> None:
    sections = [name for name in Settings.model_fields if setting_exists(name)]
    spans = re.findall(r"`([^`\n]+)`", guide.read_text("utf-8"))
    named = [span for span in spans if re.fullmatch(rf"(?:{'|'.join(sections)})(\.[a-z_]+)+", span)]
    assert named
    assert [name for name in named if not setting_exists(name)] == []


@every_guide
def test_settings_that_admins_copy_are_accepted(guide: Path) -> None:
    blocks = re.findall(r"(?:^ {4}.*\n)+", guide.read_text("utf-8"), re.MULTILINE)
    examples = [block for block in blocks if re.match(r" {4}[a-z]+:\n", block)]
    assert examples
    for example in examples:
        Settings.model_validate(yaml.safe_load(example))
