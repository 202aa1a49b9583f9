"""Documents as columns: what differs from what is remembered is what `revise` would revise."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.delivered import as_columns, as_documents, differing
from services.ingest.domain.documents import Document, Known, digest, digests_of, revise
from shared.contracts.registry import DocumentType

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
KIND = DocumentType.MONTHLY_STATE
KEYS = st.tuples(st.integers(1, 6), st.sampled_from([202601, 202602]))
PAYLOADS = st.sampled_from([b"a", "é".encode(), b"c"])


def document(key: tuple[int, int], payload: bytes) -> Document:
    return Document(KIND, key, key[0], 100 + key[0], payload, digest(payload))


def remembered(known: dict[tuple[int, int], Known]) -> pl.DataFrame:
    rows = [(*key, one.digest.hex(), one.revision, one.withdrawn) for key, one in known.items()]
    schema = {
        **dict.fromkeys(("id", "period"), pl.Int64),
        "digest": pl.String,
        "revision": pl.Int64,
        "withdrawn": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


@given(
    st.dictionaries(KEYS, PAYLOADS),
    st.dictionaries(KEYS, st.tuples(PAYLOADS, st.integers(1, 9), st.booleans())),
)
def test_what_differs_is_what_is_revised(
    delivered: dict[tuple[int, int], bytes],
    held: dict[tuple[int, int], tuple[bytes, int, bool]],
) -> None:
    documents = [document(key, payload) for key, payload in delivered.items()]
    known = {key: Known(digest(one[0]), one[1], one[2]) for key, one in held.items()}
    rows, found = differing(as_columns(documents), remembered(known))
    assert revise(as_documents(KIND, rows), found, NOW) == (
        revise(documents, known, NOW)[0],
        0,
    )


def test_columns_hold_whole_documents() -> None:
    documents = [document((1, 202601), b"a"), document((2, 202602), "é".encode())]
    assert as_documents(KIND, as_columns(documents)) == documents
    assert as_documents(KIND, as_columns([])) == []


def test_digests_are_those_of_documents() -> None:
    assert digests_of([b"a", b""]) == [digest(b"a").hex(), digest(b"").hex()]
