"""Programs that run in containers and are handed over as text, not installed there.

Read by `swarm_leases` and `forks`. They need the shell or Python's own library alone and import
nothing of the park.
"""

from importlib.resources import files


def program(name: str) -> str:
    """The text of one of the programs here, by its file's name."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
