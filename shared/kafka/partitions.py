"""What a worker remembers of a partition that it owns. All of it can be forgotten safely."""

import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from shared.kafka.records import Outcome

FIRST_DELAY = 0.2
LONGEST_DELAY = 30.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How many data faults a partition may have before a person must look: never drop and go on."""

    in_a_row: int = 100
    window: int = 1_000
    share: float = 0.5


@dataclass(slots=True)
class PartitionState:
    """`stopped` is a reason that only a person lifts; `retry_at` an instant (monotonic seconds)."""

    budget: Budget
    next_offset: int | None = None
    gap: tuple[int, int] | None = None
    attempts: int = 0
    lock_timeouts: int = 0
    retry_at: float | None = None
    stopped: str | None = None
    refused_in_a_row: int = 0
    refused_recently: int = 0
    recent: deque[bool] = field(default_factory=deque)

    @property
    def parked(self) -> bool:
        """Is the partition paused, whatever the reason?"""
        return self.stopped is not None or self.retry_at is not None

    def park(self, now: float) -> float:
        """Pause after an infrastructure fault: exponential backoff with jitter, in seconds."""
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(self.attempts, 16))
        delay *= random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
        self.attempts += 1
        self.retry_at = now + delay
        return delay

    def succeeded(self, next_offset: int) -> None:
        """A slice is committed: forget former faults of the infrastructure."""
        self.next_offset = next_offset
        self.attempts = 0
        self.lock_timeouts = 0
        self.gap = None

    def spend(self, outcomes: Iterable[Outcome]) -> str | None:
        """Account data faults against the budget; the reason, in French, when it is spent."""
        reason: str | None = None
        for outcome in outcomes:
            self._account(outcome is Outcome.REJECTED)
            reason = self._spent() or reason
        return reason

    def trial(self) -> Callable[[bool], bool]:
        """What would spend the budget, told record after record, before anything is committed:
        the slice ends there, so that nothing is put aside beyond the budget."""
        state = replace(self, recent=deque(self.recent))

        def is_spent(refused: bool) -> bool:
            state._account(refused)
            return state._spent() is not None

        return is_spent

    def _account(self, refused: bool) -> None:
        self.refused_in_a_row = self.refused_in_a_row + 1 if refused else 0
        self.recent.append(refused)
        self.refused_recently += refused
        if len(self.recent) > self.budget.window:
            self.refused_recently -= self.recent.popleft()

    def _spent(self) -> str | None:
        if self.refused_in_a_row >= self.budget.in_a_row:
            return f"{self.refused_in_a_row} enregistrements illisibles de suite"
        full = len(self.recent) == self.budget.window
        if full and self.refused_recently >= self.budget.share * self.budget.window:
            return f"{self.refused_recently} enregistrements illisibles sur {self.budget.window}"
        return None
