"""What every page loads at its start is in the file that it loads first, and works there."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from technopark.front import first_look
from technopark.front.first_look import LAB, FirstLook

PAGE = b'<script defer src="{{page_config.fullStaticUrl}}/main.0a1b.js?v=0a1b"></script>'
CORE = b'"use strict";(self.pieces=self.pieces||[]).push(["core",function(){return this}])'
LATER = b"(self.pieces=self.pieces||[]).push(['later',function(){return this}])"
MAIN = b"done(self.pieces.map(([name,strict])=>[name,strict()===undefined]))"
FILES = {
    "index.html": PAGE,
    "main.0a1b.js": MAIN,
    "jlab_core.2c.js": CORE,
    "17.3d.js": LATER,
    "171.4e.js": b"broken(",
    "fonts/17.woff": b"font",
}


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = {LAB: ("jlab_core", "gone", "17"), "@jupyter/panels": ("161",)}
    monkeypatch.setattr(first_look, "PIECES", pieces)


def test_the_first_file_begins_with_the_named_pieces_and_the_rest_stays() -> None:
    look = first_look.of_lab(FILES)
    assert look.entry == "main.0a1b.js?v=0a1b", "as the page asks for it"
    first = look.files["main.0a1b.js"]
    assert 0 < first.index(CORE) < first.index(LATER) < first.index(MAIN)
    assert {**look.files, "main.0a1b.js": MAIN} == FILES


@pytest.mark.skipif(not shutil.which("node"), reason="no engine for scripts here")
def test_pieces_work_as_they_did_alone(tmp_path: Path) -> None:
    first = first_look.of_lab(FILES).files["main.0a1b.js"].decode()
    script = tmp_path / "page.js"
    # in the page's own scope, as a script of a page is
    script.write_text(
        "globalThis.self = globalThis; globalThis.done = (x) => console.log(JSON.stringify(x));\n"
        f"require('vm').runInThisContext({json.dumps(first)});",
        encoding="utf-8",
    )
    said = subprocess.run(["node", script], capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == [["core", True], ["later", False]], "strict is who was strict"


def test_a_lab_whose_page_names_no_file_is_left_alone() -> None:
    files = {"main.js": b"lab"}
    assert first_look.of_lab(files) == FirstLook(files, "")


def extension(load: str) -> dict[str, bytes]:
    about = {"jupyterlab": {"_build": {"load": load}}}
    return {
        "package.json": json.dumps(about).encode(),
        "static/remoteEntry.9f.js": b"entry",
        "static/161.8e.js": b"panels",
        "static/162.8e.js": b"more",
    }


def test_an_extensions_pieces_are_in_the_file_that_its_package_names() -> None:
    files = extension("static/remoteEntry.9f.js")
    look = first_look.of_extension("@jupyter/panels", files)
    assert look.entry == "static/remoteEntry.9f.js"
    assert look.files[look.entry] == b"(()=>{panels\n})();\nentry"
    other = first_look.of_extension("nobody-knows-it", files)
    assert other == FirstLook(files, "static/remoteEntry.9f.js")


@pytest.mark.parametrize("files", [{}, extension("static/gone.js"), {"package.json": b"{}"}])
def test_an_extension_without_a_first_file_is_left_alone(files: dict[str, bytes]) -> None:
    assert first_look.of_extension("@jupyter/panels", files) == FirstLook(files, "")
