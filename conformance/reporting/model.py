"""The result model: what every report is a view of."""

from __future__ import annotations

import platform
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.reporting.comparison import Comparison
from conformance.reporting.gate import Gate
from conformance.reporting.outline import FORMAT, Outline
from conformance.reporting.result import worst
from conformance.spec.json_schema import BASE
from conformance.spec.requirements import Level, Requirement, catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from conformance.probes.evidence import Evidence
    from conformance.reporting.decisions import PlanOutcome
    from conformance.reporting.result import Result
    from conformance.reporting.waivers import Waiver
    from conformance.tenant.exchange import Exchange

# Characters of a body in report.json; evidence.har has all of it.
_LONGEST_BODY = 16_384


@dataclass(frozen=True)
class Report:
    """A finished run.

    ``levels`` holds the levels that profiles raised; ``selection`` says in words what narrowed the run and ``scope``
    as data what else decides which checks there are; ``evidence`` is what the probes brought, for judging it again, and
    ``plan`` what became of a named plan. ``previous`` is the tenant's run before, where it is known.
    ``narrowing`` says which attributes the checks are about, where the tenant's schemas do not.
    """

    tenant: str
    started: datetime
    duration: float
    results: tuple[Result, ...]
    exchanges: tuple[Exchange, ...]
    profiles: tuple[str, ...] = ()
    levels: Mapping[str, Level] = field(default_factory=dict)
    selection: tuple[str, ...] = ()
    seed: str = ""
    left_behind: tuple[str, ...] = ()
    interrupted: bool = False
    gate: Gate = field(default_factory=Gate)
    tag: str = ""
    scope: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    plan: PlanOutcome | None = None
    previous: Outline | None = None
    narrowing: str = ""

    def level(self, requirement: Requirement) -> Level:
        """Return the level a requirement has in this run."""
        return self.levels.get(requirement.id, requirement.level)

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on each requirement that was judged, in the order of the catalogue."""
        found: dict[str, Verdict] = {}
        for result in self.results:
            for identifier in result.requirements:
                verdict = result.verdict_on(self.level(catalogue()[identifier]))
                found[identifier] = worst((verdict, found.get(identifier, Verdict.NOT_APPLICABLE)))
        return {identifier: found[identifier] for identifier in catalogue() if identifier in found}

    @cached_property
    def counts(self) -> dict[Verdict, int]:
        """How many checks have each verdict."""
        counted = Counter(result.verdict for result in self.results)
        return {verdict: counted[verdict] for verdict in Verdict}

    @property
    def conformant(self) -> bool:
        """Whether every applicable MUST was judged and holds, whatever the gate lets pass."""
        bad = {Verdict.FAILED, Verdict.BLOCKED, Verdict.ERROR}
        judged = self.counts[Verdict.PASSED] + self.counts[Verdict.NOTED] + self.counts[Verdict.WARNED]
        return not self.interrupted and judged > 0 and not any(result.verdict in bad for result in self.results)

    @cached_property
    def failing(self) -> tuple[Result, ...]:
        """The results that the gate does not let pass."""
        return tuple(filter(self.gate.fails, self.results))

    @cached_property
    def unused_waivers(self) -> tuple[Waiver, ...]:
        """Waivers that cover nothing bad any more, as far as the run can tell."""
        return self.gate.unused(self.results, narrowed=bool(self.selection))

    @cached_property
    def changes(self) -> Comparison | None:
        """What changed since the baseline, where there is one."""
        return Comparison(self.gate.baseline, Outline.of(self)) if self.gate.baseline else None

    @cached_property
    def since_then(self) -> Comparison | None:
        """What changed since the baseline, or else since a previous run that asked the same; None without either."""
        now = Outline.of(self)
        if self.changes or self.previous is None or not self.previous.asks_the_same(now):
            return self.changes
        return Comparison(self.previous, now)

    @property
    def passed(self) -> bool:
        """Whether the gate lets the run pass."""
        stale = self.gate.strict and (self.gate.expired or self.unused_waivers)
        judged = any(result.verdict is not Verdict.NOT_APPLICABLE for result in self.results)
        return judged and not (self.interrupted or self.failing or stale)

    @property
    def exit_code(self) -> int:
        """0 the gate lets the run pass, 1 it does not, 4 the suite itself failed."""
        if self.counts[Verdict.ERROR]:
            return 4
        return 0 if self.passed else 1

    @property
    def sentence(self) -> str:
        """The verdict in one sentence for people."""
        verdicts = self.verdicts
        musts = [v for i, v in verdicts.items() if self.level(catalogue()[i]) is Level.MUST]
        judged = [v for v in musts if v is not Verdict.NOT_APPLICABLE]
        failed, blocked = musts.count(Verdict.FAILED), musts.count(Verdict.BLOCKED)
        scope = " among the selected checks" if self.selection else ""
        if self.conformant:
            warned = sum(v is Verdict.WARNED for v in verdicts.values())
            aside = f"; {_some(warned, 'requirement')} with a warning" if warned else ""
            hold = f"all {len(judged)} applicable mandatory requirements judged here hold"
            return f"Conformant{scope}: {hold if judged else 'no mandatory requirement was judged'}{aside}."
        are = "is" if failed == 1 else "are"
        parts = [f"{failed} of {len(judged)} applicable mandatory requirements {are} broken"] if failed else []
        if blocked:
            parts.append(f"{blocked} could not be judged")
        elif self.counts[Verdict.BLOCKED]:
            parts.append(f"{_some(self.counts[Verdict.BLOCKED], 'check')} of what is recommended could not be judged")
        if self.interrupted:
            parts.append("the run was interrupted")
        if self.counts[Verdict.ERROR]:
            parts.append(f"{_some(self.counts[Verdict.ERROR], 'check')} failed in the suite itself")
        return f"Not conformant{scope}: {', '.join(parts or ['no check was judged'])}."

    @property
    def gate_sentence(self) -> str:
        """What the gate makes of the verdict, in one sentence; empty where it only repeats it."""
        if self.gate.plain:
            return ""
        waived = sum(bool(result.waived) for result in self.results)
        known = sum(self.gate.forgives(result) for result in self.results)
        counted = {
            "failing": len(self.failing),
            "waived": waived,
            "as in the baseline": known,
            "expired waivers": len(self.gate.expired),
            "waivers that cover nothing": len(self.unused_waivers),
        }
        told = ", ".join(f"{count} {what}" for what, count in counted.items() if count)
        return f"The gate ({self.gate.rule}) {'passes' if self.passed else 'fails'}{': ' if told else ''}{told}."

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {
            "$schema": f"{BASE}report.schema.json",
            "format": FORMAT,
            "suite": {"name": "scim-conformance", "version": __version__, "python": platform.python_version()},
            "tenant": self.tenant,
            "profiles": list(self.profiles),
            "selection": list(self.selection),
            "narrowing": self.narrowing,
            "started": self.started.isoformat(timespec="seconds"),
            "duration": round(self.duration, 3),
            "seed": self.seed,
            "interrupted": self.interrupted,
            "conformant": self.conformant,
            "exit_code": self.exit_code,
            "sentence": self.sentence,
            "gate": self._gate(),
            "plan": self.plan and self.plan.to_dict(),
            "counts": {str(verdict): count for verdict, count in self.counts.items()},
            "requests": len(self.exchanges),
            "left_behind": list(self.left_behind),
            "requirements": {
                identifier: {"verdict": str(verdict), "level": str(self.level(catalogue()[identifier]))}
                for identifier, verdict in self.verdicts.items()
            },
            "results": [result.to_dict() for result in self.results],
            "exchanges": [_bounded(exchange.to_dict()) for exchange in self.exchanges],
        }

    def _gate(self) -> dict[str, Any]:
        changes = self.changes
        return {
            "rule": self.gate.rule,
            "passed": self.passed,
            "sentence": self.gate_sentence,
            "failing": [result.check for result in self.failing],
            "expired_waivers": [waiver.to_dict() for waiver in self.gate.expired],
            "unused_waivers": [waiver.to_dict() for waiver in self.unused_waivers],
            "baseline": None
            if changes is None
            else {
                "tenant": changes.before.tenant,
                "started": changes.before.started,
                "suite": changes.before.suite,
                "newly_broken": [change.check for change in changes.broken],
                "fixed": [change.check for change in changes.fixed],
            },
        }


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _bounded(exchange: dict[str, Any]) -> dict[str, Any]:
    for message in (exchange["request"], exchange["response"]):
        if message and message["body"] and len(message["body"]) > _LONGEST_BODY:
            message["cut"] = len(message["body"]) - _LONGEST_BODY
            message["body"] = message["body"][:_LONGEST_BODY]
    return exchange
