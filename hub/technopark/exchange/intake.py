"""Reading what somebody sent: a gzip-compressed tar stream, taken file by file or refused.

Called by `routes` in a worker thread. It believes nothing that the archive says: sizes are
counted after unpacking, names are checked against all others, and nothing is ever unpacked to a
path that the archive names.
"""

import tarfile
import unicodedata
import zlib
from collections.abc import Callable
from typing import IO, cast

from technopark.exchange.content import Staging
from technopark.exchange.refusals import Refusal
from technopark.settings import Exchange as Limits

_HEADERS_PER_FILE = 4 << 10
"""Bytes that an honest archive spends on one file or folder beside its content."""
_LONGEST_NAME = 255


def receive(read: Callable[[], bytes], staging: Staging, limits: Limits) -> None:
    """Takes the stream that `read` hands out piece by piece (empty at its end) into `staging`.

    Raises:
        Refusal: the stream is not what an exchange can take; nothing of it is to be kept.
        OSError: the disk is full, among others.
    """
    ceiling = limits.max_bytes + (limits.max_files * 2 + 64) * _HEADERS_PER_FILE
    plain = _Unzipped(read, ceiling, limits.max_bytes)
    names = _Names(limits)
    try:
        with tarfile.open(
            fileobj=cast("IO[bytes]", plain), mode="r|", encoding="utf-8", errors="strict"
        ) as archive:
            total = 0
            for member in archive:
                name = names.check(member)
                if member.isdir():
                    continue
                total += member.size
                if total > limits.max_bytes:
                    raise Refusal("too-big", limit=in_megabytes(limits.max_bytes))
                content = archive.extractfile(member)
                if content is None or staging.add(name, content).size != member.size:
                    raise Refusal("cut-off")
    except (tarfile.TarError, ValueError):  # tarfile lets slip what is no number where one must be
        raise Refusal("cut-off" if plain.is_cut_off else "not-an-archive") from None
    plain.finish()
    if not staging.entries:
        raise Refusal("empty")


def in_megabytes(size: int) -> str:
    """A size as people say it."""
    return f"{size / (1 << 20):g} MB"


class _Unzipped:
    """The stream without its compression, counted, and known to be whole at its end."""

    def __init__(self, read: Callable[[], bytes], ceiling: int, limit: int) -> None:
        self._read = read
        self._left = ceiling
        self._limit = limit
        self._zip = zlib.decompressobj(wbits=31)
        self._packed = b""
        self._plain = b""
        self.is_cut_off = False

    def read(self, size: int) -> bytes:
        while len(self._plain) < size and not self._zip.eof:
            self._packed = self._packed or self._read()
            if not self._packed:
                self.is_cut_off = True
                raise Refusal("cut-off")
            try:
                piece = self._zip.decompress(self._packed, size)
            except zlib.error:
                raise Refusal("not-an-archive") from None
            self._packed = self._zip.unconsumed_tail
            self._left -= len(piece)
            if self._left < 0:
                raise Refusal("too-big", limit=in_megabytes(self._limit))
            self._plain += piece
        taken, self._plain = self._plain[:size], self._plain[size:]
        return taken

    def finish(self) -> None:
        """Reads to the end, where the checksum is; after it nothing may follow."""
        while self.read(1 << 16):
            pass
        if self._zip.unused_data or self._read():
            raise Refusal("not-an-archive")


class _Names:
    """The names seen so far, as the most forgiving file system would see them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._seen: dict[str, tuple[str, bool]] = {}
        self._count = [0, 0]
        """Files, and folders that the archive names for their own sake."""

    def check(self, member: tarfile.TarInfo) -> str:
        """The member's clean name.

        Raises:
            Refusal: not a plain file or folder, or its name does not do.
        """
        name = member.name.removeprefix("./")
        shown = name[:_LONGEST_NAME]
        if member.issym() or member.islnk():
            raise Refusal("link", name=shown)
        if not member.isdir() and (not member.isreg() or member.issparse()):
            raise Refusal("not-a-file", name=shown)
        if member.isdir() and name in ("", "."):
            return name
        if name.startswith("/") or ".." in name.split("/"):
            raise Refusal("outside", name=shown)
        parts = name.split("/")
        if not all(_is_plain(part) for part in parts):
            raise Refusal("bad-file-name", name=shown)
        if len(parts) - 1 > self._limits.max_depth:
            raise Refusal("too-deep", name=shown, limit=self._limits.max_depth)
        for end in range(1, len(parts) + 1):
            is_folder = end < len(parts) or member.isdir()
            self._remember("/".join(parts[:end]), is_folder)
        self._count[member.isdir()] += 1
        if max(self._count) > self._limits.max_files:
            raise Refusal("too-many-files", limit=self._limits.max_files)
        return name

    def _remember(self, path: str, is_folder: bool) -> None:
        """Notes a path; a folder may come again, in the same spelling."""
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())
        if folded not in self._seen:
            self._seen[folded] = (path, is_folder)
            return
        other, was_folder = self._seen[folded]
        if not (is_folder and was_folder and other == path):
            raise Refusal("same-name", name=path[:_LONGEST_NAME], other=other[:_LONGEST_NAME])


def _is_plain(part: str) -> bool:
    """Whether one step of a path can be a file's name on every computer that we know."""
    return (
        part not in ("", ".")
        and len(part.encode()) <= _LONGEST_NAME
        and "\\" not in part
        and all(unicodedata.category(letter) not in ("Cc", "Cs") for letter in part)
    )
