"""A contract's exit: its own date and reason, else those of its last validated line that counts."""

from pathlib import Path
from typing import Any

import pytest

from shared.contracts.registry import DocumentType
from tests.feeds import Feed
from tests.unit.ingest.delivered import documents


def left(tmp_path: Path, *lines: dict[str, Any], **contract: Any) -> dict[str, Any] | None:
    """The exit of contract 1, whose lines are these: of annex 7 in January 2026 if not told."""
    feed = Feed()
    for number in (1, 2, 3):
        feed.reason(number, f"MOTIF {number}", 10 + number)
        feed.category(10 + number, f"CATÉGORIE {number}")
    feed.contract(1, 5, 101, **contract)
    for line in lines:
        row = {"emi_ctr_id": 1, "emi_motif_sortie_id": 1, "month": 1, "annex_id": 7, **line}
        feed.line(row.pop("annex_id"), 2026, row.pop("month"), 10, **row)
    return documents(feed.write(tmp_path / "feed"))[DocumentType.EXIT].get("1")


def told(day: str, **more: Any) -> dict[str, Any]:
    return {"emi_date_fin_reelle": f"{day}/01/2026", **more}


OWN = {"contrat_date_sortie_definitive": "31/01/2026", "contrat_motif_sortie_id": 2}


def test_its_own_date_and_reason_come_first(tmp_path: Path) -> None:
    assert left(tmp_path, told("20"), **OWN) == {
        "contract_id": 1,
        "structure_id": 101,
        "left_on": "2026-01-31",
        "reason": "MOTIF 2",
        "category": "CATÉGORIE 2",
        "left_on_source": "contract",
    }


def test_without_a_date_anywhere_there_is_no_exit(tmp_path: Path) -> None:
    assert left(tmp_path, {}, contrat_motif_sortie_id=2) is None


def test_a_line_gives_what_the_contract_leaves_empty(tmp_path: Path) -> None:
    found = left(tmp_path, told("20"), contrat_motif_sortie_id=2)
    assert found is not None
    assert (found["left_on"], found["left_on_source"]) == ("2026-01-20", "monthly-state")
    assert found["reason"] == "MOTIF 2"
    found = left(tmp_path, told("20"), contrat_date_sortie_definitive="31/01/2026")
    assert found is not None
    assert (found["left_on"], found["reason"]) == ("2026-01-31", "MOTIF 1")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (told("20", month=1), told("10", month=2)),
        (told("20", emi_dsm_id=1), told("10", emi_dsm_id=2)),
        (told("20", emi_sme_version=1, annex_id=8), told("10", emi_sme_version=2, emi_dsm_id=0)),
        (told("20", month=3, emi_esm_etat_code="SAISI"), told("10", month=2)),
        ({"month": 3}, told("10", month=2)),
        (told("20", emi_sme_version=1), told("10", emi_sme_version=2)),
        (told("20", month=3, emi_ctr_id=2), told("10")),
        (told("20", month=3, emi_ctr_id=None, emi_pph_id=5), told("10")),
    ],
)
def test_the_last_validated_line_that_bears_a_date(
    tmp_path: Path, first: dict[str, Any], last: dict[str, Any]
) -> None:
    for place, lines in enumerate(((first, last), (last, first))):
        numbered = [{"emi_dsm_id": 10 if line is first else 20} | line for line in lines]
        found = left(tmp_path / str(place), *numbered)
        assert found is not None
        assert found["left_on"] == "2026-01-10"


def test_a_line_declared_again_without_an_end_tells_none(tmp_path: Path) -> None:
    assert left(tmp_path, told("20", emi_sme_version=1), {"emi_sme_version": 2}) is None


def test_an_unknown_reason_has_no_label(tmp_path: Path) -> None:
    found = left(tmp_path, **OWN | {"contrat_motif_sortie_id": 99})
    assert found is not None
    assert (found["reason"], found["category"]) == (None, None)
