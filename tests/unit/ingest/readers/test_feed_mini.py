"""The sample deliveries: rejects, receipts and warnings of the views read."""

import csv
import json
from pathlib import Path

import pytest

from services.ingest.readers.delivery import DeliveryRefused, open_delivery
from services.ingest.readers.scan import scan
from services.ingest.readers.views import VIEWS
from services.ingest.readers.warnings import annex_warnings, line_warnings, structure_warnings
from tests.unit.ingest.readers.feeds import NO_OWNERS

DATA = Path(__file__).parents[3] / "data" / "feed-mini"
OF_OTHER_VIEWS = {"nir-key": 1, "unknown-exit-reason": 1, "unknown-measure": 1}


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
    warnings += annex_warnings(read.annexes, read.referential)[1]
    for bucket in range(read.bucket_count):
        warnings += line_warnings(read.lines(bucket))
    warnings.update(OF_OTHER_VIEWS)
    assert warnings == receipt["warnings"]
    assert read.month_keys().height == sum(
        count
        for change, count in receipt["documents"]["monthly-state"].items()
        if change != "withdrawn"
    )


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
