"""Names in files that others write to: covered, byte by byte, where they stand.

Called by `traces` and `deletion`. A log belongs to a process that goes on writing at its end, so it
is never replaced: a name is covered by as many bytes of a pseudonym. Nothing here follows a link.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mask:
    """What is to be covered, and by what."""

    name: str
    """The name to sign in with."""
    pseudonym: str
    full_name: str = ""
    """Covered only where the name stands on the same line: others may be called so."""
    ids: tuple[str, ...] = ()
    """Ids of the person's submissions."""
    others: tuple[str, ...] = ()
    """Names of others with this name in them, such as masha-2: theirs are left alone."""

    def pattern(self) -> re.Pattern[bytes]:
        """Finds what is to be covered (as `own`), and the others' names."""
        # A container is called park-masha--data-6a, a role classroom-data-6a-masha: a hyphen ends
        # a name here, but not one of another person.
        own = b"|".join(re.escape(one.encode()) for one in (self.name, *self.ids))
        others = sorted(self.others, key=len, reverse=True)
        alone = [rb"(?<![A-Za-z0-9-])" + re.escape(one.encode()) for one in others]
        words = b"|".join([*alone, b"(?P<own>" + own + b")"])
        return re.compile(b"(?<![A-Za-z0-9])(?:" + words + b")(?![A-Za-z0-9])")

    def cover(self, length: int) -> bytes:
        """So many bytes in place of what was there."""
        return (self.pseudonym + "x" * length)[:length].encode()


def others_like(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` of which `name` is a part between hyphens."""
    return tuple(one for one in names if one != name and f"-{name}-" in f"-{one}-")


def places(content: bytes, mask: Mask) -> list[tuple[int, int]]:
    """Where something is to be covered: from, to."""
    found = [
        match.span() for match in mask.pattern().finditer(content) if match.group("own") is not None
    ]
    full = mask.full_name.encode()
    if full:
        lines = {_line(content, start) for start, _ in found}
        for first, last in lines:
            start = content.find(full, first, last)
            while start >= 0:
                found.append((start, start + len(full)))
                start = content.find(full, start + len(full), last)
    return sorted(found)


def cover(folder: int, name: str, mask: Mask) -> int:
    """Covers all in a file of an open folder; how many times.

    Raises:
        OSError: it cannot be read or written.
    """
    descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    try:
        content = read_all(descriptor)
        found = places(content, mask)
        for start, end in found:
            os.pwrite(descriptor, mask.cover(end - start), start)
        if found:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return len(found)


def without_lines(content: bytes, mask: Mask) -> bytes:
    """The content without the lines that hold any of it."""
    gone = {_line(content, start) for start, _ in places(content, mask)}
    kept, at = [], 0
    for first, last in sorted(gone):
        kept.append(content[at:first])
        at = last
    return b"".join([*kept, content[at:]])


def read_all(descriptor: int) -> bytes:
    """The whole file."""
    pieces = []
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def _line(content: bytes, at: int) -> tuple[int, int]:
    """The line around `at`, its end included."""
    first = content.rfind(b"\n", 0, at) + 1
    last = content.find(b"\n", at)
    return first, len(content) if last < 0 else last + 1
