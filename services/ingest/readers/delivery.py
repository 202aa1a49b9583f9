"""A delivery as files: folders, files or archives, one file a view."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.ingest.readers.archives import extract_feed_files
from services.ingest.readers.refusals import DeliveryRefused

__all__ = ["Delivery", "DeliveryRefused", "FeedFile", "open_delivery"]

_NAME: Final = re.compile(r"fluxIAE_(?P<view>[A-Za-z0-9]+)_[0-9]{8}_[0-9]{6}\.csv(\.gz)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One file of one view."""

    view: str
    path: Path


@dataclass(frozen=True, slots=True)
class Delivery:
    """The files of a delivery in the order of their views; `size` in bytes, as they lie there.

    Same files, same `fingerprint`, in whatever folder.
    """

    files: tuple[FeedFile, ...]
    fingerprint: str
    size: int


def open_delivery(paths: Sequence[Path], workdir: Path) -> Delivery:
    """The delivery in `paths`; archives are opened under `workdir`.

    Raises `DeliveryRefused`: `no-feed-file`, `duplicate-view`, and what archives raise.
    """
    found: dict[str, FeedFile] = {}
    for path in _feed_files(paths, workdir):
        view = _view(path.name)
        if view in found:
            message = f"deux fichiers de la vue {view} dans la livraison."
            raise DeliveryRefused("duplicate-view", message, path.name)
        found[view] = FeedFile(view, path)
    if not found:
        message = "aucun fichier fluxIAE_<Vue>_<jjmmaaaa>_<hhmmss>.csv.gz dans la livraison."
        raise DeliveryRefused("no-feed-file", message)
    files = tuple(found[view] for view in sorted(found))
    return Delivery(files, _fingerprint(files), sum(file.path.stat().st_size for file in files))


def _is_feed_file(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _view(name: str) -> str:
    match = _NAME.fullmatch(name)
    return match["view"] if match else ""


def _feed_files(paths: Sequence[Path], workdir: Path) -> Iterator[Path]:
    for position, path in enumerate(paths):
        if path.is_dir():
            yield from (
                member
                for member in sorted(path.iterdir())
                if member.is_file() and _is_feed_file(member.name)
            )
        elif not path.is_file():
            raise DeliveryRefused("no-feed-file", "fichier ou dossier introuvable.", str(path))
        elif _is_feed_file(path.name):
            yield path
        else:
            into = workdir / f"archive-{position}"
            into.mkdir()
            yield from extract_feed_files(path, into, _is_feed_file)


def _fingerprint(files: Sequence[FeedFile]) -> str:
    whole = hashlib.sha256()
    for file in files:
        with file.path.open("rb") as raw:
            whole.update(f"{file.path.name}\n".encode())
            whole.update(hashlib.file_digest(raw, "sha256").digest())
    return whole.hexdigest()
