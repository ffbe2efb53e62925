"""Files kept by their content: `content/ab/<sha256>`, written once, never changed.

Called by `intake` (writes), by `routes` (reads) and by `safety` (removes what a deleted person
left). A file is on the disk, its folder entry included, before anybody hears of it; a file here is
never overwritten by another content.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Self
from uuid import uuid4

_CHUNK = 1 << 18


@dataclass(frozen=True, order=True)
class Entry:
    """One file of a manifest."""

    path: str
    size: int
    sha256: str


def manifest_text(entries: list[Entry]) -> bytes:
    """The manifest of a set of files: canonical JSON, whose sha256 names the whole set.

    Sorted by path; `technopark_exchange.packing` builds the same bytes on the sender's side.
    """
    rows = [[entry.path, entry.size, entry.sha256] for entry in sorted(entries)]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


class ContentStore:
    """The exchange's files under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._content = folder / "content"
        self._incoming = folder / "incoming"
        self._content.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)
        for created in (folder.parent, folder):
            _sync_folder(created)

    def sweep(self) -> None:
        """Removes what an earlier process left half written. Call before anything is taken."""
        for left in self._incoming.iterdir():
            shutil.rmtree(left)

    def stage(self) -> "Staging":
        """A place to write incoming files to; see `Staging`."""
        return Staging(self._incoming / uuid4().hex, self)

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """While files are kept and the store is told of them: nothing is removed meanwhile."""
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    @contextmanager
    def removing(self, seconds: float) -> Iterator[None]:
        """While files are removed: nothing is kept meanwhile, as it may rest on one of them.

        Raises:
            TimeoutError: for so many seconds there was always somebody who hands in.
        """
        until = time.monotonic() + seconds
        with (self.folder / "lock").open("a") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise TimeoutError from None
                    time.sleep(0.01)
            yield

    def remove(self, sha256: str) -> int:
        """Removes a file for good, inside `removing`; its size, or 0 where it was gone."""
        path = self.path(sha256)
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        return size

    def path(self, sha256: str) -> Path:
        """Where the content with this hash is, or would be."""
        return self._content / sha256[:2] / sha256

    def manifest(self, sha256: str) -> list[Entry]:
        """The files of the set that this manifest hash names."""
        return list(_read_manifest(self.path(sha256)))

    def tar(self, sha256: str) -> Iterator[bytes]:
        """The set of files as an uncompressed tar stream, in chunks."""
        for entry in self.manifest(sha256):
            header = tarfile.TarInfo(entry.path)
            header.size, header.mode = entry.size, 0o644
            yield header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
            with self.path(entry.sha256).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
            yield bytes(-entry.size % tarfile.BLOCKSIZE)
        yield bytes(2 * tarfile.BLOCKSIZE)

    def damage(self, sha256: str) -> list[str]:
        """Reads the whole set again and names what is missing or changed; empty: all is well."""
        found = []
        try:
            entries = self.manifest(sha256)
        except (OSError, ValueError):
            return [f"manifest {sha256}"]
        if hashlib.sha256(manifest_text(entries)).hexdigest() != sha256:
            found.append(f"manifest {sha256}")
        for entry in entries:
            try:
                with self.path(entry.sha256).open("rb") as file:
                    actual = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                actual = ""
            if actual != entry.sha256:
                found.append(entry.path)
        return found


class Staging:
    """Files on their way in: written and flushed aside, then kept all at once or not at all."""

    def __init__(self, folder: Path, store: ContentStore) -> None:
        self._folder = folder
        self._store = store
        self.entries: list[Entry] = []

    def __enter__(self) -> Self:
        self._folder.mkdir()
        return self

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self._folder)

    def add(self, path: str, source: IO[bytes]) -> Entry:
        """Writes one file, hashed on the way and flushed to the disk.

        Raises:
            OSError: the disk is full, among others.
        """
        digest, size = hashlib.sha256(), 0
        written = self._folder / str(len(self.entries))
        with written.open("xb") as file:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
                size += len(chunk)
            _sync(file)
        entry = Entry(path, size, digest.hexdigest())
        self.entries.append(entry)
        return entry

    def keep(self) -> str:
        """Moves the files to where they stay and returns the hash of their manifest.

        When it returns, files, manifest and their folder entries are on the disk.
        """
        text = manifest_text(self.entries)
        name = hashlib.sha256(text).hexdigest()
        manifest = self._folder / "manifest"
        with manifest.open("xb") as file:
            file.write(text)
            _sync(file)
        moves = [(self._folder / str(n), entry.sha256) for n, entry in enumerate(self.entries)]
        folders = set()
        for source, sha256 in [*moves, (manifest, name)]:
            target = self._store.path(sha256)
            if not target.parent.exists():
                target.parent.mkdir(exist_ok=True)
                _sync_folder(target.parent.parent)
            if not target.exists():
                source.chmod(0o400)
                source.replace(target)
            # Also where the file was there: whoever put it there may not have flushed it yet.
            folders.add(target.parent)
        for folder in folders:
            _sync_folder(folder)
        return name


@lru_cache(maxsize=4096)
def _read_manifest(path: Path) -> tuple[Entry, ...]:
    return tuple(Entry(*row) for row in json.loads(path.read_bytes()))


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
