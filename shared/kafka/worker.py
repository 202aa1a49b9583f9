"""A service's worker process: relay, purge, subscription, their upkeep and their probes."""

import asyncio
import gc
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from shared.database.retention import Purge
from shared.kafka.keeper import Keeper
from shared.kafka.relay import Relay
from shared.kafka.subscription import Subscription
from shared.settings import ServiceSettings
from shared.telemetry.metrics import Metrics
from shared.web.probes import Probe, probe_app, serve_probes

TURN_SECONDS = 0.5
TURNS_BETWEEN_LOOKS = 20
LOOK_SECONDS = 10.0
STUCK_SECONDS = 60.0
UNASSIGNED_SECONDS = 300.0
"""Longer than any rebalance; a member that was left out this long can no more rejoin (trap 9)."""
RETRY_SECONDS = 1.0

Part = Callable[[], Coroutine[Any, Any, None]]
"""Runs beside the rest until it is cancelled; the worker ends with it."""

_log = structlog.get_logger("worker")


class FencedInstanceError(RuntimeError):
    """Another process bears this one's slot name: one of them must end, and the broker chose."""


class Consuming:
    """The consuming half of a worker: built once broker and database answer."""

    def __init__(
        self,
        service: str,
        metrics: Metrics,
        build: Callable[[], Awaitable[tuple[Keeper, Subscription]]],
    ) -> None:
        self._service = service
        self._metrics = metrics
        self._build = build
        self._keeper: Keeper | None = None
        self._subscription: Subscription | None = None
        self._turned_at = _now()
        self.fault: str | None = "démarrage en cours"
        self._log_fault: str | None = None

    async def run(self) -> None:
        """Start, waiting for what is away and saying why; then tend the partitions for ever.

        `FencedInstanceError` when another process takes this slot.
        """
        while self._subscription is None:
            self._turned_at = _now()
            try:
                keeper, subscription = await self._build()
                await _start(keeper, subscription)
                self._keeper, self._subscription = keeper, subscription
            except Exception as error:  # noqa: BLE001 - broker or database away
                self.fault = f"en attente de Kafka ou de PostgreSQL ({type(error).__name__})"
                _log.warning("worker_waits", exc_info=error)
                await asyncio.sleep(RETRY_SECONDS)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        turn = 0
        while not self._subscription.fenced():
            await self._tend(self._keeper, turn)
            turn += 1
            await asyncio.sleep(TURN_SECONDS)
        raise FencedInstanceError

    async def stop(self) -> None:
        """Leave the group and let the connection go, within deadlines."""
        if self._subscription is not None:
            await self._subscription.stop()
        if self._keeper is not None:
            await self._keeper.close()

    def stuck(self) -> str | None:
        """Why the process should be started again: no turn, no progress while records wait, or
        no partition for too long."""
        now, keeper = _now(), self._keeper
        if now - self._turned_at > STUCK_SECONDS:
            return "la boucle de travail ne tourne plus"
        if keeper is None:
            return None
        if now - keeper.progressed_at > STUCK_SECONDS:
            return "des enregistrements attendent sans avancer"
        since = keeper.unassigned_since
        if since is not None and now - since > UNASSIGNED_SECONDS:
            return "sans partition depuis trop longtemps"
        return None

    def not_ready(self) -> str | None:
        """Why records are not being applied now."""
        fault = self.fault or self._log_fault
        if fault is not None or self._keeper is None:
            return fault
        if not self._keeper.states:
            return "aucune partition attribuée"
        stopped = [
            f"{tp.topic}-{tp.partition} : {state.stopped}"
            for tp, state in self._keeper.states.items()
            if state.stopped
        ]
        return "partitions arrêtées, " + " ; ".join(stopped) if stopped else None

    async def _tend(self, keeper: Keeper | None, turn: int) -> None:
        self._turned_at = _now()
        if keeper is None:
            return
        try:
            await keeper.resume_due()
            if turn % TURNS_BETWEEN_LOOKS == 0 or self._log_fault is not None:
                positions = await keeper.positions()
                self._log_fault = await _ask_broker(keeper.check_log(positions))
            if turn % 4 == 0:
                await keeper.ping()
                self.fault = None
                self._log_fault = self._log_fault or await _ask_broker(keeper.pass_tails())
        except Exception as error:  # noqa: BLE001 - said by readiness, tried at the next turn
            self.fault = f"PostgreSQL ne répond pas ({type(error).__name__})"
            _log.warning("worker_upkeep_failed", exc_info=error)
        self._watch_lag(keeper)

    def _watch_lag(self, keeper: Keeper) -> None:
        """While the log is away nothing can progress, and a new start would not help."""
        waiting = keeper.lag()
        for tp, lag in waiting.items():
            self._metrics.lag.labels(self._service, tp.topic, str(tp.partition)).set(lag)
        late = any(lag and not keeper.states[tp].parked for tp, lag in waiting.items())
        if not late or self._log_fault is not None:
            keeper.progressed_at = _now()


class Worker:
    """What `cadran serve worker SERVICE` runs until SIGTERM or SIGINT."""

    def __init__(
        self,
        settings: ServiceSettings,
        service: str,
        registry: CollectorRegistry,
        relay: Relay,
        purge: Purge,
        *,
        consuming: Consuming | None = None,
        others: Sequence[Part] = (),
    ) -> None:
        self._settings = settings
        self._service = service
        self._others = others
        self._relay = relay
        self._purge = purge
        self._consuming = consuming
        self._probe = Probe(self._live, self._ready, registry)

    async def run(self) -> None:
        """Run until a signal; every part is stopped within its deadline."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        parts = [self._relay.run(), self._purge.run(), *(other() for other in self._others)]
        parts += [self._consuming.run()] if self._consuming else []
        async with serve_probes(probe_app(self._probe), self._settings.probe_port) as port:
            _log.info("worker_started", service=self._service, probe_port=port)
            tasks = [asyncio.create_task(part) for part in parts]
            ended = asyncio.create_task(stopping.wait())
            done, _ = await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in (*tasks, ended):
                task.cancel()
            await self._stop()
        for task in done - {ended}:
            task.result()

    async def _stop(self) -> None:
        if self._consuming is not None:
            await self._consuming.stop()
        with suppress(asyncio.CancelledError):
            await self._relay.stop()
        _log.info("worker_stopped", service=self._service)

    def _live(self) -> str | None:
        return (self._consuming.stuck() if self._consuming else None) or self._relay.stuck()

    def _ready(self) -> str | None:
        return (self._consuming.not_ready() if self._consuming else None) or self._relay.fault


async def _ask_broker(question: Coroutine[Any, Any, None]) -> str | None:
    """Why the broker did not answer, in French; None when it did."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await question
    except Exception as error:  # noqa: BLE001 - said by readiness, tried again
        _log.warning("log_not_seen", exc_info=error)
        return f"Kafka ne répond pas ({type(error).__name__})"
    return None


async def _start(keeper: Keeper, subscription: Subscription) -> None:
    """Join the group, or leave nothing behind."""
    try:
        await subscription.start()
    except BaseException:
        await subscription.stop()
        await keeper.close()
        raise


def _now() -> float:
    return time.monotonic()
