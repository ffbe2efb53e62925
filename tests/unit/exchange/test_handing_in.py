"""A pupil hands in: receipts, versions, lateness."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from technopark.exchange.check import damaged, lost_receipts
from technopark.exchange.receipts import read_public_key, verify

Send = Callable[..., httpx.Response]


def collected(teacher: httpx.Client, site: Any, which: str = "latest") -> list[dict[str, Any]]:
    answer = teacher.get(f"{site.ps1}/collection", params={"which": which})
    assert answer.is_success, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_receipt_says_what_whose_and_when(site: Any, masha: httpx.Client, send: Send) -> None:
    answer = send(masha)

    receipt = answer.json()
    assert answer.status_code == 201
    assert receipt["person"] == "masha"
    assert receipt["classroom"] == "data-6a"
    assert receipt["assignment"] == "ps1"
    assert receipt["received_at"] == "2026-11-25T14:00:00.000000Z"
    assert receipt["timezone"] == "Europe/Moscow"
    assert receipt["late"] is False
    assert lost_receipts(site.settings, [receipt]) == []


def test_anybody_can_verify_a_receipt_with_the_public_key(
    site: Any, masha: httpx.Client, send: Send
) -> None:
    receipt = send(masha).json()
    public_key = read_public_key(httpx.get(f"{site.url}/key", trust_env=False).content)

    assert verify(receipt, public_key)
    assert not verify(receipt | {"received_at": "2026-11-24T14:00:00.000000Z"}, public_key)
    assert not verify(receipt | {"person": "petya"}, public_key)
    assert not verify({"signature": receipt["signature"]}, public_key)


def test_the_signing_key_is_for_the_owner_alone(site: Any) -> None:
    key = site.settings.data / "secrets" / "exchange-receipts.pem"

    assert key.stat().st_mode & 0o777 == 0o600


def test_the_same_work_again_is_the_same_receipt_and_not_late(
    site: Any, masha: httpx.Client, send: Send
) -> None:
    first = send(masha)
    site.set_clock(site.after)
    again = send(masha)

    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.json()["late"] is False


def test_the_same_files_in_another_archive_are_the_same_work(
    masha: httpx.Client, send: Send
) -> None:
    first = send(masha, {"ps1.ipynb": b"A", "data/x.csv": b"1"})
    again = send(masha, {"data/x.csv": b"1", "ps1.ipynb": b"A"})

    assert again.json()["id"] == first.json()["id"]


def test_other_work_after_the_deadline_is_late_and_kept_beside_the_first(
    site: Any, masha: httpx.Client, teacher: httpx.Client, send: Send
) -> None:
    first = send(masha, "A").json()
    site.set_clock(site.after)
    second = send(masha, "B").json()

    assert second["late"] is True
    assert [one["id"] for one in masha.get("/submissions").json()] == [first["id"], second["id"]]
    assert [one["id"] for one in collected(teacher, site)] == [second["id"]]
    assert [one["id"] for one in collected(teacher, site, "before-deadline")] == [first["id"]]


def test_what_was_handed_in_last_counts_also_when_it_is_an_earlier_version(
    site: Any, masha: httpx.Client, teacher: httpx.Client, send: Send
) -> None:
    a = send(masha, "A").json()
    b = send(masha, "B").json()
    site.set_clock(site.after)
    assert send(masha, "A").json() == a

    assert collected(teacher, site)[0]["id"] == a["id"]
    assert collected(teacher, site)[0]["late"] is False, "these files came in time"
    assert collected(teacher, site, "before-deadline")[0]["id"] == b["id"]


def test_who_was_never_in_time_is_collected_all_the_same(
    site: Any, petya: httpx.Client, teacher: httpx.Client, send: Send
) -> None:
    site.set_clock(site.after)
    late = send(petya).json()

    assert [one["id"] for one in collected(teacher, site, "before-deadline")] == [late["id"]]


def test_the_last_moment_of_the_deadline_is_in_time(
    site: Any, masha: httpx.Client, petya: httpx.Client, send: Send
) -> None:
    site.set_clock(site.due)
    assert send(masha).json()["late"] is False
    site.set_clock(site.due + timedelta(microseconds=1))
    assert send(petya).json()["late"] is True


def test_an_extension_is_for_one_pupil_and_in_the_sites_time_zone(
    site: Any, masha: httpx.Client, petya: httpx.Client, teacher: httpx.Client, send: Send
) -> None:
    answer = teacher.put(f"{site.ps1}/extensions/petya", json={"due": "2026-11-25 20:00"})
    assert answer.json() == {"person": "petya", "due": "2026-11-25T17:00:00.000000Z"}
    site.set_clock(site.after)

    assert send(petya).json()["late"] is False
    assert send(masha).json()["late"] is True
    late = {one["person"]: one["late"] for one in collected(teacher, site)}
    assert late == {"masha": True, "petya": False}

    teacher.delete(f"{site.ps1}/extensions/petya").raise_for_status()
    assert {one["late"] for one in collected(teacher, site)} == {True}


def test_an_extension_that_is_too_early_takes_nothing_away(
    site: Any, petya: httpx.Client, teacher: httpx.Client, send: Send
) -> None:
    earlier = (site.due - timedelta(days=1)).isoformat()
    teacher.put(f"{site.ps1}/extensions/petya", json={"due": earlier}).raise_for_status()

    assert send(petya).json()["late"] is False


def test_a_moved_deadline_changes_the_mark_and_not_the_signature(
    site: Any, masha: httpx.Client, teacher: httpx.Client, send: Send
) -> None:
    site.set_clock(site.after)
    receipt = send(masha).json()
    teacher.patch(site.ps1, json={"due": "2026-11-26 18:00"}).raise_for_status()

    now = masha.get("/submissions").json()[0]
    assert (receipt["late"], now["late"]) == (True, False)
    assert now["signature"] == receipt["signature"]
    assert lost_receipts(site.settings, [receipt, now]) == []


def test_without_a_deadline_nothing_is_late(
    site: Any, masha: httpx.Client, teacher: httpx.Client, send: Send
) -> None:
    teacher.patch(site.ps1, json={"due": None}).raise_for_status()
    site.set_clock(site.after + timedelta(days=300))

    assert send(masha).json()["late"] is False


def test_the_check_names_what_is_damaged(site: Any, masha: httpx.Client, send: Send) -> None:
    receipt = send(masha, {"ps1.ipynb": b"precious"}).json()
    assert damaged(site.settings) == []
    precious = next(
        path
        for path in (site.settings.data / "exchange" / "content").rglob("*")
        if path.is_file() and path.read_bytes() == b"precious"
    )
    precious.chmod(0o600)
    precious.write_bytes(b"spoilt")

    assert damaged(site.settings) == [f"submission {receipt['sha256']}: ps1.ipynb"]
    assert lost_receipts(site.settings, [receipt]) == [f"{receipt['id']}: ps1.ipynb is damaged"]


def test_a_forged_receipt_is_found(site: Any, masha: httpx.Client, send: Send) -> None:
    receipt = send(masha).json()

    problems = lost_receipts(site.settings, [receipt | {"id": "0" * 16}])
    assert problems == ["0000000000000000: the signature does not fit"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_refusal_is_a_sentence_in_the_askers_language(site: Any, language: str) -> None:
    with site.as_("masha", language) as client:
        answer = client.get("/classrooms/data-6a/assignments/ps9")

    assert answer.status_code == 404
    sentence = {
        "ru": "В классе «data-6a» нет задания «ps9». Проверь название.",
        "en": "There is no assignment “ps9” in the classroom “data-6a”. Check its name.",
    }
    assert answer.json() == {"code": "no-assignment", "message": sentence[language]}
