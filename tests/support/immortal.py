"""A program that shows what a child of a large process writes to by only looking at it."""

from collections.abc import Callable
from dataclasses import dataclass

PROGRAM = """
import gc, os, pathlib, sys
from technopark_forked.immortal import make_all_immortal

class Word:
    def __init__(self, text):
        self.text = text

words = [Word(f"word {number}") for number in range(200_000)]
gc.collect()
made = make_all_immortal() if sys.argv[1] == "immortal" else 0
again = make_all_immortal() if made else 0
gc.freeze()

def private():
    lines = pathlib.Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))

if os.fork() == 0:
    before = private()
    read = [(word, word.text) for word in words]
    mine = private() - before
    words[0].text = "another"
    words.clear()
    del read
    gc.collect()
    print(mine, flush=True)
    os._exit(0)
os.wait()
print(made, again, words[0].text)
"""
SHARED = 0.5
"""Of what the child writes to otherwise; the list that it makes is its own in both cases."""


@dataclass(frozen=True)
class Looked:
    """What the program has found."""

    written: int
    """Kilobytes that the child wrote to."""
    made: int
    """Objects made immortal."""
    again: int
    """And those that were left for a second time."""
    word: str
    """What the parent still has when the child has changed its own."""


def look(run: Callable[..., str], how: str) -> Looked:
    """Runs the program by `run`, which takes arguments of Python and gives what was printed.

    Args:
        run: such as a container's.
        how: `immortal` or `mortal`.
    """
    written, rest = run("-c", PROGRAM, how).splitlines()
    made, again, word = rest.split(maxsplit=2)
    return Looked(int(written), int(made), int(again), word)
