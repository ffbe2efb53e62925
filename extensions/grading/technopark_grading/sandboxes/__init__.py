"""The way to the containers in which submissions' cells run, and the words spoken with them.

Everything that comes back was made by a pupil's process. Nothing here knows what nbgrader is.
"""
