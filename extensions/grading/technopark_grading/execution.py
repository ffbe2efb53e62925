"""Runs a pupil's notebook within bounds of time and output, whatever its cells do.

nbgrader's `Execute` with a memory: it goes on after a cell that never ends, prints without end or
kills its kernel, and notes the reason. A test that did not run never counts as passed.
"""

import os
import time
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Callable, Integer, default

from technopark_grading import reasons
from technopark_grading.reasons import Reason

_KERNEL_GUARD = Path(__file__).with_name("kernel_guard.py")

_SHORTENED = 2_000
"""Characters kept of an error or a result where a cell has printed too much already."""


class BoundedExecute(Execute):
    """nbgrader's execution, bounded for the whole notebook; see its `timeout` for one cell."""

    notebook_timeout = Integer(
        180, min=1, help="Seconds that all cells of a notebook may take together"
    ).tag(config=True)

    max_output = Integer(
        50_000, min=1_000, help="Characters of output that are kept of each cell"
    ).tag(config=True)

    timeout_func = Callable()

    @default("timeout_func")
    def _timeout_func_default(self) -> Any:
        return self._seconds_for

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run all cells; where nothing of the pupil's is there, no kernel is started at all."""
        self._deadline = time.monotonic() + self.notebook_timeout
        self._stopped = False
        if reasons.nothing_to_run(nb):
            for cell in nb.cells:
                _mark_not_run(cell)
            return nb, resources
        nb, resources = super().preprocess(nb, resources, km)
        return nb, resources

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run one cell, or say in its output that it did not run."""
        if not self._stopped and time.monotonic() >= self._deadline:
            self._stop(Reason.OUT_OF_TIME, cell)
        if self._stopped:
            _mark_not_run(cell)
            return cell, resources
        self._kept = 0
        try:
            cell, resources = super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            self._stop(Reason.KERNEL_DIED, cell)
            _add_error(cell, "KernelDied", reasons.phrase("not run"))
        except CellTimeoutError:
            # interrupting did not help, so the kernel is lost for the cells after it
            self._stop(Reason.ENDLESS_CELL, cell)
            _add_error(cell, "CellTimeoutError", reasons.phrase("timed out"))
        else:
            if any(output.get("ename") == "CellTimeoutError" for output in cell.get("outputs", [])):
                self._note(Reason.ENDLESS_CELL, cell)
        return cell, resources

    def start_new_kernel(self, **options: Any) -> None:
        """Start the kernel with the guard in it, and without the grading server's own rights."""
        self.extra_arguments = [f"--IPKernelApp.exec_files={_KERNEL_GUARD}"]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("JUPYTERHUB_")
        }
        environment["TECHNOPARK_MAX_OUTPUT"] = str(self.max_output)
        super().start_new_kernel(env=environment, **options)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Keep a cell's output up to the limit.

        Errors, results and stderr are shortened and never dropped: nbgrader reads the mark of a
        test from them.
        """
        content = msg["content"]
        room = self.max_output - self._kept
        size = _text_size(content)
        self._kept += size
        if size > room:
            self._note(Reason.LONG_OUTPUT, self.nb.cells[cell_index])
            decides = msg["msg_type"] in {"error", "execute_result"}
            if content.get("name") == "stderr" and room > -_SHORTENED:
                decides = True
            if room <= 0 and not decides:
                return None
            _shorten(content, max(room, _SHORTENED if decides else 0))
        kept: NotebookNode | None = super().output(outs, msg, display_id, cell_index)
        if size > room > 0:
            outs.append(
                NotebookNode(
                    output_type="stream", name="stdout", text=f"\n{reasons.phrase('cut')}\n"
                )
            )
        return kept

    def _seconds_for(self, _cell: NotebookNode) -> float:
        """What one cell may take: its own limit, or what is left for the notebook."""
        left: float = self._deadline - time.monotonic()
        return max(1.0, min(float(self.timeout or self.notebook_timeout), left))

    def _stop(self, reason: Reason, cell: NotebookNode) -> None:
        self._stopped = True
        self._note(reason, cell)

    def _note(self, reason: Reason, cell: NotebookNode) -> None:
        reasons.add(self.nb, reason, reasons.cell_in_words(cell.source))


def _mark_not_run(cell: NotebookNode) -> None:
    if cell.cell_type == "code" and cell.source.strip():
        cell.outputs = []
        _add_error(cell, "NotRun", reasons.phrase("not run"))


def _add_error(cell: NotebookNode, name: str, sentence: str) -> None:
    error = NotebookNode(output_type="error", ename=name, evalue=sentence, traceback=[sentence])
    cell.outputs = [*cell.get("outputs", []), error]


def _text_size(content: dict[str, Any]) -> int:
    """About how many characters a message adds to the notebook; never nothing."""
    shown = [content.get("text", ""), content.get("evalue", ""), *content.get("traceback", [])]
    shown += list(content.get("data", {}).values())
    return 100 + sum(len(part) if isinstance(part, str) else len(repr(part)) for part in shown)


def _shorten(content: dict[str, Any], room: int) -> None:
    """Cut a message's texts to `room` characters; pictures that do not fit are left out whole."""
    if "text" in content:
        content["text"] = content["text"][:room]
    if "traceback" in content:
        content["evalue"] = content["evalue"][:room]
        content["traceback"] = ["\n".join(content["traceback"])[-room:]]
    if "data" in content:
        plain = str(content["data"].get("text/plain", ""))
        content["data"] = {"text/plain": plain[:room]}
