"""Bounds of what the reader takes in, so that a hostile file cannot exhaust the machine."""

MAX_TEXT_BYTES = 16 * 2**30
"""Text of one file once decompressed: twenty times the nation's seven million lines."""

MAX_ARCHIVE_BYTES = 16 * 2**30
"""Files taken together out of one archive of a delivery."""

MAX_ROW_BYTES = 8 * 2**20
"""One row, its pieces joined."""

MAX_SHOWN = 200
"""Characters of a faulty value that a reject shows."""
