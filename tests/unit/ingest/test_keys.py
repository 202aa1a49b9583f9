"""Natural keys as the table of documents holds them are those that events bear."""

import pytest

from services.ingest.domain.keys import natural_key, withdrawn_data
from shared.contracts.registry import DocumentType, declared, withdrawn

KEYS = {DocumentType.MONTHLY_STATE: (2001, 202603), DocumentType.SUPPORT_HOURS: (101, 20261)}


@pytest.mark.parametrize("kind", DocumentType)
def test_a_key_is_written_as_its_event_writes_it(kind: DocumentType) -> None:
    key = KEYS.get(kind, (7, 0))
    data = withdrawn_data(kind, key, 3)
    assert type(data) is withdrawn(kind).model
    assert natural_key(kind, key) == declared(kind).subject(data)
