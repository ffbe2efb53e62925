"""A task of two cells: one for the answer, one that tests it."""

import nbformat
from nbgrader import utils

NAME = "count"
TEST = "assert total == 5"


def notebook(answer: str = "raise NotImplementedError", test: str = TEST) -> bytes:
    """The task as it is handed out, with the pupil's answer, or with a changed test."""
    book = nbformat.v4.new_notebook()
    for name, source, is_test in (("total", answer, False), ("total-test", test, True)):
        cell = nbformat.v4.new_code_cell(source, id=name)
        cell.metadata["nbgrader"] = {
            "schema_version": 3,
            "grade_id": name,
            "grade": is_test,
            "locked": is_test,
            "solution": not is_test,
            "task": False,
            "cell_type": "code",
        }
        if is_test:
            cell.metadata["nbgrader"]["points"] = 1
            handed_out = nbformat.from_dict({**cell, "source": TEST})
            cell.metadata["nbgrader"]["checksum"] = utils.compute_checksum(handed_out)
        book.cells.append(cell)
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return nbformat.writes(book).encode()
