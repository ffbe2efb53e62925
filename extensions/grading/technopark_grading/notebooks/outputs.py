"""Outputs of cells: from what a sandbox sent to what may stand in a notebook, and be judged.

Used while cells run. Pupils' processes make what comes here, so nothing but the forms that nbformat
knows gets through; the sandbox has seen to it that it is not too much.
"""

from collections.abc import Iterable
from typing import Any

from nbformat import NotebookNode, v4
from nbgrader.utils import determine_grade

from technopark_grading.notebooks import reasons
from technopark_grading.sandboxes.sandbox import Ran


def of(ran: Ran) -> list[NotebookNode]:
    """The outputs of a cell, with an error at the end where it did not come to its own."""
    outputs = [output for output in map(_clean, ran.outputs) if output is not None]
    if ran.ended != "ok":
        # nbgrader would take the value for points and not look at what comes after it
        outputs = [output for output in outputs if output.output_type != "execute_result"]
    if ran.cut:
        outputs.append(v4.new_output("stream", text=f"\n{reasons.phrase('cut')}\n"))
    if ran.ended == "timeout" or ran.endless:
        outputs = [output for output in outputs if output.get("ename") != "KeyboardInterrupt"]
        outputs.append(error("CellTimeoutError", reasons.phrase("timed out")))
    elif ran.ended == "died":
        outputs.append(error("KernelDied", reasons.phrase("not run")))
    elif ran.ended == "error" and not any(map(_is_error, outputs)):
        outputs.append(error("Error", reasons.phrase("error not shown")))
    return outputs


def error(name: str, sentence: str) -> NotebookNode:
    """An error that says one sentence."""
    return v4.new_output("error", ename=name, evalue=sentence, traceback=[sentence])


def not_run() -> list[NotebookNode]:
    """What stands under a cell that never ran: no test counts as passed with it."""
    return [error("NotRun", reasons.phrase("not run"))]


def points(outputs: Iterable[NotebookNode], most: float) -> float:
    """The points that nbgrader gives a test cell with these outputs; 0 where it can give none."""
    # Not `new_code_cell`, which would hold all outputs against the schema once more.
    cell = NotebookNode(cell_type="code", outputs=list(outputs), metadata=NotebookNode())
    cell.metadata.nbgrader = NotebookNode(grade=True, solution=False, points=most)
    try:
        given, _ = determine_grade(cell)
    except (KeyError, ValueError):
        return 0.0  # more points than the cell is worth, or no text where points should be
    return float(given or 0.0)


def result(outputs: Iterable[NotebookNode]) -> str | None:
    """The text of the value that a cell ended with, if it ended with one."""
    for output in outputs:
        if output.output_type == "execute_result":
            return str(output.data.get("text/plain", ""))
    return None


def value(outputs: Iterable[NotebookNode]) -> float | None:
    """The number that a cell ended with, if it ended with one."""
    try:
        return float(result(outputs) or "")
    except ValueError:
        return None


def failed(outputs: Iterable[NotebookNode]) -> bool:
    """Whether nbgrader gives a test cell no points for these outputs, whatever its value."""
    return any(
        _is_error(output) or (output.output_type == "stream" and output.name == "stderr")
        for output in outputs
    )


def _is_error(output: NotebookNode) -> bool:
    return bool(output.output_type == "error")


def _clean(output: dict[str, Any]) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return v4.new_output("stream", name=name, text=_text(output.get("text")))
    if kind == "error":
        lines = output.get("traceback")
        return v4.new_output(
            "error",
            ename=_text(output.get("ename")),
            evalue=_text(output.get("evalue")),
            traceback=[_text(line) for line in lines] if isinstance(lines, list) else [],
        )
    if kind in ("display_data", "execute_result"):
        data = output.get("data")
        data = data if isinstance(data, dict) else {}
        clean = v4.new_output(kind, data={str(mime): _data(mime, data[mime]) for mime in data})
        if kind == "execute_result":
            clean["execution_count"] = None
        return clean
    return None


def _data(mime: str, value: Any) -> Any:
    if mime.endswith("json"):
        return value
    return "".join(map(_text, value)) if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
