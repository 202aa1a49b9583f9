"""Bounds of what the reader takes in, so that a hostile file cannot exhaust the machine."""

MAX_TEXT_BYTES = 16 * 2**30
"""Text of one file once decompressed: twenty times the nation's seven million lines."""

MAX_ARCHIVE_BYTES = 16 * 2**30
"""Files taken together out of one archive of a delivery."""

MAX_ROW_BYTES = 8 * 2**20
"""One row, its pieces joined."""

MAX_SHOWN = 200
"""Characters of a faulty value that a reject shows."""

MAX_RATIO = 100
"""Times that what is compressed may grow; the feed's own text grows about twelve times."""

ALWAYS_ALLOWED_BYTES = 256 * 2**20
"""What may come out of any file, however small it is."""

MAX_ARCHIVE_ENTRIES = 10_000
MAX_DIRECTORY_BYTES = 4 * 2**20
"""The list of members at a ZIP's end, which is read whole."""


def expanded_limit(compressed: int, most: int) -> int:
    """Bytes that `compressed` ones may become, `most` at most."""
    return min(most, max(ALWAYS_ALLOWED_BYTES, MAX_RATIO * compressed))
