"""Shows teacher and pupil why a notebook got its mark: the last steps of autograding.

The reasons go to the top of the autograded notebook, which formgrader shows and feedback is made
of, and into the gradebook as the comment on its first answer.
"""

from typing import Any

from nbformat import NotebookNode, v4
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor

from technopark_grading.gradebook.gradebooks import opened
from technopark_grading.notebooks import reasons

_NBGRADERS_NO_RESPONSE = "No response."


class RecordReasons(NbGraderPreprocessor):
    """Puts the reasons into the gradebook and on top of the notebook; after `SaveAutoGrades`."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Record the reasons noted on the notebook; without reasons only translate comments."""
        sentences = reasons.sentences(nb)
        where = resources["nbgrader"]
        with opened(where["db_url"]) as gradebook:
            submission = gradebook.find_submission_notebook(
                where["notebook"], where["assignment"], where["student"]
            )
            _comment(submission, _commented_ids(nb), sentences)
            if not reasons.TEACHER_LOOKS.isdisjoint(reasons.of(nb)):
                _ask_to_look(submission)
            gradebook.db.commit()
        if sentences:
            nb.cells.insert(0, _notice(sentences))
        return nb, resources


def _commented_ids(nb: NotebookNode) -> list[str]:
    """Ids of the cells that nbgrader keeps comments on, in the notebook's order."""
    return [
        cell.metadata.nbgrader.grade_id
        for cell in nb.cells
        if utils.is_solution(cell) or utils.is_task(cell)
    ]


def _comment(submission: Any, ids: list[str], sentences: list[str]) -> None:
    comments = {comment.name: comment for comment in submission.comments}
    for comment in comments.values():
        if comment.auto_comment == _NBGRADERS_NO_RESPONSE:
            comment.auto_comment = reasons.phrase("no response")
    first = next((comments[name] for name in ids if name in comments), None)
    if first is not None and sentences:
        first.auto_comment = "\n\n".join(sentences)


def _ask_to_look(submission: Any) -> None:
    """One open grade is enough for the submission to wait in the list of manual grading."""
    if submission.grades:
        lowest = min(submission.grades, key=lambda grade: grade.auto_score or 0.0)
        lowest.needs_manual_grade = True


def _notice(sentences: list[str]) -> NotebookNode:
    lines = [f"> **{reasons.phrase('heading')}**", *(f"> {sentence}" for sentence in sentences)]
    return v4.new_markdown_cell("\n>\n".join(lines))
