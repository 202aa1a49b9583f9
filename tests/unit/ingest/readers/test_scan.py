"""A whole delivery: repetitions, counts, buckets, rejects in order, blocks of any size."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.deliveries import contents_of
from services.ingest.readers import scan as scanning
from services.ingest.readers.delivery import DeliveryRefused
from services.ingest.readers.scan import Scan
from shared.contracts.registry import DocumentType
from tests.unit.ingest.readers.feeds import (
    STRUCTURE,
    rejects_of,
    rows_of,
    scanned,
    scanned_rows,
    text_of,
)

L = "EtatMensuelIndiv"


def counts(read: Scan, view: str) -> tuple[int, int, int, int]:
    of = read.views[view]
    return of.rows, of.accepted, of.rejected, of.ignored


@pytest.mark.parametrize(
    ("view", "other", "key", "value"),
    [
        ("Structure", {"structure_denomination": "X"}, "structure_id_siae", "101"),
        ("AnnexeFinanciere", {"af_mt_cofinance": "1"}, "af_id_avenant_modification", "20010"),
        (L, {"emi_nb_heures_travail": "101"}, "emi_dsm_id", "600001"),
        ("RefMontantIae", {"rmi_valeur": "1"}, "rmi_id", "77"),
    ],
)
def test_same_key(tmp_path: Path, view: str, other: dict[str, str], key: str, value: str) -> None:
    """The first is kept; the same again is ignored, another content rejected, even twice."""
    read = scanned_rows(tmp_path, view, {}, {}, other, {}, other)
    assert counts(read, view) == (5, 1, 2, 2)
    assert rejects_of(read) == [(5, key, "key-reused", value), (7, key, "key-reused", value)]


def test_contents_are_compared_as_read(tmp_path: Path) -> None:
    same = {"emi_nb_heures_travail": "0100.00", "emi_sme_version": "", "emi_dsm_id": " 600001"}
    assert counts(scanned_rows(tmp_path, L, {}, same), L) == (2, 1, 0, 1)


def test_another_version_of_a_line_is_another_key(tmp_path: Path) -> None:
    assert counts(scanned_rows(tmp_path, L, {}, {"emi_sme_version": "2"}), L) == (2, 2, 0, 0)


def test_a_rejected_row_holds_no_key(tmp_path: Path) -> None:
    read = scanned_rows(tmp_path, L, {"emi_nb_heures_travail": "x"}, {})
    assert counts(read, L) == (2, 1, 1, 0)
    assert read.lines(0)["line"].to_list() == [4]


def test_columns_not_used_are_not_compared(tmp_path: Path) -> None:
    header, rows = rows_of("Structure", {}, {})
    lines = [f"{row}|{place}" for place, row in enumerate(rows)]
    text = text_of("Structure", f"{header}|structure_code_naf", lines)
    assert counts(scanned(tmp_path, {"Structure": text}), "Structure") == (2, 1, 0, 1)


def test_the_repetition_of_a_line_may_belong_to_another_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "BUCKET_TEXT_BYTES", 400)
    read = scanned_rows(tmp_path, L, {}, {"emi_afi_id": "2002"}, {"emi_dsm_id": "3"})
    assert read.bucket_count > 1
    assert counts(read, L) == (3, 2, 1, 0)
    assert sum(read.lines(bucket).height for bucket in range(read.bucket_count)) == 2


def test_lines_lie_in_the_bucket_of_their_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The annex's highest version here, else the owner known before, else the annex itself."""
    monkeypatch.setattr(scanning, "BUCKET_TEXT_BYTES", 100)
    annexes = rows_of(
        "AnnexeFinanciere",
        {"af_id_structure": "111", "af_numero_avenant_modification": "2"},
        {"af_id_structure": "102", "af_id_avenant_modification": "5"},
    )
    lines = rows_of(
        L,
        {},
        {"emi_afi_id": "2002", "emi_dsm_id": "2"},
        {"emi_afi_id": "2003", "emi_dsm_id": "3"},
    )
    known = pl.DataFrame({"annex_id": [2001, 2002], "structure_id": [7, 109]})
    texts = {"AnnexeFinanciere": text_of("AnnexeFinanciere", *annexes), L: text_of(L, *lines)}
    read = scanned(tmp_path, texts, known_owners=known)
    owners = {}
    for bucket in range(read.bucket_count):
        for annex, owner in read.lines(bucket).select("emi_afi_id", "owner").iter_rows():
            assert owner % read.bucket_count == bucket
            owners[annex] = owner
    assert owners == {2001: 111, 2002: 109, 2003: 2003}


def test_months_are_those_of_accepted_lines(tmp_path: Path) -> None:
    again = {"emi_dsm_id": "2"}
    june = {"emi_sme_mois": "6", "emi_dsm_id": "3"}
    bad = {"emi_sme_mois": "7", "emi_dsm_id": "4", "emi_nb_heures_travail": ""}
    months = contents_of(scanned_rows(tmp_path, L, {}, again, june, bad)).keys
    assert list(months) == [DocumentType.MONTHLY_STATE]
    assert sorted(months[DocumentType.MONTHLY_STATE].rows()) == [(2001, 202601), (2001, 202606)]


def test_a_view_that_is_not_read_has_all_its_rows_ignored(tmp_path: Path) -> None:
    lines = ["a|b", "a", "|b", "a|b|c", "a|b"]
    read = scanned(tmp_path, {"Financement": text_of("Financement", "fin_id|fin_nom", lines, 4)})
    assert counts(read, "Financement") == (4, 0, 0, 4)
    assert rejects_of(read) == []
    assert contents_of(read).keys == {}
    assert read.structures.is_empty()
    assert read.lines(0).is_empty()


def test_a_truncated_file_refuses_the_delivery_whatever_its_view(tmp_path: Path) -> None:
    texts = {
        "Structure": text_of("Structure", *rows_of("Structure", {})),
        "Inconnue": text_of("Inconnue", "a|b", ["1|2"], rows=2),
    }
    with pytest.raises(DeliveryRefused) as refused:
        scanned(tmp_path, texts)
    assert refused.value.code == "truncated"
    assert [path.name for path in tmp_path.iterdir()] == ["feed"]
    allowed = scanned(tmp_path, texts, allow_truncated=True)
    assert allowed.views["Inconnue"].rows == 1


def test_the_stamp_is_the_latest_of_the_first_lines(tmp_path: Path) -> None:
    texts = {
        "Structure": text_of("Structure", *rows_of("Structure", {}), stamp="08112026_063004"),
        "Inconnue": text_of("Inconnue", "a|b", [], stamp="09112026_000001"),
        "Autre": text_of("Autre", "a|b", [], stamp="31102026_235959"),
    }
    assert f"{scanned(tmp_path, texts).stamp:%Y-%m-%d %H:%M:%S}" == "2026-11-09 00:00:01"


def test_rejects_come_by_view_then_line_and_cleanup_leaves_nothing(tmp_path: Path) -> None:
    header, rows = rows_of(
        L,
        {},
        {"emi_nb_heures_travail": "1"},
        {"emi_dsm_id": "x"},
        {"emi_dsm_id": "7|8"},
        {"emi_nb_heures_travail": "2"},
    )
    structures = text_of("Structure", *rows_of("Structure", {"structure_id_siae": ""}))
    texts = {L: text_of(L, header, rows), "Structure": structures}
    read = scanned(tmp_path, texts, block_bytes=1)
    frame = pl.concat(read.rejects())
    assert frame.select("view", "line", "code").rows() == [
        (L, 4, "key-reused"),
        (L, 5, "unreadable-number"),
        (L, 6, "column-count"),
        (L, 7, "key-reused"),
        ("Structure", 3, "missing-value"),
    ]
    read.cleanup()
    assert [path.name for path in tmp_path.iterdir()] == ["feed"]


PIECES = st.sampled_from(
    [
        *("|".join((STRUCTURE | {"structure_id_siae": key}).values()) for key in ("1", "2", "x")),
        *("3|90000010100015|", "|LES JARDINS", "DU LAC", "|||", "", "|||||||||"),
    ]
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(PIECES, max_size=12), block=st.integers(1, 300))
def test_blocks_of_any_size_give_the_same(tmp_path: Path, lines: list[str], block: int) -> None:
    text = text_of("Structure", "|".join(STRUCTURE), lines)
    found = []
    for size in (block, 24 * 2**20):
        read = scanned(tmp_path, {"Structure": text}, allow_truncated=True, block_bytes=size)
        found.append((read.views, rejects_of(read), read.structures.rows()))
        read.cleanup()
    shutil.rmtree(tmp_path / "feed")
    assert found[0] == found[1]
