"""The sample deliveries: rejects, receipts and warnings of the views read."""

import csv
import json
from pathlib import Path

import pytest

from services.ingest.deliveries import contents_of
from services.ingest.readers.delivery import DeliveryRefused, open_delivery
from services.ingest.readers.scan import scan
from services.ingest.readers.views import VIEWS
from services.ingest.readers.warnings import (
    annex_warnings,
    contract_warnings,
    line_warnings,
    person_warnings,
    reason_warnings,
    structure_warnings,
)
from shared.contracts.registry import DocumentType
from tests.unit.ingest.readers.feeds import NO_OWNERS

DATA = Path(__file__).parents[3] / "data" / "feed-mini"


@pytest.mark.parametrize("delivery", [".", "second-delivery", "third-delivery"])
@pytest.mark.parametrize("block_bytes", [1, 997, 24 * 2**20])
def test_delivery(tmp_path: Path, delivery: str, block_bytes: int) -> None:
    expected = DATA / delivery / "expected"
    read = scan(
        open_delivery([DATA / delivery / "feed"], tmp_path),
        tmp_path,
        allow_truncated=False,
        known_owners=NO_OWNERS,
        progress=lambda _: None,
        block_bytes=block_bytes,
    )
    receipt = json.loads((expected / "receipt.json").read_text())
    for view, counts in receipt["views"].items():
        found = read.views[view]
        assert found.rows == counts["rows"]
        if view in VIEWS:
            assert found.accepted == counts["accepted"]
            assert found.rejected == counts["rejected"]
            assert found.ignored == counts["ignored"]
        else:
            assert found.ignored == counts["rows"]
    with (expected / "rejects.csv").open() as file:
        rejects = [
            (row["view"], int(row["line"]), row["column"], row["code"])
            for row in csv.DictReader(file)
            if row["view"] in VIEWS
        ]
    found_rejects = [
        row
        for frame in read.rejects()
        for row in frame.select("view", "line", "column", "code").iter_rows()
    ]
    assert found_rejects == rejects
    warnings = read.warnings + structure_warnings(read.structures)
    warnings += person_warnings(read.persons)
    known = read.referential("RefMotifSort")["rms_id"]
    warnings += annex_warnings(read.annexes, read.referential("RefMontantIae"))[1]
    for bucket in range(read.bucket_count):
        contracts = read.contracts(bucket)
        warnings += line_warnings(read.lines(bucket)) + contract_warnings(contracts)
        warnings += reason_warnings(read.lines(bucket)["emi_motif_sortie_id"], known)
        warnings += reason_warnings(contracts["contrat_motif_sortie_id"], known)
    assert warnings == receipt["warnings"]
    for kind, counts in receipt["documents"].items():
        delivered = sum(count for change, count in counts.items() if change != "withdrawn")
        assert contents_of(read).keys[DocumentType(kind)].height == delivered


def test_a_wrong_fin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        scan(
            open_delivery([DATA / "wrong-fin"], tmp_path),
            tmp_path,
            allow_truncated=False,
            known_owners=NO_OWNERS,
            progress=lambda _: None,
        )
    assert refused.value.code == "truncated"
