"""Who may have a lease, who may see it, and what nobody is told."""

import logging
from typing import Any

import pytest
from sqlalchemy import select
from support.fake_engine import FakeEngine

from technopark.people import classrooms
from technopark.store import CourseVersion, Lease

from .conftest import KEY, Holder, Park, wish


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_nobody_asks_without_a_token(broker: Park) -> None:
    assert broker.http
    assert refused(broker.http.get("/leases")) == (401, "no-token")
    assert broker.http.get("/health").json() == {"status": "ok"}


def test_who_is_no_member_gets_nothing(broker: Park) -> None:
    stranger = broker.holder("passer-by@data-6a")
    assert refused(stranger.call("POST", "/leases", json=wish())) == (403, "no-lesson")


def test_a_token_that_is_not_a_servers_asks_for_nothing(broker: Park) -> None:
    assert refused(broker.holder("masha").call("POST", "/leases", json=wish())) == (
        403,
        "no-server",
    )


def test_a_course_without_a_gpu_image_gets_none(broker: Park, masha: Holder) -> None:
    with broker.store.write() as session:
        for version in session.scalars(select(CourseVersion)):
            version.gpu_image = None
    assert refused(masha.call("POST", "/leases", json=wish())) == (403, "no-gpu")


def test_sandboxes_are_for_grading_servers_alone(masha: Holder, grader: Holder) -> None:
    assert refused(masha.call("POST", "/leases", json={"flavour": "sandbox"})) == (
        403,
        "only-grading",
    )
    assert refused(grader.call("POST", "/leases", json=wish())) == (403, "no-gpu")


def test_others_leases_are_not_there(broker: Park, masha: Holder, petya: Holder) -> None:
    lease = masha.ask()
    path = f"/leases/{lease['id']}"
    for who in (petya, broker.holder("anna@data-6a"), broker.holder("chief@data-6a")):
        for method, where, body in (
            ("GET", path, None),
            ("POST", f"{path}/signal", {"number": 2}),
            ("POST", f"{path}/stop", None),
            ("DELETE", path, None),
        ):
            assert refused(who.call(method, where, json=body)) == (404, "no-lease")
    assert petya.call("GET", "/leases").json() == []
    assert [one["id"] for one in masha.call("GET", "/leases").json()] == [lease["id"]]


def test_admins_see_everybodys_and_site_admins_their_sites(broker: Park, masha: Holder) -> None:
    lease = masha.ask()

    def sees(name: str) -> Any:
        return broker.holder(name).call("GET", "/leases", params={"all": True})

    (shown,) = sees("chief").json()
    assert (shown["id"], shown["person"], shown["site"]) == (lease["id"], "masha", "north")
    assert [one["id"] for one in sees("north-admin").json()] == [lease["id"]]
    assert sees("south-admin").json() == []
    assert refused(sees("anna")) == (403, "not-allowed")
    assert refused(sees("masha")) == (403, "not-allowed")


def test_one_person_has_one_gpu_and_waits_for_one(
    broker: Park, masha: Holder, petya: Holder
) -> None:
    first = masha.ask("k1", environment={"JPY_SESSION_NAME": "/home/pupil/data-6a/sky.ipynb"})
    masha.until(first, "running")
    second = masha.call("POST", "/leases", json=wish("k2"))
    assert refused(second) == (409, "one-at-a-time")
    assert "sky.ipynb (data-6a)" in second.json()["message"]

    robots = broker.holder("masha@robots-5b")
    waiting = robots.ask("k3")
    assert waiting["state"] == "waiting"
    masha.release(first)
    robots.until(waiting, "running")
    again = masha.ask("k4")
    assert again["state"] == "waiting", "another classroom's GPU is no second one"


def test_who_waits_in_one_classroom_does_not_wait_in_another(
    broker: Park, masha: Holder, petya: Holder
) -> None:
    petya.until(petya.ask(), "running")
    masha.ask("k1")
    robots = broker.holder("masha@robots-5b")
    assert refused(robots.call("POST", "/leases", json=wish("k2"))) == (409, "already-waiting")


def test_a_kernel_has_one_lease(masha: Holder) -> None:
    masha.until(masha.ask("k1"), "running")
    assert refused(masha.call("POST", "/leases", json=wish("k1"))) == (409, "same-kernel")


def test_a_connection_without_curve_keys_is_refused(masha: Holder) -> None:
    plain = wish(connection={"key": "k"})
    assert refused(masha.call("POST", "/leases", json=plain)) == (400, "no-encryption")


@pytest.mark.parametrize(
    "change",
    [
        {"kernel_id": "../x"},
        {"image": "sha256:evil"},
        {"cwd": "a\0b"},
        {"environment": {"LANG": 1}},
        {"connection": {"key": KEY, "curve_secretkey": "short-and-secret"}},
        {"flavour": "tpu"},
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(masha: Holder, change: dict[str, Any]) -> None:
    answer = masha.call("POST", "/leases", json=wish() | change)
    assert refused(answer) == (422, "bad-request")
    assert "secret" not in answer.text.replace("curve_secretkey", "")
    assert next(iter(change)) in answer.text or change == {"flavour": "tpu"}


def test_a_big_request_is_not_read(masha: Holder) -> None:
    huge = b"x" * (65 << 10)
    assert refused(masha.call("POST", "/leases", content=huge)) == (413, "too-big")
    endless = masha.call("POST", "/leases", content=iter([b"{", b"}"]))
    assert refused(endless) == (413, "too-big")


def test_who_leaves_the_classroom_loses_the_lease_within_seconds(
    broker: Park, masha: Holder
) -> None:
    lease = masha.ask()
    masha.until(lease, "running")
    with broker.store.write() as session:
        classrooms.remove_member(session, "data-6a", "masha")
    ended = masha.until(lease, "ended", seconds=5)
    assert ended["reason"] == "rights"
    assert "нет в твоём списке" in ended["message"]


def test_keys_are_kept_only_until_the_kernel_runs_and_never_logged(
    broker: Park, masha: Holder, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine.gate.clear()
    lease = masha.ask()
    with broker.store.read() as session:
        row = session.get_one(Lease, lease["id"])
        assert row.connection
        assert row.connection["curve_secretkey"] == KEY
    engine.gate.set()
    seen = masha.until(lease, "running")
    (box,) = engine.running("gpu")
    assert box.order.connection
    assert box.order.connection["key"] == "secret-key"
    with broker.store.read() as session:
        assert session.get_one(Lease, lease["id"]).connection is None
    for secret in (KEY, "secret-key"):
        assert secret not in caplog.text
        assert secret not in repr(box.order)
        assert secret not in str([lease, seen])


@pytest.mark.parametrize(
    ("wanted", "folder"),
    [
        ("data-6a", "/home/pupil/data-6a"),
        ("", "/home/pupil"),
        ("../petya", "/home/pupil"),
        ("/etc", "/home/pupil"),
        ("link", "/home/pupil"),
        ("not-there", "/home/pupil"),
        ("data-6a/../data-6a", "/home/pupil/data-6a"),
    ],
)
def test_a_kernel_starts_in_a_folder_of_its_own_home(
    broker: Park, masha: Holder, engine: FakeEngine, wanted: str, folder: str
) -> None:
    home = broker.settings.homes / "masha"
    (home / "data-6a").mkdir(parents=True)
    (home.parent / "petya").mkdir()
    (home / "link").symlink_to("/etc")
    masha.until(masha.ask(cwd=wanted), "running")
    (box,) = engine.running("gpu")
    assert box.order.folder == folder
    assert box.order.folders[home] == "/home/pupil:rw"
