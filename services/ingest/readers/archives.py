"""Feed files out of an archive of their folder: ZIP, tar, compressed tar.

A member is written under its own base name, which has the feed's exact form: no path of the
archive is ever followed. What has another name is left where it is.
"""

import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from services.ingest.readers.limits import (
    MAX_ARCHIVE_BYTES,
    MAX_ARCHIVE_ENTRIES,
    MAX_DIRECTORY_BYTES,
    expanded_limit,
)
from services.ingest.readers.refusals import DeliveryRefused

_CHUNK = 2**20
_TOO_LARGE = "archive trop grande une fois ouverte."
_END_BYTES, _LONGEST_COMMENT = 22, 2**16
_FAULTS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    struct.error,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)


def extract_feed_files(
    archive: Path, into: Path, wanted: Callable[[str], bool], limit: int = MAX_ARCHIVE_BYTES
) -> list[Path]:
    """The members of `archive` whose base name is `wanted`, written in folder `into`.

    Raises `DeliveryRefused`: `unreadable-archive`, `too-large` beyond `limit` bytes in all or
    many times its own size, `too-many-entries`, `duplicate-file` when two members bear one name.
    """
    written: list[Path] = []
    left = expanded_limit(archive.stat().st_size, limit)
    try:
        for name, source in _members(archive, left):
            base = PurePosixPath(name.replace("\\", "/")).name
            if not wanted(base):
                continue
            target = into / base
            if target in written:
                raise DeliveryRefused("duplicate-file", "présent deux fois dans l'archive.", base)
            left -= _copy(source(), target, left, archive.name)
            written.append(target)
    except _FAULTS:
        message = "archive illisible : un ZIP, un tar ou un tar.gz entier est attendu."
        raise DeliveryRefused("unreadable-archive", message, archive.name) from None
    return written


def _members(archive: Path, most: int) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    """Every regular file of the archive, with how to open it; `most` bytes in all."""
    if zipfile.is_zipfile(archive):
        _check_directory(archive)
        with zipfile.ZipFile(archive) as zipped:
            _check_entries(len(zipped.infolist()), archive)
            for info in zipped.infolist():
                if not info.is_dir():
                    yield info.filename, lambda info=info: zipped.open(info)  # type: ignore[misc]
        return
    with tarfile.open(archive, "r:*") as tarred:
        for number, member in enumerate(tarred, 1):
            _check_entries(number, archive)
            most -= member.size
            if most < 0:
                # What is passed over is decompressed too.
                raise DeliveryRefused("too-large", _TOO_LARGE, archive.name)
            source = tarred.extractfile(member) if member.isreg() else None
            if source is not None:
                yield member.name, lambda source=source: source  # type: ignore[misc]


def _check_entries(count: int, archive: Path) -> None:
    if count > MAX_ARCHIVE_ENTRIES:
        message = f"plus de {MAX_ARCHIVE_ENTRIES} fichiers dans l'archive."
        raise DeliveryRefused("too-many-entries", message, archive.name)


def _check_directory(archive: Path) -> None:
    """The size of a ZIP's list of members, told by its end record (APPNOTE 4.3.16)."""
    size = archive.stat().st_size
    with archive.open("rb") as file:
        file.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or place + _END_BYTES > len(tail):
        raise zipfile.BadZipFile
    (directory,) = struct.unpack_from("<I", tail, place + 12)
    if directory > MAX_DIRECTORY_BYTES:
        message = "liste de fichiers trop longue dans l'archive."
        raise DeliveryRefused("too-many-entries", message, archive.name)


def _copy(source: IO[bytes], target: Path, limit: int, archive: str) -> int:
    size = 0
    with source, target.open("xb") as out:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise DeliveryRefused("too-large", _TOO_LARGE, archive)
            out.write(chunk)
    return size
