"""Text in pieces of any length → blocks that end where a line ends.

The last line that is not blank is held back until the end of the text is known: it may be `FIN`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from services.ingest.readers.limits import MAX_ROW_BYTES
from services.ingest.readers.refusals import DeliveryRefused

BLOCK_BYTES: Final = 8 * 2**20
_UNREADABLE: Final = "\ufffd".encode()


def line_blocks(
    pieces: Iterable[bytes], block_bytes: int, file: str
) -> Iterator[tuple[bytes, bool]]:
    """(whole lines, is it the end): blocks of about `block_bytes`, then the last line that is not
    blank with the blank ones after it. Only LF ends a line here.

    Raises `DeliveryRefused` (`row-too-long`) when a line, or a run of blank lines, has no end.
    """
    gathered: list[bytes] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size < block_bytes:
            continue
        text = b"".join(gathered)
        end = _held_from(text)
        if end:
            yield text[:end], False
        gathered, size = [text[end:]], len(text) - end
        if size > max(block_bytes, MAX_ROW_BYTES):
            raise DeliveryRefused("row-too-long", "une ligne n'en finit pas.", file)
    text = b"".join(gathered)
    end = _held_from(text)
    if end:
        yield text[:end], False
    yield text[end:], True


def readable(text: bytes) -> bytes:
    """`text` as valid UTF-8 with LF alone as line end; what is not, and NUL, become U+FFFD.

    A number, a date or a state so marred is unreadable and its row rejected; a text is kept.
    """
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    if b"\0" in text:
        text = text.replace(b"\0", _UNREADABLE)
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode(errors="replace").encode()
    return text


def _held_from(text: bytes) -> int:
    """Where the last line that is not blank begins."""
    return text.rfind(b"\n", 0, len(text.rstrip())) + 1
