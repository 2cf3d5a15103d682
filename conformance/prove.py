"""The proof: with a fault planted in the reference tenant, the checks of what it breaks fail, and no others.

Its other half: on a tenant that differs in a legal way no check fails.

Everything happens in this process: no sockets, no pytest run loop. The checks are collected once, and again only for a
fault that changes what the tenant says of itself.
"""

from __future__ import annotations

import gc
import inspect
import os
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import cycle
from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance.checks.verdict import NotApplicable, Remarks, Verdict
from conformance.config import Settings
from conformance.judge import verdict_of
from conformance.plan import JUDGED, calls_of, inapplicable
from conformance.proof import Proof, ProofTable
from conformance.reference.faults.registry import Fault, faults, find_fault, unproven
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, ReferenceTenant
from conformance.reference.variants import find_variant, variants
from conformance.run import Run
from conformance.session import collect, judges
from conformance.shadows import Shadows
from conformance.spec.profile import load_profile
from conformance.spec.requirements import Level, client_rules
from conformance.watched import Watched, alike, changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from conformance.probes.evidence import Evidence
    from conformance.probes.registry import ProbeCall
    from conformance.reference.variants import Variant
    from conformance.spec.requirements import Requirement
    from conformance.spec.service import Service
    from conformance.watched import Look

TOKEN = "a-token-for-the-proof"  # noqa: S105
SEED_USERS = 12
DISCOVERY = "discovery"  # the probe that every run begins with
_GOOD = {Verdict.PASSED, Verdict.NOTED, Verdict.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check: its verdict, and whether an assertion failed, which a MAY only notes.

    ``judged`` are the ids of the requirements that the check judges.
    """

    verdict: Verdict
    broken: bool = False
    judged: frozenset[str] = frozenset()

    @property
    def bad(self) -> bool:
        """Whether the check noticed something wrong."""
        return self.broken or self.verdict not in _GOOD


@dataclass(frozen=True)
class Asked:
    """A probe call, the looks that it took at the service, and the evidence that came of it."""

    call: ProbeCall
    looks: frozenset[Look]
    evidence: Evidence


@dataclass(frozen=True)
class Right:
    """What was found on the tenant without a fault. ``asked`` and ``outcomes`` go by the keys of probes and checks."""

    service: Service
    plan: Sequence[pytest.Function]
    asked: Mapping[str, Asked]
    outcomes: Mapping[str, Outcome]
    shadows: Shadows

    def known(self, service: Service, calls: Iterable[ProbeCall]) -> Iterator[tuple[ProbeCall, Evidence]]:
        """Yield the calls that cannot tell this service from the right one, each with the evidence that came of it."""
        differing = set()
        if service != self.service:
            looks = {look for asked in self.asked.values() for look in asked.looks}
            differing = changed(looks, self.service, service)
        for call in calls:
            asked = self.asked.get(call.key)
            if asked and asked.looks.isdisjoint(differing) and alike(asked.call.arguments, call.arguments):
                yield call, asked.evidence


class Prover:
    """Runs the checks on tenants in this process and remembers what became of them on the one without a fault.

    ``faults`` are those that will be asked about; of others no one can tell in advance which probes they touch.
    """

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._faults = faults

    @cached_property
    def right(self) -> Right:
        """What was found on the tenant without a fault."""
        tenant = _tenant()
        shadows = Shadows(tenant, self._faults)
        shadows.asking = DISCOVERY
        with _run_on(tenant, client_rules()) as run:
            plan = _plan(run)
            for call in _calls(run, plan) if self._faults else ():
                shadows.asking = call.key
                run.gatherer.evidence(call)
            watched = Watched(run.service)  # whose attributes are those that the plan is about
        with _run_on(_tenant(), client_rules()) as run:
            run.gatherer.service = cast("Service", watched)
            asked = {}
            with watched.reading():
                for call in _calls(run, plan):
                    watched.looks = set()
                    evidence = run.gatherer.evidence(call)
                    asked[call.key] = Asked(call, frozenset(watched.looks), evidence)
            outcomes = {item.nodeid: _ask(run, item) for item in plan}
            return Right(run.service, plan, asked, outcomes, shadows)

    def prove(self, fault: Fault) -> Proof:
        """Compare the tenant with the fault and the one without."""
        caught, alarms, blocked = [], [], []
        noticed: set[str] = set()
        # Client rules rest on what the RFCs require: a fault in that may break them, too, and is not about them.
        rules = client_rules() if set(fault.breaks) & set(client_rules()) else ()
        for check, now in self._with(fault, rules=rules).items():
            before = self.right.outcomes.get(check, Outcome(Verdict.NOT_APPLICABLE))
            if now == before:
                continue
            mine = now.judged & set(fault.breaks)
            if now.verdict is Verdict.BLOCKED:
                blocked.append(check)
            elif now.bad and mine:
                caught.append(check)
                noticed |= mine
            elif now.bad:
                alarms.append(check)
        missed = tuple(i for i in fault.breaks if i not in noticed)
        return Proof(fault.name, fault.description, fault.breaks, tuple(caught), missed, tuple(alarms), tuple(blocked))

    def false_reds(self, variant: Variant) -> tuple[str, ...]:
        """Return the checks that are not content with a legal variant."""
        return tuple(
            check
            for check, outcome in self._with(variant, variant.without).items()
            if outcome.verdict not in _GOOD
            and not (outcome.verdict is Verdict.WARNED and outcome.judged <= variant.not_followed)
        )

    def _with(
        self, deviation: Fault | Variant, without: frozenset[str] = frozenset(), rules: tuple[str, ...] = ()
    ) -> Mapping[str, Outcome]:
        """Return the outcome of every check that may have another one with the deviation than on the right tenant."""
        right, tenant = self.right, _tenant(without)
        deviation.plant(tenant)
        with _run_on(tenant, rules) as run:
            plan = right.plan if run.service.resource_types == right.service.resource_types else _plan(run)
            touched = right.shadows.touched(deviation)
            if touched is None:
                return {item.nodeid: _ask(run, item) for item in plan}
            calls = [asked.call for asked in right.asked.values()] if plan is right.plan else _calls(run, plan)
            for call, evidence in right.known(run.service, calls):
                if call.key not in touched | {DISCOVERY}:
                    run.gatherer.put(call, evidence)
            # What a check judges, and of whom, may hang on the service in other ways than by its evidence.
            same = run.service == right.service
            return {
                item.nodeid: _ask(run, item)
                for item in plan
                if not same or any(call.key in touched for call in calls_of(item))
            }


def _tenant(without: frozenset[str] = frozenset()) -> ReferenceTenant:
    return ReferenceTenant(token=TOKEN, seed_users=SEED_USERS, without=without)


@contextmanager
def _run_on(tenant: ReferenceTenant, rules: tuple[str, ...] = ()) -> Iterator[Run]:
    """Open a run on a tenant; ``rules`` are the client rules that bind. What it maps narrows nothing."""
    settings = Settings(tenant_url=f"http://127.0.0.1{BASE_PATH}", token=TOKEN, seed="proof", concurrency=1)
    run = Run(settings, transport=InProcess(tenant))
    run.profile = replace(load_profile("entra"), rules=rules, levels={}, attributes={})
    run.open()
    run.narrow()
    try:
        yield run
    finally:
        run.close()


def _plan(run: Run) -> Sequence[pytest.Function]:
    return [item for item in collect(run) if isinstance(item, pytest.Function)]


def prove(names: Sequence[str] = (), on_progress: Callable[[int, int], None] = lambda *_: None) -> ProofTable:
    """Plant each fault in turn, on every processor; only those named, or all of them and then the legal variants.

    ``on_progress`` is told how many are done and how many there are. Raises UnknownFault.
    """
    chosen = [find_fault(name).name for name in names] or list(faults())
    legal = [] if names else list(variants())
    many = min((os.cpu_count() or 1) + 1, len(chosen))  # one more than processors, since some probes wait for a clock
    learned = chosen if len(chosen) > many else []  # for one fault each it would take longer than to ask everything
    with ExitStack() as pools:
        # One process for each share, since to learn what faults touch takes the longer, the more of them there are.
        workers = [
            pools.enter_context(ProcessPoolExecutor(1, initializer=_prepare, initargs=(learned[number::many],)))
            for number in range(many)
        ]
        proofs = [worker.submit(_prove, name) for worker, name in zip(cycle(workers), chosen, strict=False)]
        reds = {name: worker.submit(_false_reds, name) for worker, name in zip(cycle(workers), legal, strict=False)}
        futures: list[Future[Any]] = [*proofs, *reds.values()]
        for done, _ in enumerate(as_completed(futures), start=1):
            on_progress(done, len(futures))
    proven = [future.result() for future in proofs]
    judged = frozenset(judges()) if not names else frozenset(i for proof in proven for i in proof.breaks)
    return ProofTable(proven, judged, unproven(), {name: future.result() for name, future in reds.items()})


_prover = Prover()


def _prepare(names: Sequence[str]) -> None:
    global _prover  # noqa: PLW0603 - one for each process of the pool
    _prover = Prover([find_fault(name) for name in names])
    _ = _prover.right
    gc.freeze()  # what is known of the right tenant stays, and need not be looked through again and again


def _prove(name: str) -> Proof:
    return _prover.prove(find_fault(name))


def _false_reds(name: str) -> tuple[str, ...]:
    return _prover.false_reds(find_variant(name))


def _ask(run: Run, item: pytest.Function) -> Outcome:
    """Judge one check as pytest would, without pytest."""
    remarks, raised = Remarks(), None
    try:
        item.obj(**_arguments(run, item, remarks))
    except Exception as error:  # noqa: BLE001 - every way to end is an outcome
        raised = error
    weightiest = min((r.level for r in item.stash[JUDGED]), key=list(Level).index)
    verdict, _ = verdict_of(raised, remarks, weightiest)
    return Outcome(verdict, isinstance(raised, AssertionError), frozenset(r.id for r in item.stash[JUDGED]))


def _arguments(run: Run, item: pytest.Function, remarks: Remarks) -> dict[str, Any]:
    if reason := _inapplicable(run, item):
        raise NotApplicable(reason)
    calls = {call.probe.name: call for call in calls_of(item)}
    known = {"verdict": remarks, "service": run.service, "profile": run.profile}
    given = known | (item.callspec.params if hasattr(item, "callspec") else {})
    wanted = _parameters(item.obj)
    return {name: run.gatherer.evidence(calls[name]) if name in calls else given[name] for name in wanted}


@cache
def _parameters(check: Callable[..., None]) -> tuple[str, ...]:
    return tuple(inspect.signature(check).parameters)


def _calls(run: Run, plan: Sequence[pytest.Function]) -> dict[ProbeCall, None]:
    return dict.fromkeys(call for item in plan if not _inapplicable(run, item) for call in calls_of(item))


def _inapplicable(run: Run, item: pytest.Function) -> str | None:
    nothing = "there is nothing to run it for" if item.get_closest_marker("skip") else None
    judged: list[Requirement] = item.stash[JUDGED]
    return inapplicable(judged, run) or nothing
