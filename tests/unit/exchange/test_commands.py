"""`technopark exchange`: an admin extends a deadline, verifies a receipt, checks the files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from technopark import settings as park_settings
from technopark.exchange import commands

Send = Callable[..., httpx.Response]


@pytest.fixture
def call(site: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setattr(park_settings, "load", lambda: site.settings)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(commands.app, list(arguments))
        return str(result.exception) if result.exception else result.output

    return run


def test_an_extension_counts_at_once(
    site: Any, petya: httpx.Client, send: Send, call: Callable[..., str]
) -> None:
    said = call("extend", "data-6a", "ps1", "petya", "2026-11-25T20:00")
    site.set_clock(site.after)

    assert said == "petya may hand in ps1 until 2026-11-25T17:00:00.000000Z (UTC).\n"
    assert send(petya).json()["late"] is False


def test_an_extension_for_nobody_is_a_sentence(
    released: dict[str, Any], call: Callable[..., str]
) -> None:
    said = call("extend", "data-6a", "ps1", "nobody", "2026-11-25T20:00")

    assert said == "There is no pupil “nobody” in the classroom “data-6a”."


def test_a_receipt_is_verified_here_and_elsewhere(
    masha: httpx.Client, send: Send, call: Callable[..., str], tmp_path: Path
) -> None:
    receipt = send(masha).json()
    file, key, forged = (tmp_path / name for name in ("receipt.json", "key.pem", "forged.json"))
    file.write_text(json.dumps(receipt))
    forged.write_text(json.dumps(receipt | {"received_at": "2026-11-01T00:00:00.000000Z"}))
    key.write_text(call("public-key"))

    assert call("verify", str(file)).endswith("The park has the work, whole.\n")
    assert call("verify", str(file), "--key", str(key)).startswith("Genuine: masha handed in ps1")
    for arguments in ([], ["--key", str(key)]):
        assert "signature does not fit" in call("verify", str(forged), *arguments)
    assert "is not a receipt" in call("verify", str(key))
    assert "is not a public key" in call("verify", str(file), "--key", str(file))


def test_the_check_finds_a_missing_file(
    site: Any, masha: httpx.Client, send: Send, call: Callable[..., str]
) -> None:
    send(masha, {"ps1.ipynb": b"precious"})
    assert call("check") == "Every assignment, submission and feedback is whole.\n"
    for path in (site.settings.data / "exchange" / "content").rglob("*"):
        if path.is_file() and path.read_bytes() == b"precious":
            path.unlink()

    assert "ps1.ipynb" in call("check")
