"""Folders to streams and back: the archive that is sent, and the manifest that names its content.

Called by `client`. The same files give the same bytes, whenever and by whomever they are packed;
the manifest is built as the service builds it, so that both sides can compare.
"""

import hashlib
import json
import os
import stat
import tarfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

Ignore = Callable[[str, list[str]], Iterable[str]]
"""As of `shutil.copytree`: a folder and names in it, to the names to leave out."""


class FileNameError(Exception):
    """A file's name is no text; holds the name."""


class Parcel:
    """A folder's files, to be sent once or more often; `sha256` is known after each sending."""

    def __init__(self, folder: Path, ignore: Ignore) -> None:
        self._folder = folder
        self._ignore = ignore
        self._rows: list[tuple[str, int, str]] = []

    def __iter__(self) -> Iterator[bytes]:
        """The gzip-compressed tar stream.

        Raises:
            FileNameError: a file's name is no text.
        """
        self._rows = []
        # Not `gzip`: its header would hold the time.
        packer = zlib.compressobj(level=1, wbits=31)
        for piece in self._tar():
            yield packer.compress(piece)
        yield packer.flush()

    @property
    def sha256(self) -> str:
        """The hash of the manifest of what was sent last."""
        return manifest_hash(self._rows)

    def _tar(self) -> Iterator[bytes]:
        for path in sorted(self._paths()):
            name = path.relative_to(self._folder).as_posix()
            header = tarfile.TarInfo(name)
            header.mode = 0o644
            kind = path.lstat().st_mode
            content = b""
            if stat.S_ISREG(kind):
                # Read whole: a notebook that is saved meanwhile must not change under our hands.
                content = path.read_bytes()
                header.size = len(content)
                self._rows.append((name, len(content), hashlib.sha256(content).hexdigest()))
            else:
                # The service says in a sentence why it does not take these.
                header.type = tarfile.SYMTYPE if stat.S_ISLNK(kind) else tarfile.FIFOTYPE
            try:
                yield header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
            except UnicodeEncodeError:
                raise FileNameError(name.encode("utf-8", "replace").decode()) from None
            yield content
            yield bytes(-len(content) % tarfile.BLOCKSIZE)
        yield bytes(2 * tarfile.BLOCKSIZE)

    def _paths(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self._folder):
            ignored = set(self._ignore(folder, [*folders, *files]))
            folders[:] = [name for name in folders if name not in ignored]
            for name in (*folders, *files):
                path = Path(folder, name)
                if name not in ignored and (path.is_symlink() or not path.is_dir()):
                    yield path


def manifest_hash(rows: Iterable[tuple[str, int, str]]) -> str:
    """The hash that names a set of files, each given by path, size and sha256."""
    text = json.dumps(sorted(map(list, rows)), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def unpack(stream: IO[bytes], folder: Path) -> str:
    """Writes a tar stream of the service into the empty `folder`; returns its manifest's hash.

    Raises:
        tarfile.TarError: the stream is cut off, or would write outside the folder.
        OSError: the disk is full, among others.
    """
    rows = []
    with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8") as archive:
        for member in archive:
            member.mtime = time.time()  # the service keeps contents; a file is new where it lands
            archive.extract(member, folder, filter="data")
            content = (folder / member.name).read_bytes()
            rows.append((member.name, len(content), hashlib.sha256(content).hexdigest()))
    return manifest_hash(rows)
