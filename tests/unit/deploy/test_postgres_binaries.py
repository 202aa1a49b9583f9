"""PostgreSQL's programs: the right version, and a copy where its account cannot go."""

import os
from pathlib import Path

import pytest

from deploy.local.errors import MissingOnMachineError
from deploy.local.postgres_binaries import account, find, may_enter, reachable, version


def programs(folder: Path, major: int) -> Path:
    """A folder as a wheel has it: PACKAGE/pginstallN/bin, libraries in PACKAGE.libs."""
    made = folder / "package" / f"pginstall{major}" / "bin"
    made.mkdir(parents=True)
    (folder / "package.libs").mkdir(exist_ok=True)
    (folder / "package.libs" / "libpq.so").touch()
    for name in ("postgres", "initdb"):
        (made / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {major}.4 (Debian)'\n")
        (made / name).chmod(0o755)
    return made


def test_data_are_served_by_the_version_that_made_them(tmp_path: Path) -> None:
    folders = [programs(tmp_path, 18), programs(tmp_path, 16), programs(tmp_path, 14)]
    assert [version(folder) for folder in folders] == [18, 16, 14]
    assert find(None, folders) == folders[0]
    assert find(16, folders) == folders[1]


def test_too_old_or_absent_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingOnMachineError, match="15 ou plus récent"):
        find(None, [programs(tmp_path, 14), tmp_path / "absent"])
    with pytest.raises(MissingOnMachineError, match="celui des données"):
        find(17, [tmp_path / "absent"])


def test_postgresql_never_runs_as_root() -> None:
    chosen = account()
    assert (chosen is None) == (os.geteuid() != 0)
    assert chosen is None or chosen.uid != 0


def test_programs_in_a_closed_folder_are_copied_with_their_libraries(tmp_path: Path) -> None:
    closed, place = tmp_path / "closed", tmp_path / "place"
    closed.mkdir(mode=0o700)
    place.mkdir()
    folder = programs(closed, 18)
    chosen = account()
    found = reachable(folder, chosen, place)
    if may_enter(folder, chosen):
        assert found == folder
    else:
        assert found == place / "programs" / "package" / "pginstall18" / "bin"
        assert version(found) == 18
        assert (place / "programs" / "package.libs" / "libpq.so").exists()
        assert reachable(folder, chosen, place) == found
