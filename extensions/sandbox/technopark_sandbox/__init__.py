"""Runs the cells of one submission in a sandbox: a container that is made for it and then gone.

Lives in the pupils' own environment (`/opt/course`), so that a submission meets the libraries that
its author had. `technopark_grading` speaks to it over a stream of lines (docs/grading.md).
"""
