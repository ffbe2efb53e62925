"""Everything about one person in one archive, and nothing of anybody else."""

import io
import json
import zipfile
from typing import Any

import pytest

from technopark.exchange import receipts
from technopark.safety import export

from .conftest import COMMENT, NAME, OTHERS_WORK, SHOWN, WORK, Traces


@pytest.fixture
def archive(traces: Traces) -> zipfile.ZipFile:
    file = io.BytesIO()
    export.write(traces.settings, traces.store, NAME, file)
    return zipfile.ZipFile(file)


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def test_rows_of_the_store_are_in_it_but_not_the_hash_of_the_words(
    archive: zipfile.ZipFile,
) -> None:
    found = read(archive, "park.json")
    tables = found["tables"]
    assert tables["park_person"][0]["full_name"] == "Даша Ивольгина"
    assert "passphrase_hash" not in tables["park_person"][0]
    assert len(tables["park_submission"]) == len(tables["park_hand_in"]) == 2
    assert set(tables) >= {"park_membership", "park_extension", "park_feedback", "park_lease"}
    assert [one["did"] for one in found["log"]] == ["pupil-in", "joined"]
    assert found["log"][0]["whom"] == "this person"
    assert found["sign_in"][0]["name"] == NAME
    assert [one["what"] for one in found["takes_part_in"]] == ["Её проект"]
    assert "secret_hash" not in tables["park_feed_key"][0]


def test_works_receipts_and_feedback_are_in_it(archive: zipfile.ZipFile, traces: Traces) -> None:
    names = archive.namelist()
    key = receipts.load_signer(receipts.key_path(traces.data)).public_key
    for number in traces.ids:
        (name,) = (one for one in names if one.endswith(f"{number}/receipt.json"))
        assert receipts.verify(read(archive, name), key)
        assert WORK.encode() in archive.read(name.replace("receipt.json", "files/ps1.ipynb"))
    (html,) = (one for one in names if one.endswith("feedback/ps1.html"))
    assert COMMENT.encode() in archive.read(html)


def test_the_portfolio_is_in_it(archive: zipfile.ZipFile) -> None:
    assert archive.read(f"shown/{SHOWN}.html").decode() == WORK
    tables = read(archive, "park.json")["tables"]
    assert tables["park_shown_work"][0]["words"] == WORK
    assert tables["park_consent"][0]["recorded_by"] == NAME
    assert len(tables["park_letter"]) == 1


def test_marks_and_the_home_are_in_it(archive: zipfile.ZipFile) -> None:
    marks = read(archive, "marks/data-6a/data-6a/gradebook.db.json")
    assert marks["comment"][0]["manual_comment"] == COMMENT
    assert marks["grade"][0]["manual_score"] == 1
    assert archive.read("home/data-6a/ps1.ipynb").decode() == WORK
    assert "home/out" not in archive.namelist(), "a link is not followed"


def test_nothing_of_others_is_in_it(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        content = archive.read(name)
        for other in ("petya", OTHERS_WORK, "дом лес дым", f"{NAME}-2"):
            assert other.encode() not in content, name
