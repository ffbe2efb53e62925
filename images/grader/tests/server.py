"""What a grading server has beside what pupils have; run inside by /opt/server/bin/python."""

import os


def test_the_role_is_the_graders():
    assert os.environ["TECHNOPARK_ROLE"] == "grader"


def test_grading_is_the_parks():
    from nbgrader.apps.baseapp import NbGrader

    app = NbGrader()
    app.load_config_file()
    steps = app.config.Autograde.autograde_preprocessors
    assert "technopark_grading" in {step.__module__.split(".")[0] for step in steps}
