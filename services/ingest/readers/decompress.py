"""The text of a feed file, piece by piece, whatever lies behind its name.

`.csv.gz` may be gzip (of several members), a ZIP of one member, or plain text: the first bytes
tell. Pieces are bytes as they come; lines are `lines.py`'s.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

from services.ingest.readers.limits import MAX_TEXT_BYTES, expanded_limit
from services.ingest.readers.refusals import DeliveryRefused

Progress = Callable[[int], None]
"""Told how many bytes of the file, as it lies there, were just read."""

_READ = 2**16
"""Bytes at once: gzip makes at most a thousand times as many of them."""
_GZIP, _ZIP = b"\x1f\x8b", b"PK"
_EXPANSION = 12
"""Times that the feed's text is larger than its gzip, measured."""


class TextCutError(Exception):
    """The compressed text ends before its end; what was there has been given."""


def text_pieces(path: Path, progress: Progress, limit: int = MAX_TEXT_BYTES) -> Iterator[bytes]:
    """The file's text in pieces of a few megabytes at most.

    Raises `DeliveryRefused` (`unreadable-file`, `too-large`) and, after the last piece,
    `TextCutError` when a gzip stream is cut.
    """
    total = 0
    limit = expanded_limit(path.stat().st_size, limit)
    try:
        with path.open("rb") as file:
            for piece in _pieces(file, progress):
                total += len(piece)
                if total > limit:
                    raise DeliveryRefused("too-large", "texte trop grand.", path.name)
                yield piece
    except (zlib.error, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError):
        message = "contenu illisible : gzip, ZIP d'un seul fichier ou texte attendu."
        raise DeliveryRefused("unreadable-file", message, path.name) from None


def estimated_text_bytes(path: Path) -> int:
    """About how long the text is, without reading it; the same for the same bytes."""
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(2)
    if first == _ZIP and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as zipped:
            return sum(info.file_size for info in zipped.infolist())
    return size * _EXPANSION if first == _GZIP else size


def _pieces(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    first = file.read(2)
    file.seek(0)
    if first == _GZIP:
        return _gzip_pieces(file, progress)
    return _zip_pieces(file, progress) if first == _ZIP else _plain_pieces(file, progress)


def _plain_pieces(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    while piece := file.read(_READ):
        progress(len(piece))
        yield piece


def _gzip_pieces(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    begun = False
    while data := file.read(_READ):
        progress(len(data))
        while data:
            begun = True
            yield member.decompress(data)
            data = b""
            if member.eof:
                data = member.unused_data.lstrip(b"\0")
                member = zlib.decompressobj(wbits=31)
                begun = False
    if begun:
        raise TextCutError


def _zip_pieces(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    with zipfile.ZipFile(file) as zipped:
        members = [info for info in zipped.infolist() if not info.is_dir()]
        if len(members) != 1:
            raise zipfile.BadZipFile
        with zipped.open(members[0]) as member:
            told = 0
            while piece := member.read(_READ):
                yield piece
                progress(max(0, file.tell() - told))
                told = max(told, file.tell())
    progress(max(0, file.seek(0, SEEK_END) - told))
