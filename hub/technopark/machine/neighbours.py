"""Room in Linux's table of neighbours (ARP), of which each pupil's container takes two or three.

Called by `up`. The table is one for the whole machine, all containers included, and by default it
ends at 1024 entries: some 300 pupils. It is only ever made larger.
"""

from pathlib import Path

from technopark.progress import say

TABLE = Path("/proc/sys/net/ipv4/neigh/default")

ROOM = {"gc_thresh3": 8192, "gc_thresh2": 4096, "gc_thresh1": 1024}
"""The most entries; how many may stay for long; how many are never cleared away (arp(7))."""


def ensure_room(table: Path = TABLE) -> None:
    """Makes the table large enough for a city; says so where this machine does not let us."""
    for name, wanted in ROOM.items():
        try:
            if int((table / name).read_text(encoding="ascii")) < wanted:
                (table / name).write_text(f"{wanted}\n", encoding="ascii")
        except FileNotFoundError:
            continue  # in a network namespace of its own: the machine outside has the table
        except OSError as error:
            say(
                f"Warning: {table / name} could not be set to {wanted} ({error.strerror}). Above "
                "300 pupils set net.ipv4.neigh.default.gc_thresh1, 2 and 3 with sysctl."
            )
            return
