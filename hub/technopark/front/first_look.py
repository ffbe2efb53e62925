"""Joins what every page of Lab loads at its start into the file that it loads first.

Called by `gather`. Lab comes in pieces, each of which a page asks for when it has read the one
before: behind a thin line that is a second of waiting for nothing, and a hundred questions. Pieces
that are not named here, or not there, come one by one as ever; nothing is changed inside them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

LAB = "lab"
PIECES: dict[str, tuple[str, ...]] = {
    LAB: (
        "jlab_core",
        "219",
        "9797",
        "3301",
        "3588",
        "1207",
        "5361",
        "4550",
        "2985",
        "4350",
        "2287",
        "4571",
        "6237",
        "5695",
        "1587",
        "4607",
        "7335",
        "5098",
        "3508",
        "5269",
        "8690",
        "79",
        "213",
        "8754",
        "7178",
        "8777",
        "4232",
        "2116",
        "5199",
        "2154",
        "8608",
        "6715",
        "8193",
        "7624",
        "9198",
        "1815",
        "479",
        "5786",
        "9111",
        "5132",
    ),
    "@jupyter-widgets/jupyterlab-manager": (
        "7",
        "704",
        "170",
        "84",
        "32",
        "452",
        "967",
        "160",
    ),
    "jupyterlab_pygments": (
        "568",
        "747",
    ),
    "@jupyter/nbgrader": (
        "612",
        "774",
        "161",
        "536",
    ),
}
"""Of which tree (`LAB`, or an extension's name) which pieces, by the first part of their names.

As a browser asks for them from the page to the first cell (`tests/browser/test_page_from_front.py`
says what is missing). They are numbers that the maker of a release gives.
"""

_ENTRY = re.compile(r"/(?P<file>main\.\w+\.js)(?P<query>\?[^\"\s]*)?\"")


@dataclass(frozen=True)
class FirstLook:
    """A tree whose first file has the others in it."""

    files: dict[str, bytes]
    entry: str
    """As pages ask for it: path below the tree, and the query; empty where there is none."""


def of_lab(files: Mapping[str, bytes]) -> FirstLook:
    """Lab itself: its page names the first file."""
    found = _ENTRY.search(files.get("index.html", b"").decode())
    if found is None or found["file"] not in files:
        return FirstLook(dict(files), "")
    joined = _joined(files, found["file"], PIECES[LAB])
    return FirstLook(joined, found["file"] + (found["query"] or ""))


def of_extension(name: str, files: Mapping[str, bytes]) -> FirstLook:
    """A federated extension: its `package.json` names the first file."""
    about = json.loads(files.get("package.json", b"{}"))
    entry = about.get("jupyterlab", {}).get("_build", {}).get("load", "").replace("\\", "/")
    if entry not in files:
        return FirstLook(dict(files), "")
    return FirstLook(_joined(files, entry, PIECES.get(name, ())), entry)


def _joined(files: Mapping[str, bytes], entry: str, pieces: tuple[str, ...]) -> dict[str, bytes]:
    """The files, of which `entry` begins with the pieces.

    A piece only leaves its modules where the entry finds them: that is how such pieces work
    whatever comes first (webpack's and rspack's JSONP chunks).
    """
    folder = PurePosixPath(entry).parent
    places = {
        path.name.partition(".")[0]: str(path)
        for path in map(PurePosixPath, files)
        if path.parent == folder and path.suffix == ".js"
    }
    found = [files[places[piece]] for piece in pieces if piece in places]
    return {**files, entry: b"".join([*map(_alone, found), files[entry]])}


def _alone(piece: bytes) -> bytes:
    """A piece as one statement: `"use strict"` at its head is for itself and no other."""
    return b"(()=>{" + piece + b"\n})();\n"
