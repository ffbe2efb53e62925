"""Grading one submission, from what was handed in to points, reasons and feedback.

`autograding` is nbgrader's converter with cells that run in a sandbox; `grade` is the way in for a
run over a class. Other submissions are never touched.
"""
