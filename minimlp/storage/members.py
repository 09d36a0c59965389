"""What a zip archive promises, checked against what is there before anything is unpacked.

A stored member promises the bytes that it has. Deflate makes at most 258 bytes of 2 bits, so

    promised ≤ 1032 · packed

and members lie one after the other, so all of them promise at most 1032 times the file's size. A
member is unpacked up to what it promises, and no further.
"""

from __future__ import annotations

import io
import stat
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zipfile import ZipInfo

_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_UTF8 = 0x0800
_MOST = 1032
_LOCAL = struct.Struct("<4s5H3L2H")  # magic, ..., lengths of name and of extra fields


class Member(NamedTuple):
    """One member: its bytes as they are in the archive, and what it promises."""

    packed: memoryview
    deflated: bool
    size: int
    checksum: int

    def start(self, count: int) -> bytes:
        """Give its first bytes, at most `count`; they are not checked yet."""
        if not self.deflated:
            return bytes(self.packed[:count])
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(self.packed, count)

    def read(self) -> memoryview:
        """Give all of it.

        Raises
        ------
        ValueError
            It is more, less or something else than promised.
        """
        content = self.packed
        if self.deflated:
            try:
                content = memoryview(self.start(self.size + 1))
            except zlib.error as error:
                raise ValueError(str(error)) from error
        if len(content) != self.size or zlib.crc32(content) != self.checksum:
            raise ValueError("its checksum is wrong")
        return content


def directory(content: bytes) -> list[ZipInfo]:
    """Read the table of contents.

    Raises
    ------
    ValueError
        There is none, or it is damaged.
    """
    import zipfile

    # A damaged one can raise nearly anything: BadZipFile, NotImplementedError, struct.error, ...
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except Exception as error:
        raise ValueError(f"{error}") from error


def find_members(content: bytes, entries: Sequence[ZipInfo]) -> dict[str, Member]:
    """Find the members that a table of contents lists, and check their kinds, sizes and places.

    Raises
    ------
    ValueError
        One is there twice, encrypted, a link or a folder, packed in another way, lies elsewhere or
        over another, or promises what it cannot hold.
    """
    found: dict[str, Member] = {}
    free = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        name = entry.orig_filename
        if name in found:
            raise ValueError(f"it holds {name!r:.80} twice")
        _check_kind(name, entry)
        start = _start(content, name, entry, free)
        free = start + entry.compress_size
        deflated = entry.compress_type == _DEFLATED
        most = entry.compress_size * (_MOST if deflated else 1)
        least = 0 if deflated else most
        if free > len(content) or not least <= entry.file_size <= most:
            raise ValueError(
                f"{name!r:.80} promises {entry.file_size:,} bytes and has {entry.compress_size:,}"
            )
        packed = memoryview(content)[start:free]
        found[name] = Member(packed, deflated, entry.file_size, entry.CRC)
    return found


def _check_kind(name: str, entry: ZipInfo) -> None:
    if name.endswith("/") or stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ValueError(f"{name!r:.80} is a folder, a link or another thing that is no file")
    if entry.flag_bits & _ENCRYPTED:
        raise ValueError(f"{name!r:.80} is encrypted")
    if entry.compress_type not in (_STORED, _DEFLATED):
        raise ValueError(f"{name!r:.80} is packed by method {entry.compress_type}")


def _start(content: bytes, name: str, entry: ZipInfo, free: int) -> int:
    """Tell where the bytes of a member begin: behind a header that names it once more."""
    offset = entry.header_offset
    if not free <= offset <= len(content) - _LOCAL.size:
        raise ValueError(f"{name!r:.80} lies outside the file or over another member")
    magic, _, flags, method, *_, name_length, extra_length = _LOCAL.unpack_from(content, offset)
    own = content[offset + _LOCAL.size : offset + _LOCAL.size + name_length]
    if magic != b"PK\x03\x04" or (flags & _ENCRYPTED, method) != (0, entry.compress_type):
        raise ValueError(f"{name!r:.80} is not where the table of contents says")
    if own.decode("utf-8" if flags & _UTF8 else "cp437", "replace") != name:
        raise ValueError(f"{name!r:.80} is {own!r:.80} where it lies")
    return int(offset + _LOCAL.size + name_length + extra_length)
