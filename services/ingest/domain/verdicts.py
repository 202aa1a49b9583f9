"""What the door answers of each declaration of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.web.faults import Fault

NOT_MANDATED = "not-mandated"


class Status(StrEnum):
    """Accepted and unchanged are durable; rejected changed nothing."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`index` is the place in the batch, `id` that of the event that now holds, if any."""

    index: int
    status: Status
    id: str | None = None
    errors: tuple[Fault, ...] = ()

    def item(self) -> dict[str, Any]:
        """As answered."""
        return {
            "index": self.index,
            "status": self.status.value,
            "id": self.id,
            "errors": [fault._asdict() for fault in self.errors],
        }


def http_status(verdicts: Sequence[Verdict]) -> int:
    """201 when nothing was rejected, 207 when something was, 400 when all was; 403 when all was
    for want of a mandate."""
    rejected = [verdict for verdict in verdicts if verdict.status is Status.REJECTED]
    if not rejected:
        return 201
    if len(rejected) < len(verdicts):
        return 207
    codes = {fault.code for verdict in rejected for fault in verdict.errors}
    return 403 if codes == {NOT_MANDATED} else 400
