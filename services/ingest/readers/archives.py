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

from services.ingest.readers.limits import MAX_ARCHIVE_BYTES
from services.ingest.readers.refusals import DeliveryRefused

_CHUNK = 2**20
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

    Raises `DeliveryRefused`: `unreadable-archive`, `too-large` beyond `limit` bytes in all,
    `duplicate-file` when two members bear one name.
    """
    written: list[Path] = []
    left = limit
    try:
        for name, source in _members(archive):
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


def _members(archive: Path) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    """Every regular file of the archive, with how to open it."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for info in zipped.infolist():
                if not info.is_dir():
                    yield info.filename, lambda info=info: zipped.open(info)  # type: ignore[misc]
        return
    with tarfile.open(archive, "r:*") as tarred:
        for member in tarred:
            source = tarred.extractfile(member) if member.isreg() else None
            if source is not None:
                yield member.name, lambda source=source: source  # type: ignore[misc]


def _copy(source: IO[bytes], target: Path, limit: int, archive: str) -> int:
    size = 0
    with source, target.open("xb") as out:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise DeliveryRefused("too-large", "archive trop grande une fois ouverte.", archive)
            out.write(chunk)
    return size
