"""Which files make a delivery: folders, files, archives; what is refused."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from services.ingest.readers.archives import extract_feed_files
from services.ingest.readers.decompress import text_pieces
from services.ingest.readers.delivery import DeliveryRefused, open_delivery
from services.ingest.readers.limits import (
    ALWAYS_ALLOWED_BYTES,
    MAX_DIRECTORY_BYTES,
    MAX_RATIO,
    MAX_TEXT_BYTES,
    expanded_limit,
)
from tests.unit.ingest.readers.feeds import STAMP, write

A, B = f"fluxIAE_A_{STAMP}.csv.gz", f"fluxIAE_B_{STAMP}.csv.gz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "feed", "A", "a")
    write(tmp_path / "feed", "B", "b")
    (tmp_path / "feed" / "LISEZMOI.txt").write_text("rien")
    return tmp_path / "feed"


def zip_of(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"livraison/{file.name}")


def tar_of(mode: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, path: Path) -> None:
        with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
            archive.add(folder, "livraison")

    return make


def refused(paths: list[Path], workdir: Path) -> str:
    with pytest.raises(DeliveryRefused) as refusal:
        open_delivery(paths, workdir)
    return refusal.value.code


@pytest.mark.parametrize("make", [zip_of, tar_of("w"), tar_of("w:gz")])
def test_an_archive_is_its_folder(
    tmp_path: Path, folder: Path, make: Callable[[Path, Path], None]
) -> None:
    archive = tmp_path / "livraison.bin"
    make(folder, archive)
    of_folder = open_delivery([folder], tmp_path)
    of_archive = open_delivery([archive], tmp_path)
    assert [file.view for file in of_archive.files] == ["A", "B"]
    assert of_archive.fingerprint == of_folder.fingerprint
    assert of_archive.size == of_folder.size == sum((folder / n).stat().st_size for n in (A, B))


def test_files_may_be_given_one_by_one_and_in_any_order(tmp_path: Path, folder: Path) -> None:
    one_by_one = open_delivery([folder / B, folder / A], tmp_path)
    assert one_by_one.fingerprint == open_delivery([folder], tmp_path).fingerprint


def test_the_fingerprint_tells_bytes_and_names_apart(tmp_path: Path, folder: Path) -> None:
    before = open_delivery([folder], tmp_path).fingerprint
    (folder / A).rename(folder / A.replace("063004", "063005"))
    renamed = open_delivery([folder], tmp_path).fingerprint
    write(folder, "B", "other")
    changed = open_delivery([folder], tmp_path).fingerprint
    assert len({before, renamed, changed}) == 3


def test_two_files_of_one_view_are_refused(tmp_path: Path, folder: Path) -> None:
    write(folder, "A", "a", "09112026_063004")
    assert refused([folder], tmp_path) == "duplicate-view"


def test_no_feed_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refused([tmp_path / "empty"], tmp_path) == "no-feed-file"
    assert refused([tmp_path / "nowhere"], tmp_path) == "no-feed-file"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"text", b"\x1f\x8b cut"])
def test_an_unreadable_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "livraison.zip"
    path.write_bytes(content)
    assert refused([path], tmp_path) == "unreadable-archive"


def test_a_path_in_an_archive_is_never_followed(tmp_path: Path) -> None:
    archive, into = tmp_path / "evil.tar", tmp_path / "into"
    into.mkdir()
    with tarfile.open(archive, "w") as evil:
        for name in (f"../../{A}", f"/{B}"):
            member = tarfile.TarInfo(name)
            member.size = 1
            evil.addfile(member, io.BytesIO(b"x"))
        link = tarfile.TarInfo(f"fluxIAE_C_{STAMP}.csv.gz")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        evil.addfile(link)
    extracted = extract_feed_files(archive, into, lambda name: name.startswith("fluxIAE"))
    assert sorted(extracted) == [into / A, into / B]
    assert sorted(into.iterdir()) == [into / A, into / B]


def test_an_archive_is_bounded(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr(A, bytes(1_000_000))
    with pytest.raises(DeliveryRefused) as refusal:
        extract_feed_files(archive, tmp_path, lambda _: True, limit=999_999)
    assert refusal.value.code == "too-large"


def test_one_name_twice_in_an_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "twice.zip"
    with zipfile.ZipFile(archive, "w") as twice:
        twice.writestr(f"a/{A}", b"x")
        twice.writestr(f"b/{A}", b"y")
    assert refused([archive], tmp_path) == "duplicate-file"


def test_a_text_is_bounded_and_its_progress_is_the_size_of_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "feed", "A", bytes(1_000_000))
    told: list[int] = []
    assert sum(map(len, text_pieces(path, told.append))) == 1_000_000
    assert sum(told) == path.stat().st_size
    with pytest.raises(DeliveryRefused) as refusal:
        list(text_pieces(path, told.append, limit=999_999))
    assert refusal.value.code == "too-large"


def test_what_is_compressed_grows_by_its_size_or_a_little() -> None:
    assert expanded_limit(10, MAX_TEXT_BYTES) == ALWAYS_ALLOWED_BYTES
    assert expanded_limit(2**30, MAX_TEXT_BYTES) == MAX_TEXT_BYTES
    assert expanded_limit(10 * 2**20, MAX_TEXT_BYTES) == MAX_RATIO * 10 * 2**20


def test_a_small_file_that_grows_a_thousand_times_is_refused(tmp_path: Path) -> None:
    path = tmp_path / A
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(1 + ALWAYS_ALLOWED_BYTES // 2**20):
            file.write(bytes(2**20))
    with pytest.raises(DeliveryRefused) as refusal:
        for _ in text_pieces(path, lambda _count: None):
            pass
    assert refusal.value.code == "too-large"


def test_what_an_archive_passes_over_counts_too(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.tar"
    with tarfile.open(archive, "w") as bomb:
        other = tarfile.TarInfo("other")
        other.size = 1_000_000
        bomb.addfile(other, io.BytesIO(bytes(1_000_000)))
    with pytest.raises(DeliveryRefused) as refusal:
        extract_feed_files(archive, tmp_path, lambda _: False, limit=999_999)
    assert refusal.value.code == "too-large"


def test_a_list_of_members_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    archive = tmp_path / "long.zip"
    with zipfile.ZipFile(archive, "w") as long:
        for number in range(70):
            long.writestr(f"{number:0>65000}", b"")
    assert MAX_DIRECTORY_BYTES < 70 * 65_000
    assert refused([archive], tmp_path) == "too-many-entries"
