"""The outputs of one cell as nbformat has them, put together by the keeper within bounds.

What comes in is from a pupil's process and may be anything: it is checked, shortened or dropped.
"""

import codecs
import json
import re
from dataclasses import dataclass, field
from typing import Any

SHORTENED = 2_000
"""Characters kept of an error, a result or stderr where a cell has printed too much already:
nbgrader reads the mark of a test from these."""

PICTURES = 3_000_000
"""Characters of pictures, pages and other data that are kept of a cell, beside its texts."""

_MOST = 1_000
"""Outputs that are kept of a cell."""

_ERRORS = 20
"""Errors and pieces of streams beyond these, as they come last and decide marks."""

_LONGEST_NAME = 200
_DEEPEST = 50

_JSON = re.compile(r"application/(.*\+)?json$")
"""Of other kinds nbformat allows texts alone."""

Output = dict[str, Any]


@dataclass
class Outputs:
    """What a cell has shown so far."""

    limit: int
    """Characters of text that are kept."""
    shown: list[Output] = field(default_factory=list)
    is_cut: bool = False
    _texts: int = 0
    _pictures: int = 0
    _clear_first: bool = False
    _names: dict[str, list[Output]] = field(default_factory=dict)
    _decoders: dict[str, codecs.IncrementalDecoder] = field(default_factory=dict)

    def add_bytes(self, stream: str, content: bytes) -> None:
        """What was written to `stdout` or `stderr`, by the cell or a program of it."""
        if stream not in self._decoders:
            self._decoders[stream] = codecs.getincrementaldecoder("utf-8")("replace")
        text = self._decoders[stream].decode(content)
        if text:
            self._clear_if_asked()
        kept = self._within(text, SHORTENED if stream == "stderr" else 0)
        if not kept:
            return
        last = self.shown[-1] if self.shown else {}
        if last.get("name") == stream:
            last["text"] += kept
        else:
            self._show({"output_type": "stream", "name": stream, "text": kept}, spare=_ERRORS)

    def is_full(self, stream: str) -> bool:
        """Whether nothing more of that stream would be kept."""
        spare = SHORTENED if stream == "stderr" else 0
        return self.is_cut and self._texts >= self.limit + spare

    def add(self, message: dict[str, Any]) -> None:
        """An output that a session tells of."""
        match message.get("is"):
            case "display" if message.get("update"):
                self._update(message)
            case "display":
                self._clear_if_asked()
                self._display(message)
            case "result":
                self._clear_if_asked()
                self._result(message)
            case "error":
                self._clear_if_asked()
                self._error(message)
            case "clear":
                self._clear_first = True
                if not message.get("wait"):
                    self._clear_if_asked()
            case "cut":
                self.is_cut = True

    def _display(self, message: dict[str, Any]) -> None:
        bundle = self._update(message)
        if bundle is None:
            return
        output = {"output_type": "display_data", **bundle}
        if self._show(output) and message.get("id"):
            self._names.setdefault(_name(message), []).append(output)

    def _update(self, message: dict[str, Any]) -> Output | None:
        """Put something in the place of all that has its name."""
        bundle = self._bundle(message, 0)
        if bundle is not None:
            for output in self._names.get(_name(message), []):
                output.update(bundle)
        return bundle

    def _result(self, message: dict[str, Any]) -> None:
        count = message.get("count")
        bundle = self._bundle(message, SHORTENED)
        if bundle is None:
            return
        number = execution_count(count)
        self._show({"output_type": "execute_result", "execution_count": number, **bundle})

    def _error(self, message: dict[str, Any]) -> None:
        lines = message.get("traceback")
        traceback = [str(line) for line in lines] if isinstance(lines, list) else []
        whole = "\n".join(traceback)
        kept = self._within(whole, SHORTENED, from_end=True)
        self._show(
            {
                "output_type": "error",
                "ename": str(message.get("ename"))[:_LONGEST_NAME],
                "evalue": self._within(str(message.get("evalue")), SHORTENED),
                "traceback": traceback if kept == whole else [kept],
            },
            spare=_ERRORS,
        )

    def _show(self, output: Output, spare: int = 0) -> bool:
        """Add an output, where there are not too many; some more where they decide marks."""
        if len(self.shown) >= _MOST + spare:
            self.is_cut = True
            return False
        self.shown.append(output)
        return True

    def _bundle(self, message: dict[str, Any], spare: int) -> Output | None:
        """The data and metadata of an output; nothing where no part of it fits."""
        data, metadata = message.get("data"), message.get("metadata")
        if not isinstance(data, dict):
            return None
        kept = {}
        for kind, value in data.items():
            if kind == "text/plain":
                text = self._within(_text(value), spare)
                if text or not value:
                    kept[kind] = text
            elif self._fits(kind, value):
                kept[kind] = value if _JSON.match(kind) else _text(value)
        if data and not kept:
            return None
        fits = isinstance(metadata, dict) and self._fits("", metadata)
        return {"data": kept, "metadata": metadata if fits else {}}

    def _within(self, text: str, spare: int, *, from_end: bool = False) -> str:
        room = max(0, self.limit - self._texts, min(spare, self.limit + spare - self._texts))
        self._texts += min(len(text), room)
        if len(text) <= room:
            return text
        self.is_cut = True
        if not room:
            return ""
        return text[-room:] if from_end else text[:room]

    def _fits(self, kind: str, value: Any) -> bool:
        if not _is_shallow(value):
            return False
        size = len(kind) + (len(value) if isinstance(value, str) else len(json.dumps(value)))
        if self._pictures + size > PICTURES:
            self.is_cut = True
            return False
        self._pictures += size + 1
        return True

    def _clear_if_asked(self) -> None:
        if self._clear_first:
            self._clear_first = self.is_cut = False
            self._texts = self._pictures = 0
            self.shown.clear()
            self._names.clear()


def _name(message: dict[str, Any]) -> str:
    return str(message.get("id"))[:_LONGEST_NAME]


def _is_shallow(value: Any) -> bool:
    """Whether it can be written as JSON, however a session may have nested it."""
    level = [value]
    for _depth in range(_DEEPEST):
        inner: list[Any] = []
        for part in level:
            if isinstance(part, dict):
                inner += part.values()
            elif isinstance(part, list):
                inner += part
        if not inner:
            return True
        level = inner
    return False


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(str(part) for part in value)
    return str(value)


def execution_count(told: object) -> int | None:
    """What a session says its cell's number is, if a notebook may hold it."""
    if not isinstance(told, int) or isinstance(told, bool):
        return None
    return told if told >= 0 else None
