"""The proof: with a fault planted in the reference tenant, the checks of what it breaks fail, and no others.

Everything happens in this process: no sockets, no pytest run loop. The checks are collected once, and again only for a
fault that changes what the tenant says of itself.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks.verdict import NotApplicable, Remarks, Verdict
from conformance.config import Settings
from conformance.judge import verdict_of
from conformance.plugin import JUDGED, calls_of, inapplicable
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, ReferenceTenant
from conformance.run import Run
from conformance.session import collect
from conformance.spec.requirements import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.reference.faults.registry import Fault
    from conformance.spec.schema import ResourceType

TOKEN = "a-token-for-the-proof"  # noqa: S105
SEED_USERS = 12
_GOOD = {Verdict.PASSED, Verdict.NOTED, Verdict.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check: its verdict, and whether an assertion failed, which a MAY only notes."""

    verdict: Verdict
    broken: bool

    @property
    def bad(self) -> bool:
        """Whether the check noticed something wrong."""
        return self.broken or self.verdict not in _GOOD


@dataclass(frozen=True)
class Proof:
    """What one fault changed. Checks are named by their ids.

    ``caught`` are the checks that noticed, ``missed`` the requirements that none of them judges, ``false_alarms`` the
    checks that changed although the fault breaks nothing they judge, ``blocked`` those that could not be asked.
    """

    fault: Fault
    caught: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    false_alarms: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether exactly the checks of what the fault breaks noticed it."""
        return bool(self.caught) and not self.missed and not self.false_alarms


@dataclass
class Prover:
    """Runs the checks on tenants in this process and remembers the plan and outcomes of the one without a fault."""

    _plans: dict[tuple[ResourceType, ...], Sequence[pytest.Function]] = field(default_factory=dict)
    _right: Mapping[str, Outcome] = field(default_factory=dict)

    def outcomes(self, fault: Fault | None = None) -> Mapping[str, Outcome]:
        """Return the outcome of every check on a tenant with the fault, or without any."""
        tenant = ReferenceTenant(token=TOKEN, seed_users=SEED_USERS)
        if fault:
            fault.plant(tenant)
        settings = Settings(tenant_url=f"http://127.0.0.1{BASE_PATH}", token=TOKEN, seed="proof", concurrency=1)
        run = Run(settings, transport=InProcess(tenant))
        run.open()
        try:
            return {item.nodeid: _ask(run, item) for item in self._items(run)}
        finally:
            run.close()

    def prove(self, fault: Fault) -> Proof:
        """Compare the tenant with the fault and the one without."""
        self._right = self._right or self.outcomes()
        wrong = self.outcomes(fault)
        caught, alarms, blocked, noticed = [], [], [], set()
        judged = {item.nodeid: {r.id for r in item.stash[JUDGED]} for plan in self._plans.values() for item in plan}
        for check, now in wrong.items():
            before = self._right.get(check, Outcome(Verdict.NOT_APPLICABLE, broken=False))
            if now == before:
                continue
            mine = judged[check] & set(fault.breaks)
            if now.bad and mine and now.verdict is not Verdict.BLOCKED:
                caught.append(check)
                noticed |= mine
            elif now.verdict is Verdict.BLOCKED:
                blocked.append(check)
            elif not mine and now.bad:
                alarms.append(check)
        missed = tuple(i for i in fault.breaks if i not in noticed)
        return Proof(fault, tuple(caught), missed, tuple(alarms), tuple(blocked))

    @property
    def judged(self) -> set[str]:
        """The requirements that the checks of the tenant without a fault judge, those that do not apply included."""
        return {r.id for item in next(iter(self._plans.values()), ()) for r in item.stash[JUDGED]}

    def _items(self, run: Run) -> Sequence[pytest.Function]:
        plan = self._plans.get(run.service.resource_types)
        if plan is None:
            plan = self._plans[run.service.resource_types] = [
                item for item in collect(run) if isinstance(item, pytest.Function)
            ]
        return plan


def _ask(run: Run, item: pytest.Function) -> Outcome:
    """Judge one check as pytest would, without pytest."""
    remarks, raised = Remarks(), None
    try:
        item.obj(**_arguments(run, item, remarks))
    except Exception as error:  # noqa: BLE001 - every way to end is an outcome
        raised = error
    weightiest = min((r.level for r in item.stash[JUDGED]), key=list(Level).index)
    return Outcome(verdict_of(raised, remarks, weightiest)[0], isinstance(raised, AssertionError))


def _arguments(run: Run, item: pytest.Function, remarks: Remarks) -> dict[str, Any]:
    reason = inapplicable(item.stash[JUDGED], run.service)
    if reason or item.get_closest_marker("skip"):
        raise NotApplicable(reason or "there is nothing to run it for")
    calls = {call.probe.name: call for call in calls_of(item)}
    given = {"verdict": remarks, "tenant": run, **(item.callspec.params if hasattr(item, "callspec") else {})}
    names = inspect.signature(item.obj).parameters
    return {name: run.gatherer.evidence(calls[name]) if name in calls else given[name] for name in names}
