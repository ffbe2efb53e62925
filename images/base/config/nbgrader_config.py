"""nbgrader in a classroom: its course is the classroom, its exchange is the park's service.

Read by nbgrader's commands and by its panels in JupyterLab, in pupils' and grading servers alike.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821  # nbgrader puts it here

CLASSROOM = os.environ.get("TECHNOPARK_CLASSROOM", "")
COURSE = str(Path.home() / CLASSROOM)

c.CourseDirectory.course_id = CLASSROOM
c.CourseDirectory.root = COURSE
c.Exchange.assignment_dir = COURSE
c.Exchange.path_includes_course = False
c.Exchange.timezone = os.environ.get("TZ", "UTC")
c.Authenticator.plugin_class = "nbgrader.auth.jupyterhub.JupyterHubAuthPlugin"

c.ExchangeFactory.exchange = "technopark_exchange.exchange.Exchange"
c.ExchangeFactory.fetch_assignment = "technopark_exchange.fetch_assignment.ExchangeFetchAssignment"
c.ExchangeFactory.fetch_feedback = "technopark_exchange.fetch_feedback.ExchangeFetchFeedback"
c.ExchangeFactory.release_assignment = (
    "technopark_exchange.release_assignment.ExchangeReleaseAssignment"
)
c.ExchangeFactory.release_feedback = "technopark_exchange.release_feedback.ExchangeReleaseFeedback"
c.ExchangeFactory.list = "technopark_exchange.list.ExchangeList"
c.ExchangeFactory.submit = "technopark_exchange.submit.ExchangeSubmit"
c.ExchangeFactory.collect = "technopark_exchange.collect.ExchangeCollect"

if os.environ.get("TECHNOPARK_ROLE") == "grader":
    from technopark_grading.nbgrader_settings import configure

    configure(c)
