"""A right that no role brings: the file names who has it, and others may not write it."""

from pathlib import Path

import pytest

from shared.auth.grants import PAYLOAD_GRANT, is_granted


def test_nobody_has_it_without_the_file(tmp_path: Path) -> None:
    assert not is_granted(tmp_path, PAYLOAD_GRANT, "alice")


@pytest.mark.parametrize(
    ("text", "granted"),
    [
        ("alice", True),
        ("bob\n  alice  \n", True),
        ("", False),
        ("\n\n", False),
        ("alice2", False),
        ("bob alice", False),
        ("# alice", False),
    ],
)
def test_it_belongs_to_the_logins_named_one_a_line(
    tmp_path: Path, text: str, granted: bool
) -> None:
    path = tmp_path / PAYLOAD_GRANT
    path.write_text(text)
    path.chmod(0o600)
    assert is_granted(tmp_path, PAYLOAD_GRANT, "alice") is granted
    assert not is_granted(tmp_path, PAYLOAD_GRANT, "")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_grants_nothing(tmp_path: Path, mode: int) -> None:
    path = tmp_path / PAYLOAD_GRANT
    path.write_text("alice")
    path.chmod(mode)
    assert not is_granted(tmp_path, PAYLOAD_GRANT, "alice")
