"""The grading server's own pages and its work at the start, as an extension of Jupyter Server.

Loaded by Jupyter Server where the role is `grader`. Marks are read in a thread, so that a large
gradebook stops nobody; nothing here changes a mark.
"""

import asyncio
import os
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from tornado import web

from technopark_grading.gradebook import marks, roster
from technopark_grading.server import course_source, formgrader_pages
from technopark_grading.server.whole_class import ClassGrading, WholeClassHandler


class MarksHandler(JupyterHandler):
    """`technopark/marks.csv`: the table of marks, as a download."""

    def initialize(self, course: CourseDirectory) -> None:
        """Take the course directory whose gradebook is read."""
        self.course = course

    @web.authenticated
    async def get(self) -> None:
        """Answer with the marks of the whole classroom as they are now."""
        content = await asyncio.to_thread(_marks_as_csv, self.course)
        day = datetime.now().astimezone().strftime("%Y-%m-%d")
        name = f"marks-{self.course.course_id or 'classroom'}-{day}.csv"
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.set_header("Cache-Control", "no-store")
        self.finish(content)


def course_directory() -> CourseDirectory:
    """The course directory as nbgrader's configuration files of this server name it."""
    app = NbGrader()
    app.load_config_file()
    return CourseDirectory(config=app.config)


def _marks_as_csv(course: CourseDirectory) -> bytes:
    with Gradebook(course.db_url, course.course_id) as gradebook:
        return marks.as_csv(marks.table(gradebook))


def _load_jupyter_server_extension(server: Any) -> None:
    """Make the gradebook, add the pages, and start reading the roster beside everything else."""
    course = course_directory()
    course_source.copy_missing(course_source.PUBLISHED, Path(course.root) / course.source_directory)
    grading = ClassGrading(course)
    # Made before anybody asks: two who make the tables of a new gradebook at once get in each
    # other's way, and the teacher's first page would be an error.
    Gradebook(course.db_url, course.course_id).close()
    settings = server.web_app.settings
    ours = url_path_join(settings["base_url"], "technopark")
    handlers = [
        (f"{ours}/marks.csv", MarksHandler, {"course": course}),
        (f"{ours}/autograde/([^/]+)", WholeClassHandler, {"grading": grading}),
    ]
    server.web_app.add_handlers(".*$", handlers)
    # formgrader may be loaded after us, so its pages are changed once the loop runs
    server.io_loop.add_callback(formgrader_pages.install, settings)
    server.io_loop.add_callback(grading.resume)
    if os.environ.get("TECHNOPARK_EXCHANGE_URL"):
        threading.Thread(
            target=roster.refresh,
            args=(course.db_url, course.course_id, server.log),
            name="roster",
            daemon=True,
        ).start()
