"""Employments, persons and exits of a delivery are those of the independent oracle."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.registry import DocumentType
from shared.testing.sample.feed import structure_lines
from shared.testing.sample.layouts import layouts
from shared.testing.sample.referentials import referential_rows
from shared.testing.sample.request import sample_request
from shared.testing.sample.writer import delivery
from tests.feeds import Feed
from tests.oracle_contracts import employments, exits
from tests.unit.ingest.delivered import PERSONS, documents

MINI = Path(__file__).parents[2] / "data" / "feed-mini"
FLAWED = [number for turn in (1, 7, 9) for number in range(turn, 420, 20)]
"""Structures of the sample whose Salarie, EtatMensuelIndiv or ContratMission bears an oddity."""


def check(feed: Path) -> tuple[int, int]:
    """Compare with the oracle; how many employments and exits there are."""
    published = documents(feed)
    expected = employments(feed)
    found = published[DocumentType.EMPLOYMENT]
    assert found.keys() == {str(number) for number in expected}
    pseudonym_of: dict[Any, str] = {}
    for number, held in expected.items():
        data = {name: value or "" for name, value in found[str(number)].items()}
        wanted = {name: value or "" for name, value in asdict(held).items()}
        person = data.pop("person")
        assert pseudonym_of.setdefault(wanted.pop("person"), person) == person
        assert data.pop("hash_key_id") == PERSONS.key_id
        assert data == wanted
    assert len(set(pseudonym_of.values())) == len(pseudonym_of)
    left = exits(feed)
    told = published[DocumentType.EXIT]
    assert told.keys() == {str(number) for number in left}
    for number, gone in left.items():
        data = {name: value or "" for name, value in told[str(number)].items()}
        wanted = asdict(gone)
        wanted["left_on_source"] = wanted.pop("source")
        assert data == wanted
    return len(expected), len(left)


@pytest.mark.parametrize("folder", [".", "second-delivery", "third-delivery"])
def test_of_feed_mini(folder: str) -> None:
    assert check(MINI / folder / "feed") == (60, 13)


def test_of_a_sample_with_every_difficulty(tmp_path: Path) -> None:
    request, known = sample_request(max(FLAWED), 1, seed=1), layouts()
    with delivery(tmp_path, known.values(), request.stamp) as writers:
        for view, rows in referential_rows(request).items():
            writers[view].write([known[view].line(row) for row in rows])
        for number in FLAWED:
            for view, lines in structure_lines(request, number, known).items():
                writers[view].write(lines)
    contracts, left = check(tmp_path)
    assert contracts > 1_000
    assert left > 300


IDS = st.integers(1, 3)
DAYS = st.sampled_from([None, "05/01/2026", "06/01/2026", "31/12/2025", "31/02/2026"])
REASONS = st.sampled_from([None, 1, 2, 3, 9])
NIRS = st.sampled_from(
    [None, "237329910734138", "2 37 32 991 0734138", "2373299107341", "2373299107341ab", "1" * 15]
)
CONTRACTS = st.fixed_dictionaries(
    {"contract_id": IDS, "person_id": IDS, "structure_id": IDS},
    optional={
        "contrat_date_sortie_definitive": DAYS,
        "contrat_motif_sortie_id": REASONS,
        "contrat_salarie_ass": st.sampled_from([None, "true", "false", "OUI"]),
        "contrat_date_embauche": st.sampled_from(["01/01/2026", "06/01/2026", None]),
    },
)
LINES = st.fixed_dictionaries(
    {
        "month": st.integers(1, 2),
        "emi_ctr_id": st.integers(1, 3) | st.none(),
        "emi_pph_id": IDS,
        "emi_sme_version": st.integers(1, 2),
        "emi_dsm_id": st.integers(1, 6),
        "emi_date_fin_reelle": DAYS,
        "emi_motif_sortie_id": REASONS,
        "emi_esm_etat_code": st.sampled_from(["VALIDE", "VALIDE", "SAISI"]),
    }
)


@settings(max_examples=40, deadline=None)
@given(
    contracts=st.lists(CONTRACTS, max_size=5),
    lines=st.lists(LINES, max_size=8),
    persons=st.lists(st.tuples(IDS, NIRS), max_size=4),
)
def test_of_any_contracts_lines_and_persons(
    contracts: list[dict[str, Any]],
    lines: list[dict[str, Any]],
    persons: list[tuple[int, str | None]],
) -> None:
    feed = Feed()
    for number in (1, 2):
        feed.reason(number, f"MOTIF {number}", number)
        feed.category(number, f"CATÉGORIE {number}")
    feed.reason(3, None)
    for person_id, nir in persons:
        feed.person(person_id, nir)
    for contract in contracts:
        feed.contract(**contract)
    for line in lines:
        feed.line(7, 2026, hours=10, **line)
    with TemporaryDirectory() as name:
        check(feed.write(Path(name), views=list(feed.rows)))
