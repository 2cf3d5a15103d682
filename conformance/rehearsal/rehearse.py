"""A rehearsal from the first look to the clean-up: test connection, cycles, and a comparison after each of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from conformance.rehearsal.compare import compare
from conformance.rehearsal.cycles import ENTRA, OKTA, Cycle
from conformance.rehearsal.escrow import prospects
from conformance.rehearsal.findings import Kind
from conformance.rehearsal.outcome import CycleResult, Outcome
from conformance.rehearsal.service import Failed
from conformance.rehearsal.services import DIALECTS, engage, leave
from conformance.rehearsal.timeline import timeline
from conformance.tenant.allowance import Ended

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.rehearsal.directory import Directory
    from conformance.rehearsal.scope import Scope
    from conformance.rehearsal.service import Service
    from conformance.spec.profile import Profile
    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange

_ON_DEMAND_MEMBERS = 5
_CONNECTION = Cycle("test-connection", "Test connection")
_CYCLES: Mapping[str, Sequence[Cycle]] = {"entra": ENTRA, "okta": OKTA}


@dataclass(frozen=True)
class Plan:
    """How to rehearse. ``dialect`` is the client's way of speaking, empty for its usual one.

    ``deletion_threshold`` is the number of disables and deletions in one cycle from which Entra asks an administrator
    first, 0 for none; ``skip_out_of_scope_deletions`` is Entra's setting of that name. ``announce`` is told of each
    exchange, ``on_progress`` of the cycle, how many objects of how many are done.
    """

    dialect: str = ""
    scope: Scope = ()
    seed: str = ""
    deletion_threshold: int = 0
    skip_out_of_scope_deletions: bool = False
    announce: Callable[[Exchange], None] = lambda _: None
    on_progress: Callable[[str, int, int], None] = lambda *_: None


def rehearse(client: Client, profile: Profile, directory: Directory, plan: Plan) -> Outcome:
    """Rehearse what the profile's client would do to the tenant with this source directory, and clean up.

    The profile must have mapping tables, and its client be one of ``DIALECTS``. An interrupt ends the rehearsal early,
    after the clean-up.
    """
    service = engage(client, profile, directory, plan.dialect, plan.scope, announce=plan.announce)
    service.spares = plan.skip_out_of_scope_deletions
    outcome = Outcome(
        tenant=str(client.url),
        client=service.name,
        dialect=plan.dialect or DIALECTS[profile.client][0],
        profile=profile.name,
        seed=plan.seed,
        users=len(directory.people),
        groups=len(directory.teams),
        started=datetime.now(UTC),
        findings=service.findings,
    )
    clock = time.perf_counter()
    try:
        _perform(service, _CYCLES[profile.client], outcome, plan)
    except KeyboardInterrupt:
        outcome.interrupted = True
    except Ended as reason:
        outcome.stopped = str(reason)
    finally:
        outcome.left_behind = leave(service)
    outcome.duration = time.perf_counter() - clock
    outcome.escrow = tuple(prospects(service.escrow.values()))
    outcome.requests = len(service.wire.trace)
    outcome.exchanges = tuple(service.wire.trace.kept())
    outcome.timeline = tuple(timeline(service.wire.trace))
    return outcome


def _perform(service: Service, cycles: Sequence[Cycle], outcome: Outcome, plan: Plan) -> None:
    plan.on_progress(_CONNECTION.title, 0, len(cycles))
    _connect(service, outcome)
    if outcome.stopped:
        return
    directory = service.directory
    for number, cycle in enumerate(cycles, start=1):
        service.wire.trace.next_cycle()
        plan.on_progress(cycle.title, number - 1, len(cycles))
        for change in cycle.changes:
            change.happen(directory)
        changed = directory.watermark()
        result = CycleResult(number, cycle.name, cycle.title, Counter(w for whats in changed.values() for w in whats))
        outcome.cycles.append(result)
        clock = time.perf_counter()
        try:
            _run(service, cycle, changed, plan)
        finally:
            result.duration = time.perf_counter() - clock
            result.tally = service.tally
        result.compared = compare(service, everything=number in {1, len(cycles)} or cycle.full)
        _finish(service, result)
        plan.on_progress(cycle.title, number, len(cycles))
        if result.tally.refused:
            outcome.stopped = "the tenant refuses the credentials"
            return


def _connect(service: Service, outcome: Outcome) -> None:
    """Test the connection, and read what the client reads first."""
    result = CycleResult(0, _CONNECTION.name, _CONNECTION.title)
    outcome.cycles.append(result)
    for what, step in (("test connection", service.test_connection), ("preparation", service.prepare)):
        result.tally.attempts += 1
        try:
            step()
        except Failed as failed:
            result.tally.failures += 1
            service.report(what, Kind.FAILURE, failed.cause, exchange=failed.exchange, code=failed.code)
            outcome.refused = outcome.refused or failed.cause
            if failed.exchange.response is None or failed.code == "Unauthorized":
                outcome.stopped = failed.cause
    _finish(service, result)


def _run(service: Service, cycle: Cycle, changed: Mapping[str, list[str]], plan: Plan) -> None:
    if cycle.forget:
        service.forget()
    doomed = service.deletions(changed)
    if plan.deletion_threshold and doomed > plan.deletion_threshold:
        service.report(
            cycle.title,
            Kind.NOTE,
            f"{doomed} accounts and groups would be disabled or deleted, more than the threshold of "
            f"{plan.deletion_threshold}: Entra would send none of it before an administrator approves",
        )
    if cycle.on_demand:
        small = (team for team in service.directory.teams.values() if 0 < len(team.members) <= _ON_DEMAND_MEMBERS)
        service.only([service.directory.people[key] for key in changed][:1], [t for t in small if service.due(t)][:1])
        service.postponed.update(list(changed)[1:])
    else:
        service.run(changed, full=cycle.full)


def _finish(service: Service, result: CycleResult) -> None:
    found = service.findings.of(result.number)
    result.samples = service.wire.trace.samples
    service.wire.trace.retain(example.exchange for finding in found for example in finding.examples)
    result.answers = service.wire.trace.answers(result.number)
