"""Priorities: what goes wrong, grouped by root cause, and what to repair first."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from conformance.checks.verdict import Verdict
from conformance.reporting.findings import causes, findings
from conformance.spec.profile import CLIENT, load_profile, profile_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.reporting.findings import Finding
    from conformance.reporting.model import Report
    from conformance.reporting.result import Result
    from conformance.spec.requirements import Requirement
    from conformance.tenant.exchange import Exchange

_SERVER_ERROR = 500


@dataclass(frozen=True)
class Problem:
    """Findings with one root cause, the weightiest first.

    ``crash`` says which request the tenant fails to carry out, where that is the cause. Until it is repaired,
    ``blocks`` checks and ``behind`` requirements cannot be judged.
    """

    findings: tuple[Finding, ...]
    crash: str = ""
    blocks: int = 0
    behind: int = 0

    @property
    def title(self) -> str:
        """The cause in one sentence."""
        return self.crash or self.findings[0].claim

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements that it breaks, each once."""
        return tuple({r.id: r for finding in self.findings for r in finding.requirements}.values())

    @cached_property
    def clients(self) -> tuple[str, ...]:
        """The provisioning clients known to rely on one of them."""
        return tuple(sorted({client for each in self.requirements for client in clients(each)}))

    @property
    def results(self) -> tuple[Result, ...]:
        """The checks that found it."""
        return tuple(result for finding in self.findings for result in finding.cases)


def fix_first(report: Report) -> list[Finding]:
    """Return what failed, in the order in which repairing it pays."""
    return [finding for problem in problems(report, Verdict.FAILED) for finding in problem.findings]


def problems(report: Report, verdict: Verdict) -> list[Problem]:
    """Return the results with a verdict, grouped by root cause.

    First comes what the clients of the run's profiles rely on, then what breaks or blocks most requirements, then what
    most clients rely on. Checks have one cause where the same kind of request was answered with the same server error,
    else where they make the same claim or judge the same requirement first.
    """
    behind: Mapping[str, tuple[Result, ...]] = {
        identifier: cause.results for cause in causes(report, Verdict.BLOCKED) for identifier in cause.exchanges
    }
    mine = {client for name, client in _client_profiles().items() if name in report.profiles}

    def waiting(finding: Finding) -> set[Result]:
        steps = {identifier for result in finding.cases for identifier in result.exchanges}
        return {result for identifier in steps for result in behind.get(identifier, ())}

    def problem(crash: str, found: list[Finding]) -> Problem:
        found.sort(key=lambda finding: -len(finding.cases) - len(waiting(finding)))
        stuck = set().union(*map(waiting, found))
        return Problem(tuple(found), crash, len(stuck), len({i for result in stuck for i in result.requirements}))

    def weight(each: Problem) -> tuple[int, int, int, int]:
        return (
            -len(mine.intersection(each.clients)),
            -len(each.requirements) - each.behind,
            -len(each.clients),
            -len(each.results) - each.blocks,
        )

    return sorted((problem(*group) for group in _grouped(report, verdict)), key=weight)


def clients(requirement: Requirement) -> tuple[str, ...]:
    """Return the provisioning clients that are known to rely on a requirement.

    A client does where its profile raises or names the requirement, or where the catalogue's reason speaks of it.
    """
    return tuple(sorted(name for name, told in _reliance().items() if told(requirement)))


def _grouped(report: Report, verdict: Verdict) -> list[tuple[str, list[Finding]]]:
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    crashed: dict[str, list[Finding]] = defaultdict(list)
    alike: list[tuple[str, list[Finding]]] = []
    homes: dict[str, list[Finding]] = {}
    for finding in findings(report, verdict, lambda result: _crash(result, exchanges)):
        crash = _crash(finding.cases[0], exchanges)
        if crash:
            crashed[crash].append(finding)
            continue
        keys = (finding.check, finding.requirements[0].id)
        known = [homes[key] for key in keys if key in homes]
        home = known[0] if known else []
        if not known:
            alike.append(("", home))
        home.append(finding)
        homes.update(dict.fromkeys(keys, home))
    return [*crashed.items(), *alike]


def _crash(result: Result, exchanges: Mapping[str, Exchange]) -> str:
    """Return which request of a result was answered with a server error, in words; empty where none was."""
    looked_at = (exchanges[identifier] for identifier in result.exchanges if identifier in exchanges)
    counted = Counter(
        f"{exchange.request.method} is answered with {exchange.response.status}"
        for exchange in looked_at
        if exchange.response and exchange.response.status >= _SERVER_ERROR
    )
    return counted.most_common(1)[0][0] if counted else ""


@cache
def _client_profiles() -> Mapping[str, str]:
    """Return the name that people call a client by, for each profile of a client."""
    loaded = (load_profile(name) for name in profile_names())
    return {
        profile.name: match[0]
        for profile in loaded
        if profile.kind == CLIENT and (match := re.search(profile.client, profile.title, re.IGNORECASE))
    }


class _Reliance:
    """What one client is known to rely on."""

    def __init__(self, name: str, profiles: list[str]) -> None:
        loaded = [load_profile(profile) for profile in profiles]
        self._named = {identifier for profile in loaded for identifier in (*profile.rules, *profile.levels)}
        self._word = re.compile(rf"\b{name}\b")

    def __call__(self, requirement: Requirement) -> bool:
        return requirement.id in self._named or bool(self._word.search(requirement.why))


@cache
def _reliance() -> Mapping[str, _Reliance]:
    named: dict[str, list[str]] = defaultdict(list)
    for profile, client in _client_profiles().items():
        named[client].append(profile)
    return {client: _Reliance(client, profiles) for client, profiles in named.items()}
