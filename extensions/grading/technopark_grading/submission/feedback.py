"""What pupils see of a graded notebook: nothing that a hidden test could have touched.

`autograding` puts the outputs in, `ShowTwoSides` leaves those that each reader may see, and
`CutHidden` makes feedback of the pupil's side alone.
"""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked
from traitlets import List

from technopark_grading.notebooks import outputs as made
from technopark_grading.notebooks import reasons
from technopark_grading.notebooks.hidden import has_hidden, messages, without_hidden
from technopark_grading.submission.lineage import Played

_SHOWN = "technopark_shown"
"""In a cell's metadata: the outputs that its pupil may see."""


def put_outputs(nb: NotebookNode, played: Played) -> None:
    """Put the outputs that decide on points into the notebook, those for the pupil beside them."""
    for place, cell in enumerate(nb.cells):
        cell.metadata.pop(_SHOWN, None)
        if cell.cell_type == "code":
            cell.outputs = played.graded.get(place, [])
            cell.metadata[_SHOWN] = played.shown.get(place, [])
    for reason, detail in played.noted:
        reasons.add(nb, reason, detail)


class ShowTwoSides(NbGraderPreprocessor):
    """Leaves the outputs for the teacher, and beside hidden tests those for the pupil.

    Runs once `SaveAutoGrades` has read the points from the outputs.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], _index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Choose between what the cell showed with hidden tests around, and without any."""
        if _SHOWN not in cell.metadata:
            return cell, resources
        shown = cell.metadata.pop(_SHOWN)
        if is_grade(cell) and made.failed(cell.outputs) and not made.failed(shown):
            shown = [*shown, made.error("AssertionError", _what_failed(cell))]
        if _keeps_secret(cell):
            cell.metadata[_SHOWN] = shown
        else:
            cell.outputs = shown
        return cell, resources


class CutHidden(NbGraderPreprocessor):
    """Takes hidden tests, and whatever cells with them showed, out of the feedback."""

    # nbconvert configures it for all that runs before its page, and warns where it is missing
    display_data_priority = List().tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], _index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Leave of a cell what its pupil may see."""
        shown = cell.metadata.pop(_SHOWN, None)
        if cell.cell_type == "code" and _keeps_secret(cell):
            cell.source = without_hidden(cell.source)
            cell.outputs = shown if isinstance(shown, list) else []
        return cell, resources


def _keeps_secret(cell: NotebookNode) -> bool:
    return bool(is_locked(cell)) and has_hidden(cell.source)


def _what_failed(cell: NotebookNode) -> str:
    """The author's own words for what failed, or that it is not told."""
    said = messages(cell.source)
    for output in cell.outputs:
        if output.get("evalue") in said:
            return str(output.evalue)
        if output.get("ename") == "NotConfirmed":
            return reasons.phrase("not confirmed")
    return reasons.phrase("hidden")
