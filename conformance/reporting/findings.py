"""Findings: results put together for people, one for each thing that is wrong rather than one for each case of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.reporting.text import printable
from conformance.spec.requirements import requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conformance.checks.verdict import Verdict
    from conformance.reporting.model import Report
    from conformance.reporting.result import Result
    from conformance.spec.requirements import Requirement
    from conformance.tenant.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Finding:
    """The cases of one check that have the same verdict and the same weightiest requirement, which comes first."""

    claim: str
    requirements: tuple[Requirement, ...]
    cases: tuple[Result, ...]

    @property
    def check(self) -> str:
        """The check without its cases."""
        return self.cases[0].check.partition("[")[0]


@dataclass(frozen=True, slots=True)
class Cause:
    """What stood in the way of some checks. ``exchanges`` are the ids of the step that failed."""

    reason: str
    results: tuple[Result, ...]

    @property
    def exchanges(self) -> tuple[str, ...]:
        """The ids of the exchanges that show it."""
        return self.results[0].exchanges[-1:]


def case(result: Result) -> str:
    """Return what a check ran for, such as ``User:name.givenName``; empty where it ran once."""
    return result.check.partition("[")[2].removesuffix("]")


def findings(report: Report, verdict: Verdict, apart: Callable[[Result], str] = lambda _: "") -> list[Finding]:
    """Return the results with a verdict, cases of one check together, in the order of the documents.

    Cases are told apart where ``apart`` returns different texts for them.
    """
    grouped: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
    for result in report.results:
        if result.verdict is verdict:
            grouped[result.check.partition("[")[0], result.requirements[0], apart(result)].append(result)
    found = []
    for cases in grouped.values():
        identifiers = dict.fromkeys(identifier for result in cases for identifier in result.requirements)
        found.append(Finding(cases[0].claim, tuple(map(requirement, identifiers)), tuple(cases)))
    return sorted(found, key=lambda finding: finding.requirements[0].order)


def account(result: Result, looked_at: Iterable[Exchange]) -> str:
    """Return what a failed check has to say in plain text, with the commands that replay its exchanges."""
    lines = [result.claim, *(f"{requirement(identifier).clause} ({identifier})" for identifier in result.requirements)]
    if result.expected or result.came:
        lines += [f"expected: {result.expected}", f"came: {result.came}"]
    lines += result.remarks or ([result.message] if result.message else [])
    lines += [exchange.curl for exchange in looked_at]
    return printable("\n".join(lines))


def causes(report: Report, verdict: Verdict) -> list[Cause]:
    """Return why checks have a verdict that is none of their own doing, the reason behind most of them first."""
    grouped: dict[str, list[Result]] = defaultdict(list)
    for result in report.results:
        if result.verdict is verdict:
            grouped[result.message.rpartition("was not asked: ")[2]].append(result)
    found = [Cause(reason, tuple(results)) for reason, results in grouped.items()]
    return sorted(found, key=lambda cause: -len(cause.results))
