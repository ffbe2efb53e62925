"""Grading whole classes from the host: `technopark grade` asks a classroom's grading server to.

The grading itself is done there, by `technopark_grading`, in sandboxes that the broker lends.
"""

from technopark.problem import Problem


class GradingError(Problem):
    """A class cannot be graded, or nobody can say how far that is."""
