"""The grading server: its own pages beside nbgrader's, and its work at the start.

`extension` is loaded by Jupyter Server. No cell of a submission runs in this process.
"""
