"""A tree has the name of its content, and is there as a whole, in all its forms, or not at all."""

import gzip
from pathlib import Path

import brotli
import pytest

from technopark.front import shelf

LAB = {"main.js": b"let lab = 1;" * 200, "fonts/face.woff2": b"wOF2" * 50}


def test_equal_files_have_one_name_whichever_image_they_come_from() -> None:
    assert shelf.tree_name(LAB) == shelf.tree_name(dict(reversed(LAB.items())))


@pytest.mark.parametrize(
    "other",
    [
        {**LAB, "main.js": b"let lab = 2;" * 200},
        {**LAB, "more.js": b""},
        {"main2.js": LAB["main.js"], "fonts/face.woff2": LAB["fonts/face.woff2"]},
    ],
    ids=["content", "one more", "path"],
)
def test_any_difference_gives_another_name(other: dict[str, bytes]) -> None:
    assert shelf.tree_name(other) != shelf.tree_name(LAB)


def test_texts_lie_beside_their_compressed_forms(tmp_path: Path) -> None:
    tree = tmp_path / shelf.put(tmp_path, LAB)
    assert (tree / "main.js").read_bytes() == LAB["main.js"]
    assert brotli.decompress((tree / "main.js.br").read_bytes()) == LAB["main.js"]
    assert gzip.decompress((tree / "main.js.gz").read_bytes()) == LAB["main.js"]


def test_what_gets_no_smaller_has_one_form(tmp_path: Path) -> None:
    tree = tmp_path / shelf.put(tmp_path, {**LAB, "tiny.js": b"1"})
    assert [path.name for path in (tree / "fonts").iterdir()] == ["face.woff2"]
    assert not (tree / "tiny.js.br").exists()


def test_what_everybody_loads_is_made_as_small_as_can_be(tmp_path: Path) -> None:
    words = b" ".join(b"let a%d = %d;" % (n * 7919 % 1000, n) for n in range(9000))
    files = {"main.js": words, "seldom.js": words}
    tree = tmp_path / shelf.put(tmp_path, files, {"main.js"})
    small, usual = ((tree / f"{name}.js.br").read_bytes() for name in ("main", "seldom"))
    assert len(small) < len(usual)
    assert brotli.decompress(small) == words


def test_a_tree_is_made_once(tmp_path: Path) -> None:
    name = shelf.put(tmp_path, LAB)
    before = (tmp_path / name / "main.js").stat().st_mtime_ns
    assert shelf.put(tmp_path, LAB) == name
    assert (tmp_path / name / "main.js").stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("path", ["../out.js", "/etc/passwd", "a/../../out", "a//b", "a\\b", ""])
def test_no_path_leads_out_of_a_tree(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="no path inside a tree"):
        shelf.put(tmp_path / "trees", {path: b"mine"})
    assert list(tmp_path.rglob("*.js")) == []


def test_what_no_image_needs_goes_and_the_rest_stays(tmp_path: Path) -> None:
    kept, gone = shelf.put(tmp_path, LAB), shelf.put(tmp_path, {"old.js": b"old"})
    (tmp_path / "draft-left-by-a-killed-program").mkdir()
    shelf.keep_only(tmp_path, {kept})
    assert [path.name for path in tmp_path.iterdir()] == [kept]
    assert gone != kept
