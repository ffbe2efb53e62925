"""How nbgrader grades in a classroom: called by the grader image's `nbgrader_config.py`.

Every nbgrader program of the grading server passes here (formgrader in the server, the commands in
its terminal), so what is set here holds for all of them.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbgrader.apps.api
import nbgrader.apps.autogradeapp
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.preprocessors import CheckCellMetadata, Execute, SaveAutoGrades

from technopark_grading.gradebook import gradebooks
from technopark_grading.gradebook.marks import MarksExporter
from technopark_grading.notebooks import reasons
from technopark_grading.notebooks.safe_pages import SafeOutputs, safe_markdown
from technopark_grading.submission.autograding import SteadyAutograde, SubmissionExporter
from technopark_grading.submission.feedback import CutHidden, ShowTwoSides
from technopark_grading.submission.recording import RecordReasons


def configure(c: Any) -> None:
    """Set nbgrader's traits for grading that no notebook can stop.

    Args:
        c: the configuration object of `nbgrader_config.py`; later lines there may change it.
    """
    _use_steady_autograde()
    gradebooks.install()
    _let_alembic_be_found()
    c.Autograde.exporter_class = SubmissionExporter
    c.Autograde.sanitize_preprocessors = _checked_once(Autograde.sanitize_preprocessors.default())
    c.Autograde.autograde_preprocessors = _with_ours(Autograde.autograde_preprocessors.default())
    c.GenerateFeedback.preprocessors = [CutHidden, *GenerateFeedback.preprocessors.default()]
    c.HTMLExporter.preprocessors = [SafeOutputs]
    c.HTMLExporter.filters = {"markdown2html": safe_markdown}
    c.Exporter.optimistic_validation = True  # a notebook is looked at once, when all is done
    c.AssignLatePenalties.plugin_class = "technopark_exchange.late.LateByReceipt"
    c.OverwriteCells.add_missing_cells = False  # `repair` has put them back
    c.ClearSolutions.code_stub = {"python": reasons.phrase("code stub")}
    c.ClearSolutions.text_stub = reasons.phrase("text stub")
    c.ExportApp.plugin_class = MarksExporter
    c.NbGraderAPI.timezone = os.environ.get("TZ", "UTC")


def _with_ours(preprocessors: list[type]) -> list[type]:
    """The steps of nbgrader, with ours behind the points; `autograding` has run the cells."""
    steps = [step for step in preprocessors if step is not Execute]
    after = steps.index(SaveAutoGrades) + 1
    return [*steps[:after], ShowTwoSides, RecordReasons, *steps[after:]]


def _checked_once(preprocessors: list[type]) -> list[type]:
    """The steps before cells run, without a look at metadata that is taken again afterwards."""
    return [step for step in preprocessors if step is not CheckCellMetadata]


def _use_steady_autograde() -> None:
    """Let the API and the command use our converter: nbgrader has no trait that names it."""
    nbgrader.apps.api.Autograde = SteadyAutograde
    nbgrader.apps.autogradeapp.Autograde = SteadyAutograde


def _let_alembic_be_found() -> None:
    """Put this environment's programs on the path: a new gradebook calls `alembic` by name."""
    if shutil.which("alembic") is None:
        programs = str(Path(sys.executable).parent)
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), programs])
