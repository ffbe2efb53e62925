"""Verbs that touch this machine, each safe to repeat: `ensure_*` does nothing where all is well.

Called by `cli`. Nothing else in the park installs packages, changes the firewall or starts
long-lived processes.
"""

from technopark.problem import Problem


class MachineError(Problem):
    """This machine lacks something the park needs."""
