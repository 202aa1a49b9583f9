"""Rights that no role brings: each is a secret file that names, a login a line, who has it.

No command of Cadran makes one. Who answers for the data puts it among the secrets, and takes it
away; a file that others may write grants nothing.
"""

import stat
from pathlib import Path
from typing import Final

PAYLOAD_GRANT: Final = "dead-letter-payload.grant"
"""The right to read what a refused record held."""


def is_granted(secrets: Path, grant: str, login: str) -> bool:
    """Whether the file `grant` of folder `secrets` names `login`."""
    path = secrets / grant
    if not path.is_file() or path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return False
    return login in {line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()}
