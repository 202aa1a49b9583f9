"""The worker of `etp` as a release with a fault would have it: it refuses every monthly state."""

from cli.processes import serve_worker
from services.etp.projection import EtpProjection
from shared.contracts.monthly_state_v1 import MonthlyStateDeclared
from shared.database.dead_letters import Failure, FailureKind
from shared.kafka.projection import Row
from shared.kafka.records import Event

_project = EtpProjection.project


def _refuse_months(self: EtpProjection, event: Event) -> Row | Failure:
    if isinstance(event.data, MonthlyStateDeclared):
        return Failure(FailureKind.DOMAIN_REJECTED, "a fault of this release", ("month",))
    return _project(self, event)


if __name__ == "__main__":
    EtpProjection.project = _refuse_months  # type: ignore[method-assign]
    serve_worker("etp")
