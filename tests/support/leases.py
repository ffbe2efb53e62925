"""Short words for the tests of the line: who asks, which slots there are, who holds one."""

from technopark.kernels.line.terms import Ask, Asker, Held, Slot


def who(place: str, course: str = "course") -> Asker:
    """`who("north/6a/masha")`: Masha of classroom 6a of the site north."""
    site, classroom, person = place.split("/")
    return Asker(site, f"{site}-{classroom}", person, course)


def ask(place: str, since: float = 0.0, name: str = "", course: str = "course") -> Ask:
    """An ask of `who(place)`; its id is the person's name unless another is given."""
    return Ask(name or place.rpartition("/")[2], who(place, course), since)


def slots(devices: int = 1, shares: int = 1, node: str = "node") -> list[Slot]:
    """All shares of devices `GPU-0`, `GPU-1`, ..."""
    return [
        Slot(node, f"GPU-{device}", share, shares)
        for device in range(devices)
        for share in range(shares)
    ]


def held(slot: Slot, place: str, since: float = 0.0, ends: float = 2400.0) -> Held:
    """A lease of `who(place)`."""
    return Held(slot, who(place), since, ends)
