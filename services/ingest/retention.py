"""How long receipts and rejected rows are kept (docs/privacy.md).

Of each source the latest delivery stays: it says which delivery is older. A load that was killed
stays too: it may resume.
"""

from datetime import timedelta
from typing import Final

from shared.database.retention import THREE_MONTHS, Kept

TWO_DAYS: Final = timedelta(days=2)

KEPT: Final = (
    Kept(
        "upload",
        THREE_MONTHS,
        "DELETE FROM upload WHERE state NOT IN ('queued', 'running') AND received_at < $1",
    ),
    Kept("idempotency", TWO_DAYS, "DELETE FROM idempotency WHERE created_at < $1"),
    Kept(
        "reject",
        THREE_MONTHS,
        "DELETE FROM reject r USING submission s WHERE s.submission_id = r.submission_id"
        " AND s.state <> 'running' AND s.accepted_at < $1",
    ),
    Kept(
        "chunk",
        THREE_MONTHS,
        "DELETE FROM chunk c USING submission s WHERE s.submission_id = c.submission_id"
        " AND s.state <> 'running' AND s.accepted_at < $1",
    ),
    Kept(
        "submission",
        THREE_MONTHS,
        "DELETE FROM submission s WHERE s.state <> 'running' AND s.accepted_at < $1"
        " AND (s.stamp IS NULL OR EXISTS (SELECT FROM submission later"
        " WHERE later.source = s.source"
        " AND (later.stamp, later.submission_id) > (s.stamp, s.submission_id)))",
    ),
)
