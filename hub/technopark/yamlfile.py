"""YAML files read into pydantic models, with errors that name the file and the line.

Called by `settings`, `people` and `catalogue` for every file that a person writes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from technopark.problem import Problem

Model = TypeVar("Model", bound=BaseModel)
Step = str | int


class FileError(Problem):
    """A file that a person wrote cannot be used; its text is one line for that person a problem."""


class YamlFile:
    """A parsed YAML file that remembers on which line each value stands.

    Raises:
        FileError: the file is missing, is not YAML, or holds no mapping.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise FileError(f"{path}: there is no such file") from None
        except UnicodeDecodeError as error:
            raise FileError(f"{path}: is not UTF-8 text (byte {error.start})") from None
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            self.data = yaml.safe_load(text) or {}
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise FileError(f"{path}:{line}: is not YAML: {error.problem}") from None
        if not isinstance(self.data, dict):
            raise FileError(f"{path}:1: expected `key: value` lines at the top level")

    def line(self, steps: Sequence[Step]) -> int:
        """The line (from 1) of the value at `steps`, or of the nearest value above it."""
        node, line = self._root, 1
        for step in steps:
            found: yaml.Node | None = None
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == str(step):
                        found, line = value, key.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and step in range(len(node.value)):
                found = node.value[int(step)]
                line = found.start_mark.line + 1
            if found is None:
                break
            node = found
        return line

    def problem(self, steps: Sequence[Step], message: str) -> str:
        """One line for a person: file, line, which value, what is wrong with it."""
        return f"{self.path}:{self.line(steps)}: {spell(steps)}: {message}"

    def read(self, model: type[Model]) -> Model:
        """The file as `model`.

        Raises:
            FileError: a key or a value is not what the model expects; all problems, a line each.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            lines = [
                self.problem(_without_union_tags(issue["loc"], self.data), _in_words(issue))
                for issue in map(dict, error.errors())
            ]
            raise FileError("\n".join(lines)) from None


def spell(steps: Sequence[Step]) -> str:
    """`("classrooms", 2, "course")` as a person would write it: `classrooms[2].course`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the file"


def _without_union_tags(loc: object, data: object) -> list[Step]:
    """Pydantic's location without the steps that name a union's member instead of a key."""
    steps: list[Step] = []
    here = data
    for step in loc if isinstance(loc, tuple) else ():
        if isinstance(here, dict) and (step in here or not _is_tag(step)):
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step] if step < len(here) else None
        else:
            continue
        steps.append(step)
    return steps


def _is_tag(step: Step) -> bool:
    return isinstance(step, str) and not step.isidentifier()


def _in_words(issue: dict[str, object]) -> str:
    given = issue.get("input")
    match issue["type"]:
        case "extra_forbidden":
            return "there is no such setting"
        case "missing":
            return "is required and not given"
        case "value_error":
            return str(issue["msg"]).removeprefix("Value error, ")
        case _:
            text = str(issue["msg"])
            return f"{text[0].lower()}{text[1:]}, not {given!r}"
