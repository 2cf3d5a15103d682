"""Gathering: runs each probe once, ahead of the checks and side by side, or when a check first asks for it."""

from __future__ import annotations

import itertools
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from conformance.probes.ask import Ask
from conformance.probes.evidence import Blocked, Evidence
from conformance.probes.samples import prepare
from conformance.tenant.allowance import Ended
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conformance.probes.registry import ProbeCall
    from conformance.probes.samples import Recipe
    from conformance.spec.service import Service
    from conformance.tenant.client import Client

# Seconds. With the interpreter's own 5 ms a request that is ready waits as long for whatever is judged meanwhile.
_SWITCH_INTERVAL = 0.0005


class Gatherer:
    """Keeps one piece of evidence for each probe call. What is created follows the ``recipe``.

    ``service`` is what is known of the tenant; the probes that run from then on go by it.
    """

    def __init__(self, client: Client, service: Service, recipe: Recipe) -> None:
        self.service = service
        self._client, self._recipe = client, recipe
        self._futures: dict[ProbeCall, Future[Evidence]] = {}
        self._pending: set[Future[Evidence]] = set()
        self._lock = threading.Lock()
        self._running = 0
        self._finished = threading.Condition()

    @contextmanager
    def ahead(self, on_progress: Callable[[int, int], None]) -> Iterator[Callable[[Iterable[ProbeCall]], None]]:
        """Run probes on as many threads as the tenant may see requests at once.

        Yields what takes them in, in their order; their evidence can be judged as it comes in. ``on_progress`` is told
        how many are done and how many there are. Leaving the context, also by an interrupt, waits for the probes that
        are running, so that they clean up, and starts no more.
        """
        prepare()
        wanted: list[ProbeCall] = []
        done = itertools.count(1)
        pool = ThreadPoolExecutor(max_workers=self._client.limits.concurrency, thread_name_prefix="probe")

        def take(calls: Iterable[ProbeCall]) -> None:
            new = [call for call in dict.fromkeys(calls) if call not in self._futures]
            wanted.extend(new)
            for call in new:
                self._futures[call] = future = pool.submit(self.gather, call)
                self._pending.add(future)
                future.add_done_callback(self._pending.discard)
                future.add_done_callback(lambda _: on_progress(next(done), len(wanted)))

        patience = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_INTERVAL)
        try:
            yield take
        except BaseException:
            self._client.allowance.end("the run was interrupted")
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            sys.setswitchinterval(patience)
            with self._finished:
                # An interrupt in the middle of submit() can leave a thread of which the pool does not know.
                self._finished.wait_for(lambda: not self._running)

    @property
    def idle(self) -> bool:
        """Whether more probes could be running than there are."""
        return len(self._pending) < self._client.limits.concurrency

    def put(self, call: ProbeCall, evidence: Evidence) -> None:
        """Take in evidence that was gathered elsewhere."""
        future: Future[Evidence] = Future()
        future.set_result(evidence)
        self._futures[call] = future

    def evidence(self, call: ProbeCall) -> Evidence:
        """Return a view of the evidence of a probe call, gathering it now if it has not been."""
        with self._lock:
            future = self._futures.get(call)
            if future is None or future.cancelled():
                future = self._futures[call] = Future()
                try:
                    future.set_result(self.gather(call))
                except Exception as error:  # noqa: BLE001 - the future hands it to every check that asks
                    future.set_exception(error)
        return future.result().view()

    @property
    def gathered(self) -> list[Evidence]:
        """The evidence there is so far."""
        done = [future for future in self._futures.values() if future.done() and not future.cancelled()]
        return [future.result() for future in done if future.exception() is None]

    def gather(self, call: ProbeCall) -> Evidence:
        """Run a probe now, whatever was gathered before."""
        ask = Ask(call, self._client, self.service, self._recipe)
        with self._finished:
            self._running += 1
        try:
            call.probe.function(ask, *call.arguments)
        except Blocked as reason:
            ask.evidence.stopped = reason
        except (Unusable, Ended) as reason:
            ask.evidence.stopped = Blocked(str(reason))
        finally:
            try:
                ask.clean_up()
            finally:
                with self._finished:
                    self._running -= 1
                    self._finished.notify_all()
        return ask.evidence
