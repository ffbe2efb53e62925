"""Programs that run in containers of leases on a Swarm: handed over as text, not installed there.

Read by `swarm_leases`. They need Python's own library alone and import nothing of the park.
"""

from importlib.resources import files


def program(name: str) -> str:
    """The text of one of the programs here."""
    return files(__package__).joinpath(f"{name}.py").read_text(encoding="utf-8")
