"""A whole delivery read, checked and laid aside on disk, before anything of it is written."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from services.ingest.readers.decompress import Progress, estimated_text_bytes
from services.ingest.readers.delivery import Delivery, FeedFile
from services.ingest.readers.lines import BLOCK_BYTES
from services.ingest.readers.reading import (
    OWNER,
    ViewCounts,
    ViewRead,
    WithOwner,
    pass_over,
    read_view,
    without_owner,
)
from services.ingest.readers.rows import RowReader
from services.ingest.readers.validate import schema_of
from services.ingest.readers.views import VIEWS

LINES: Final = "EtatMensuelIndiv"
CONTRACTS: Final = "ContratMission"
BUCKET_TEXT_BYTES: Final = 40 * 2**20
"""Text of the lines and contracts of one bucket, about: what is in memory at once, and a chunk of
a load."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A delivery as read. Frames have the feed's column names and the physical `line`.

    `stamp` is the latest of the `DEB` stamps, naive. Lines and contracts lie in `bucket_count`
    buckets by owner: structure id modulo the count, the same for the same files.
    """

    stamp: datetime
    views: Mapping[str, ViewCounts]
    warnings: Counter[str]
    bucket_count: int
    folder: Path
    reads: Mapping[str, ViewRead]

    @property
    def structures(self) -> pl.DataFrame:
        """Accepted rows of Structure; none when the view is absent, as below."""
        return self._accepted("Structure")

    @property
    def annexes(self) -> pl.DataFrame:
        """Accepted rows of AnnexeFinanciere."""
        return self._accepted("AnnexeFinanciere")

    @property
    def persons(self) -> pl.DataFrame:
        """Accepted rows of Salarie: `salarie_id`, and `salarie_nir`, which goes no further."""
        return self._accepted("Salarie")

    def referential(self, view: str) -> pl.DataFrame:
        """Accepted rows of a referential."""
        return self._accepted(view)

    def lines(self, bucket: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Accepted lines of a bucket, each once, with the `owner` of their annex; or `columns` of
        them, and `line`."""
        return self._split(LINES, bucket, columns)

    def contracts(self, bucket: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Accepted contracts of a bucket, each once; their `owner` is their structure. Or
        `columns` of them, and `line`."""
        return self._split(CONTRACTS, bucket, columns)

    def rejects(self) -> Iterator[pl.DataFrame]:
        """Frames of view, line, column, code, value, reason (French), by view then line."""
        for view in sorted(self.reads):
            yield from self.reads[view].rejects

    def cleanup(self) -> None:
        """Remove what was laid aside; nothing can be read any more."""
        shutil.rmtree(self.folder)

    def _split(self, view: str, bucket: int, columns: Sequence[str] | None) -> pl.DataFrame:
        read = self.reads.get(view)
        if read is None:
            none = pl.Schema({**schema_of(VIEWS[view]), OWNER: pl.Int64()}).to_frame()
            return none if columns is None else none.select("line", *columns)
        return read.accepted(bucket, columns)

    def _accepted(self, view: str) -> pl.DataFrame:
        read = self.reads.get(view)
        return schema_of(VIEWS[view]).to_frame() if read is None else read.accepted().drop(OWNER)


def scan(
    delivery: Delivery,
    workdir: Path,
    *,
    allow_truncated: bool,
    known_owners: pl.DataFrame,
    progress: Progress,
    block_bytes: int = BLOCK_BYTES,
) -> Scan:
    """Read a delivery whole; its files stay as they are, the rest lies under `workdir`.

    `known_owners` has `annex_id` and `structure_id` of annexes that this delivery may lack.
    `progress` is told the bytes read since it was last told, `Delivery.size` in all.
    Raises `DeliveryRefused` for the first file that cannot be read whole.
    """
    files = {file.view: file for file in delivery.files}
    buckets = _bucket_count(files)
    folder = Path(tempfile.mkdtemp(prefix="scan-", dir=workdir))
    counts: dict[str, ViewCounts] = {}
    reads: dict[str, ViewRead] = {}
    warnings: Counter[str] = Counter()
    stamps: list[datetime] = []
    try:
        for file in _in_order(files):
            reader = RowReader(
                file, progress, allow_truncated=allow_truncated, block_bytes=block_bytes
            )
            stamps.append(reader.stamp)
            if file.view not in VIEWS:
                counts[file.view] = pass_over(reader)
                continue
            owner = _owner(file.view, reads, known_owners)
            read = read_view(
                VIEWS[file.view],
                reader,
                file.path.name,
                folder / file.view,
                buckets=1 if owner is without_owner else buckets,
                owner=owner,
            )
            reads[file.view] = read
            counts[file.view] = read.counts
            warnings += read.warnings
    except BaseException:
        shutil.rmtree(folder)
        raise
    return Scan(max(stamps), counts, warnings, buckets, folder, reads)


def _in_order(files: Mapping[str, FeedFile]) -> list[FeedFile]:
    """The views read in their order, then the others."""
    read = [files[view] for view in VIEWS if view in files]
    return read + [file for view, file in sorted(files.items()) if view not in VIEWS]


def _bucket_count(files: Mapping[str, FeedFile]) -> int:
    split = [files[view].path for view in (LINES, CONTRACTS) if view in files]
    return 1 + sum(map(estimated_text_bytes, split)) // BUCKET_TEXT_BYTES


def _owner(view: str, reads: Mapping[str, ViewRead], known_owners: pl.DataFrame) -> WithOwner:
    if view == LINES:
        return _annex_owners(reads, known_owners)
    return _contract_owner if view == CONTRACTS else without_owner


def _contract_owner(contracts: pl.DataFrame) -> pl.DataFrame:
    return contracts.with_columns(pl.col("contrat_id_structure").alias(OWNER))


def _annex_owners(reads: Mapping[str, ViewRead], known_owners: pl.DataFrame) -> WithOwner:
    """The owner of a line: of its annex's highest version here, else the one known before, else
    the annex itself."""
    known = known_owners.select(
        pl.col("annex_id").cast(pl.Int64).alias("emi_afi_id"),
        pl.col("structure_id").cast(pl.Int64).alias(OWNER),
    )
    if "AnnexeFinanciere" in reads:
        delivered = (
            reads["AnnexeFinanciere"]
            .accepted()
            .sort(
                "af_numero_avenant_renouvellement",
                "af_numero_avenant_modification",
                "af_id_avenant_modification",
            )
            .unique("af_id_annexe_financiere", keep="last")
            .select(
                pl.col("af_id_annexe_financiere").alias("emi_afi_id"),
                pl.col("af_id_structure").alias(OWNER),
            )
        )
        known = pl.concat([delivered, known.join(delivered, on="emi_afi_id", how="anti")])

    def with_owner(lines: pl.DataFrame) -> pl.DataFrame:
        joined = lines.join(known, on="emi_afi_id", how="left", maintain_order="left")
        return joined.with_columns(pl.col(OWNER).fill_null(pl.col("emi_afi_id")))

    return with_owner
