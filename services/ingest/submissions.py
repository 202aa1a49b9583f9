"""Submissions and their receipts: what came in, what became of it, where a load stopped."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from shared.contracts.registry import DocumentType
from shared.database.types import Connection

_REJECT = ("view", "line", "column", "code", "value", "reason")
CHANGES = ("new", "changed", "unchanged", "withdrawn")


@dataclass(frozen=True, slots=True)
class Submission:
    """What came in by a door. `accepted_at` gives the revisions: a resumed load repeats them.

    `stamp` and `buckets` are those of a delivery of the feed.
    """

    submission_id: str
    source: str
    fingerprint: str
    stamp: datetime | None
    accepted_at: datetime
    buckets: int


@dataclass(slots=True)
class Counts:
    """What one chunk, or a whole load, did."""

    documents: dict[str, dict[str, int]] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)
    published: int = 0

    def add_documents(self, kind: DocumentType, changes: Mapping[str, int]) -> None:
        """Add the changes of documents of one type."""
        held = self.documents.setdefault(kind.value, dict.fromkeys(CHANGES, 0))
        for change, count in changes.items():
            held[change] += count

    def add(self, other: "Counts") -> None:
        """Add another chunk's."""
        for kind, changes in other.documents.items():
            self.add_documents(DocumentType(kind), changes)
        self.warnings.update(other.warnings)
        self.published += other.published

    def to_json(self) -> str:
        """As the `chunk` row keeps it."""
        return json.dumps(
            {
                "documents": self.documents,
                "warnings": dict(self.warnings),
                "published": self.published,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Counts":
        """From a `chunk` row."""
        raw: dict[str, Any] = json.loads(text)
        return cls(raw["documents"], Counter(raw["warnings"]), raw["published"])


async def unfinished(connection: Connection, source: str) -> Submission | None:
    """The load of this source that was killed, if any."""
    row = await connection.fetchrow(
        "SELECT submission_id, source, fingerprint, stamp, accepted_at, buckets FROM submission"
        " WHERE source = $1 AND state = 'running' ORDER BY accepted_at DESC LIMIT 1",
        source,
    )
    return Submission(*row) if row else None


async def last_stamp(connection: Connection, source: str) -> datetime | None:
    """Stamp of the latest delivery that published anything; a refused one left nothing."""
    stamp: datetime | None = await connection.fetchval(
        "SELECT max(stamp) FROM submission WHERE source = $1", source
    )
    return stamp


async def open_submission(
    connection: Connection, submission: Submission, receipt: Mapping[str, Any]
) -> None:
    """Accept a load: an unfinished one of the same source is superseded."""
    await connection.execute(
        "UPDATE submission SET state = 'superseded' WHERE source = $1 AND state = 'running'",
        submission.source,
    )
    await connection.execute(
        "INSERT INTO submission (submission_id, source, fingerprint, stamp, accepted_at, state,"
        " receipt, buckets) VALUES ($1, $2, $3, $4, $5, 'running', $6, $7)",
        submission.submission_id,
        submission.source,
        submission.fingerprint,
        submission.stamp,
        submission.accepted_at,
        json.dumps(receipt),
        submission.buckets,
    )


async def record_submission(
    connection: Connection, submission: Submission, state: str, receipt: Mapping[str, Any]
) -> None:
    """Keep a submission that is over as soon as it is there: `finished` or `refused`."""
    await connection.execute(
        "INSERT INTO submission (submission_id, source, fingerprint, accepted_at, state, receipt,"
        " buckets, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, now())",
        submission.submission_id,
        submission.source,
        submission.fingerprint,
        submission.accepted_at,
        state,
        json.dumps(receipt),
        submission.buckets,
    )


def receipt_of(
    submission_id: str, state: str, views: Mapping[str, Any], counts: Counts
) -> dict[str, Any]:
    """The receipt of what is done; warnings of zero are left out."""
    return {
        "submission": submission_id,
        "state": state,
        "views": views,
        "documents": counts.documents,
        "warnings": {code: count for code, count in sorted(counts.warnings.items()) if count},
        "published": counts.published,
    }


async def finish_submission(
    connection: Connection, submission_id: str, receipt: Mapping[str, Any]
) -> None:
    """The last chunk is committed: keep the whole receipt."""
    await connection.execute(
        "UPDATE submission SET state = 'finished', finished_at = now(), receipt = $2"
        " WHERE submission_id = $1",
        submission_id,
        json.dumps(receipt),
    )


async def done_chunks(connection: Connection, submission_id: str) -> dict[int, Counts]:
    """The chunks already committed, and what each did."""
    rows = await connection.fetch(
        "SELECT number, counts FROM chunk WHERE submission_id = $1", submission_id
    )
    return {row[0]: Counts.from_json(row[1]) for row in rows}


async def close_chunk(
    connection: Connection, submission_id: str, number: int, counts: Counts
) -> None:
    """Note a chunk as done, in its own transaction."""
    await connection.execute(
        "INSERT INTO chunk (submission_id, number, counts) VALUES ($1, $2, $3)",
        submission_id,
        number,
        counts.to_json(),
    )


async def write_rejects(
    connection: Connection, submission_id: str, rejects: Iterable[pl.DataFrame]
) -> None:
    """Keep the rejected rows of a delivery: view, line, column, code, value, reason."""
    for frame in rejects:
        rows = frame.select(pl.col("line"), pl.exclude("line").fill_null("")).select(_REJECT)
        await write_reject_rows(connection, submission_id, rows.iter_rows())


async def write_reject_rows(
    connection: Connection, submission_id: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    """Keep what was rejected: view (or type), line (or index), column, code, value, reason."""
    await connection.copy_records_to_table(
        "reject",
        records=((submission_id, *row) for row in rows),
        columns=["submission_id", "view", "line", "column_name", "code", "value", "reason"],
    )
