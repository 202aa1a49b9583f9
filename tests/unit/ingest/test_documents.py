"""What a delivery changes: new, changed, unchanged, back; and when a person must confirm."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.documents import (
    Change,
    Document,
    Known,
    revise,
    too_many_withdrawn,
)
from services.ingest.domain.pseudonyms import PersonHash
from shared.contracts.ids import microseconds
from shared.contracts.registry import DocumentType

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def month(digest: bytes) -> Document:
    return Document(DocumentType.MONTHLY_STATE, (2001, 202603), 2001, 101, b"{}", digest)


def test_a_document_never_seen_is_new() -> None:
    ((entry,), unchanged) = revise([month(b"a")], {}, NOW)
    assert (entry.change, entry.first, entry.revision) == (Change.NEW, True, microseconds(NOW))
    assert unchanged == 0


@pytest.mark.parametrize("known", [{}, {(2001, 202603): Known(b"b", 5, withdrawn=False)}])
def test_a_document_exceeds_what_other_sources_said_of_it(known: dict[Any, Known]) -> None:
    later = microseconds(NOW) + 10
    ((entry,), _) = revise([month(b"a")], known, NOW, {(2001, 202603): later})
    assert entry.revision == later + 1
    ((entry,), _) = revise([month(b"a")], known, NOW, {(2001, 202603): 7})
    assert entry.revision == microseconds(NOW)


def test_an_unchanged_document_is_not_published() -> None:
    known = {(2001, 202603): Known(b"a", 5, withdrawn=False)}
    assert revise([month(b"a")], known, NOW) == ([], 1)


def test_a_changed_document_gets_the_next_revision() -> None:
    later = microseconds(NOW) + 10
    known = {(2001, 202603): Known(b"a", later, withdrawn=False)}
    ((entry,), _) = revise([month(b"b")], known, NOW)
    assert (entry.change, entry.first, entry.revision) == (Change.CHANGED, False, later + 1)


def test_a_document_back_after_a_withdrawal_is_new_even_if_identical() -> None:
    known = {(2001, 202603): Known(b"a", 5, withdrawn=True)}
    ((entry,), _) = revise([month(b"a")], known, NOW)
    assert (entry.change, entry.first) == (Change.NEW, False)


@pytest.mark.parametrize(
    ("withdrawn", "held", "refused"),
    [(0, 0, False), (5, 100, False), (6, 100, True), (1, 15, True), (1, 155, False)],
)
def test_more_than_five_percent_withdrawn_asks_a_person(
    withdrawn: int, held: int, *, refused: bool
) -> None:
    assert too_many_withdrawn(withdrawn, held) is refused


@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), min_size=1, max_size=12))
def test_revisions_of_a_document_only_grow(digests: list[bytes]) -> None:
    known: dict[tuple[int, int], Known] = {}
    revisions = []
    for digest in digests:
        entries, _ = revise([month(digest)], known, NOW)
        for entry in entries:
            revisions.append(entry.revision)
            known[entry.document.key] = Known(digest, entry.revision, withdrawn=False)
    changes = sum(a != b for a, b in zip([None, *digests], digests, strict=False))
    assert revisions == sorted(set(revisions))
    assert len(revisions) == changes


def test_a_person_is_another_pseudonym_in_another_annex_and_under_another_key() -> None:
    first, other = PersonHash(b"k" * 32), PersonHash(b"q" * 32)
    pseudonyms = {first.of_annex(1, 7), first.of_annex(2, 7), other.of_annex(1, 7)}
    assert len(pseudonyms) == 3
    assert first.of_annex(1, 7) == PersonHash(b"k" * 32).of_annex(1, 7)
    assert first.key_id != other.key_id
    assert "k" * 8 not in first.key_id
