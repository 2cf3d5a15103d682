"""Load as a client would make it: its own traffic at a steady rate, and how the tenant bears it."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from conformance.rehearsal.findings import Kind
from conformance.rehearsal.load_outcome import Asked, LoadOutcome
from conformance.rehearsal.schedule import Over, Schedule
from conformance.rehearsal.service import Failed
from conformance.rehearsal.services import DIALECTS, engage, leave
from conformance.rehearsal.timeline import overtaxed, timeline
from conformance.rehearsal.trace import Trace
from conformance.rehearsal.traffic import Traffic
from conformance.tenant.again import retry_after
from conformance.tenant.allowance import Ended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.rehearsal.directory import Directory
    from conformance.rehearsal.service import Service
    from conformance.spec.profile import Profile
    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange

TITLE = "Load"
_IDLE = 0.01  # seconds until a thread looks again for something that no other is at work on
_EXAMPLES = 2  # exchanges kept of each cause
_SHORTEST = 0.5  # seconds for which the plot has a bar: with less, bars are of one request more or less
_TICK = 0.5  # seconds between two words on how far it is


@dataclass
class Gauge:
    """Figures of requests from the moment at which each was due, not at which it could be sent. For many threads."""

    schedule: Schedule
    trace: Trace = field(default_factory=Trace)
    latencies: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    causes: Counter[str] = field(default_factory=Counter)
    without_retry_after: int = 0

    def __post_init__(self) -> None:
        """Begin."""
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._examples: Counter[str] = Counter()

    def before(self) -> None:
        """Wait for the turn of this thread's next request. Raises Over."""
        self._mine.late = self.schedule.turn()

    def after(self, exchange: Exchange) -> Exchange:
        """Take in this thread's request; return it as it looks from the moment at which it was due."""
        late = self._mine.late
        seen = replace(exchange, started=exchange.started - late, elapsed=exchange.elapsed + late)
        refused = exchange.response is not None and exchange.status == HTTPStatus.TOO_MANY_REQUESTS
        self.trace.count(seen)
        with self._lock:
            self.latencies[exchange.name].append(seen.elapsed)
            self.without_retry_after += refused and retry_after(exchange) is None
        return seen

    def failed(self, failed: Failed, trace: Trace) -> None:
        """Count why a step failed, unless the tenant had too much to do; have the trace keep examples of either."""
        status = failed.exchange.response.status if failed.exchange.response else 0
        with self._lock:
            self.causes[failed.cause] += not overtaxed(status)
            self._examples[failed.cause] += 1
            telling = self._examples[failed.cause] <= _EXAMPLES
        if telling:
            trace.keep(failed.exchange)
            trace.retain([failed.exchange.id])


@dataclass(frozen=True)
class LoadPlan:
    """``rate`` requests a second for so many ``seconds``. ``on_progress`` is told how many requests of how many."""

    rate: float
    seconds: float
    dialect: str = ""
    seed: str = ""
    on_progress: Callable[[str, int, int], None] = lambda *_: None


def load(client: Client, profile: Profile, directory: Directory, plan: LoadPlan) -> LoadOutcome:
    """Make the traffic of the profile's client on as many threads as the client may have requests in flight.

    The directory must hold enough people (``people_for``). Nothing is sent again that is refused with 429. What was
    created is deleted afterwards, no faster than the client's own limits allow; an interrupt ends the load early.
    """
    service = engage(client, profile, directory, plan.dialect)
    gauge = Gauge(Schedule(plan.rate, plan.seconds))
    outcome = LoadOutcome(
        tenant=str(client.url),
        client=service.name,
        dialect=plan.dialect or DIALECTS[profile.client][0],
        profile=profile.name,
        seed=plan.seed,
        rate=plan.rate,
        seconds=plan.seconds,
        concurrency=client.limits.concurrency,
        started=datetime.now(UTC),
    )
    try:
        with _paced_by(gauge, service):
            _drive(service, gauge, outcome, plan)
    except KeyboardInterrupt:
        outcome.interrupted = True
    finally:
        outcome.left_behind = leave(service)
    _measure(gauge, outcome)
    outcome.causes = gauge.causes + Counter({f.cause: f.count for f in service.findings if f.kind is not Kind.NOTE})
    outcome.exchanges = tuple(service.wire.trace.kept())
    return outcome


@contextmanager
def _paced_by(gauge: Gauge, service: Service) -> Iterator[None]:
    """Let the schedule alone say when something is sent; afterwards the client's own limits hold again."""
    wire, client = service.wire, service.wire.client
    usual = client.limits
    client.limits = replace(usual, rate=0.0, attempts=1)
    wire.before, wire.announce = gauge.before, gauge.after
    try:
        yield
    finally:
        client.limits = usual


def _drive(service: Service, gauge: Gauge, outcome: LoadOutcome, plan: LoadPlan) -> None:
    traffic, schedule = Traffic(service, plan.seed), gauge.schedule

    def work() -> None:
        while True:
            try:
                if not traffic.step():
                    time.sleep(_IDLE)
            except Failed as failed:
                gauge.failed(failed, service.wire.trace)
            except Over:
                return
            except Ended as reason:
                outcome.stopped = str(reason)
                schedule.end()

    pool = ThreadPoolExecutor(outcome.concurrency, thread_name_prefix="load")
    try:
        workers = [pool.submit(work) for _ in range(outcome.concurrency)]
        while wait(workers, _TICK).not_done:
            plan.on_progress(TITLE, schedule.taken, schedule.planned)
        for worker in workers:
            worker.result()
    finally:
        schedule.end()
        pool.shutdown(wait=True)


def _measure(gauge: Gauge, outcome: LoadOutcome) -> None:
    answers = gauge.trace.answers(0)
    outcome.asked = [Asked.of(what, sorted(took), answers[what]) for what, took in sorted(gauge.latencies.items())]
    outcome.total = Asked.of("all", sorted(gauge.trace.elapsed), Counter(gauge.trace.statuses))
    trace, lasted = gauge.trace, gauge.schedule.lasted
    within = min(trace.started, default=0.0) + lasted + outcome.total.p25 / 1000
    all_of_them = zip(trace.started, trace.elapsed, trace.statuses, strict=True)
    in_time = sum(start + took <= within and not overtaxed(status) for start, took, status in all_of_them)
    outcome.achieved = in_time / lasted if lasted else 0.0
    outcome.late, outcome.without_retry_after = gauge.schedule.missed, gauge.without_retry_after
    outcome.timeline = tuple(timeline(trace, _SHORTEST))
