"""Grading a whole class: what is asked for, how far it is, and the process that does it.

`python -m technopark_grading.class_run NAME` is that process; the server's pages read its journal.
How one submission is graded is not known here.
"""
