"""What may be sent, and what is refused with a sentence; a refused work leaves nothing behind."""

import gzip
import io
import os
import socket
import tarfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from technopark.bench.rehearsal import archive, token
from technopark.exchange.content import ContentStore, Entry
from technopark.exchange.intake import receive
from technopark.exchange.refusals import Refusal
from technopark.settings import Exchange

Send = Callable[..., httpx.Response]
LIMITS = Exchange(max_bytes=100 << 10, max_files=5, max_depth=3)


def member(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"") -> bytes:
    """A gzip-compressed tar of one member of any kind."""
    header = tarfile.TarInfo(name)
    header.type = kind
    header.linkname = "/etc/passwd"
    header.size = len(content)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(header, io.BytesIO(content))
    return gzip.compress(packed.getvalue())


def described(**headers: str) -> bytes:
    """A gzip-compressed tar of one file with extended headers (PAX) of the sender's choice."""
    header = tarfile.TarInfo("a")
    header.pax_headers = {name.replace("_", "."): value for name, value in headers.items()}
    header.size = len(content := b"no numbers")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(header, io.BytesIO(content))
    return gzip.compress(packed.getvalue())


def take(body: bytes, folder: Path) -> list[Entry]:
    """What `receive` keeps of a body that comes in small pieces."""
    pieces = iter([body[at : at + 997] for at in range(0, len(body), 997)])
    store = ContentStore(folder)
    with store.stage() as staging:
        receive(lambda: next(pieces, b""), staging, LIMITS)
        return store.manifest(staging.keep())


REFUSED = {
    "a link to a file": (member("a", tarfile.SYMTYPE), "link"),
    "a hard link": (member("a", tarfile.LNKTYPE), "link"),
    "a device": (member("a", tarfile.CHRTYPE), "not-a-file"),
    "a disk": (member("a", tarfile.BLKTYPE), "not-a-file"),
    "a pipe": (member("a", tarfile.FIFOTYPE), "not-a-file"),
    "a way up": (member("../a", content=b"x"), "outside"),
    "a hidden way up": (member("a/../../b", content=b"x"), "outside"),
    "an absolute path": (member("/etc/cron.d/a", content=b"x"), "outside"),
    "an empty step": (member("a//b", content=b"x"), "bad-file-name"),
    "a Windows path": (member("a\\b", content=b"x"), "bad-file-name"),
    "a line break": (member("a\nb", content=b"x"), "bad-file-name"),
    "a very long name": (member("x" * 256, content=b"x"), "bad-file-name"),
    "too many folders": (member("1/2/3/4/a", content=b"x"), "too-deep"),
    "too many files": (archive({str(n): b"" for n in range(6)}), "too-many-files"),
    "too many bytes": (archive({"a": bytes(100 << 10), "b": b"x"}), "too-big"),
    "one spelling in two cases": (archive({"Task.ipynb": b"", "task.ipynb": b""}), "same-name"),
    "one folder in two cases": (archive({"Data/a": b"", "data/b": b""}), "same-name"),
    "one letter in two forms": (
        archive({unicodedata.normalize(form, "й.txt"): b"" for form in ("NFC", "NFD")}),
        "same-name",
    ),
    "a file that is a folder too": (archive({"a": b"", "a/b": b""}), "same-name"),
    "no files": (archive({}), "empty"),
    "no archive": (b"a notebook", "not-an-archive"),
    "a text in gzip": (gzip.compress(b"a notebook" * 100), "not-an-archive"),
    "a size below zero": (described(size="-5"), "cut-off"),
    "a file with holes that nobody understands": (
        described(GNU_sparse_major="1", GNU_sparse_minor="0"),
        "not-an-archive",
    ),
    "a map of holes without numbers": (described(GNU_sparse_map="a,b"), "not-an-archive"),
    "something after the end": (archive({"a": b"x"}) + b"more", "not-an-archive"),
    "nothing": (b"", "cut-off"),
    "half": (archive({"a": os.urandom(5000)})[:-2500], "cut-off"),
    "all but the last byte": (archive({"a": b"x"})[:-1], "cut-off"),
}


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED)
def test_a_body_that_cannot_be_taken_is_refused(tmp_path: Path, body: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        take(body, tmp_path)

    assert refused.value.code == code
    for language in ("ru", "en"):
        assert refused.value.sentence(language).endswith(".")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for content in (b"1", b"2"):
            header = tarfile.TarInfo("a")
            header.size = 1
            tar.addfile(header, io.BytesIO(content))
    with pytest.raises(Refusal) as refused:
        take(gzip.compress(packed.getvalue()), tmp_path)
    assert refused.value.code == "same-name"


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(lambda: member("a", content=bytes(64 << 20)), id="in a file"),
        pytest.param(lambda: gzip.compress(bytes(64 << 20)), id="behind the end"),
        pytest.param(lambda: member("a", tarfile.XHDTYPE, bytes(64 << 20)), id="in a header"),
    ],
)
def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, bomb: Callable[[], bytes]) -> None:
    body = bomb()
    assert len(body) < 100 << 10

    with pytest.raises(Refusal) as refused:
        take(body, tmp_path)
    assert refused.value.code in ("too-big", "empty")


def test_a_damaged_archive_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    body = bytearray(archive({"a": os.urandom(9000)}))
    body[5000] ^= 1

    with pytest.raises(Refusal) as refused:
        take(bytes(body), tmp_path)
    assert refused.value.code in ("not-an-archive", "cut-off")


NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/\\"),
    min_size=1,
    max_size=20,
).filter(lambda name: name not in (".", ".."))
FILES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=3000), max_size=5
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=FILES)
def test_whatever_is_taken_comes_back_as_it_was(tmp_path: Path, files: dict[str, bytes]) -> None:
    try:
        take(archive(files), tmp_path)
    except Refusal as refusal:
        assert refusal.code in ("same-name", "empty")  # noqa: PT017  # both outcomes are right
        return
    store = ContentStore(tmp_path)
    with store.stage() as staging:
        for name, content in files.items():
            staging.add(name, io.BytesIO(content))
        stream = io.BytesIO(b"".join(store.tar(staging.keep())))
    with tarfile.open(fileobj=stream, encoding="utf-8") as tar:
        back = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
    assert back == files


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kept=st.floats(0, 1), noise=st.binary(min_size=1, max_size=20))
def test_no_piece_of_an_archive_passes_for_the_whole(
    tmp_path: Path, kept: float, noise: bytes
) -> None:
    whole = archive({"a": noise * 50, "b/c": noise})
    cut = whole[: int(len(whole) * kept)]
    if cut == whole:
        return
    with pytest.raises(Refusal) as refused:
        take(cut, tmp_path)
    assert refused.value.code == "cut-off"


def test_a_refusal_reaches_a_sender_who_still_sends(
    site: Any, masha: httpx.Client, send: Send
) -> None:
    answer = send(masha, {"ps1.ipynb": os.urandom(8 << 20)})

    assert answer.status_code == 413
    assert "0.0976562 MB" in answer.json()["message"]


def test_a_broken_connection_hands_nothing_in(site: Any, masha: httpx.Client, send: Send) -> None:
    body = archive({"ps1.ipynb": os.urandom(20_000)})
    url = httpx.URL(site.url)
    with socket.create_connection((url.host, url.port)) as connection:
        head = (
            f"POST {site.ps1}/submissions HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: token {token('masha')}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body[:-1])

    assert masha.get("/submissions").json() == []
    assert send(masha).status_code == 201
    assert len(masha.get("/submissions").json()) == 1


def test_a_third_upload_at_a_time_of_one_person_has_to_wait(
    site: Any, masha: httpx.Client, send: Send
) -> None:
    uploads = site.app.state.service.uploads
    with uploads._one_more("masha"), uploads._one_more("masha"):
        answer = send(masha)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert send(masha).status_code == 201
