"""The result model: what every report is a view of."""

from __future__ import annotations

import platform
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.spec.requirements import Level, Requirement, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from conformance.tenant.exchange import Exchange

RESULT = "conformance"  # the attribute of a pytest report that carries a result as JSON data
BROKEN = {Level.MUST: Verdict.FAILED, Level.SHOULD: Verdict.WARNED, Level.MAY: Verdict.NOTED}
# From worst to best: the verdict on a requirement is the worst of those of its checks.
SEVERITY = (
    Verdict.ERROR,
    Verdict.FAILED,
    Verdict.BLOCKED,
    Verdict.WARNED,
    Verdict.NOTED,
    Verdict.PASSED,
    Verdict.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found.

    ``broken`` says that an assertion failed, whatever the level makes of it. ``expected`` and ``came`` are texts where
    the assertion was a comparison. ``exchanges`` are ids, in the order in which the check looked at them.
    """

    check: str
    claim: str
    requirements: tuple[str, ...]
    verdict: Verdict
    broken: bool = False
    message: str = ""
    expected: str = ""
    came: str = ""
    remarks: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()
    duration: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON data; ``from_dict`` reads it back."""
        return {name: getattr(self, name) for name in self.__slots__} | {"verdict": str(self.verdict)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """Read what ``to_dict`` wrote, before or after it went through JSON."""
        lists = {key: tuple(data[key]) for key in ("requirements", "remarks", "exchanges")}
        return cls(**{**data, **lists, "verdict": Verdict(data["verdict"])})

    def verdict_on(self, level: Level) -> Verdict:
        """Return what the result means for a requirement of that level."""
        return BROKEN[level] if self.broken else self.verdict


@dataclass(frozen=True)
class Report:
    """A finished run. ``levels`` holds the levels that profiles raised; ``selection`` the options that narrowed it."""

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
    strict: bool = False
    interrupted: bool = False

    def level(self, requirement: Requirement) -> Level:
        """Return the level a requirement has in this run."""
        return self.levels.get(requirement.id, requirement.level)

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on each requirement that was judged, in the order of the catalogue."""
        found: dict[str, Verdict] = {}
        for result in self.results:
            for identifier in result.requirements:
                verdict = result.verdict_on(self.level(catalogue()[identifier]))
                found[identifier] = worst((verdict, found.get(identifier, Verdict.NOT_APPLICABLE)))
        return {identifier: found[identifier] for identifier in catalogue() if identifier in found}

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many checks have each verdict."""
        counted = Counter(result.verdict for result in self.results)
        return {verdict: counted[verdict] for verdict in Verdict}

    @property
    def conformant(self) -> bool:
        """Whether every applicable MUST was judged and holds; with ``strict`` every SHOULD, too."""
        bad = {Verdict.FAILED, Verdict.BLOCKED, Verdict.ERROR} | ({Verdict.WARNED} if self.strict else set())
        judged = self.counts[Verdict.PASSED] + self.counts[Verdict.NOTED] + self.counts[Verdict.WARNED]
        return not self.interrupted and judged > 0 and not any(result.verdict in bad for result in self.results)

    @property
    def exit_code(self) -> int:
        """0 conformant, 1 not conformant, 4 the suite itself failed."""
        if self.counts[Verdict.ERROR]:
            return 4
        return 0 if self.conformant else 1

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
            aside = f"; {warned} recommended ones are not followed" if warned else ""
            return f"Conformant{scope}: all {len(judged)} applicable mandatory requirements judged here hold{aside}."
        parts = [f"{failed} of {len(judged)} applicable mandatory requirements are broken"] if failed else []
        parts += [f"{blocked} could not be judged"] if blocked else []
        if self.interrupted:
            parts.append("the run was interrupted")
        if self.counts[Verdict.ERROR]:
            parts.append(f"{self.counts[Verdict.ERROR]} checks failed in the suite itself")
        if not parts:
            warned = sum(v is Verdict.WARNED for v in verdicts.values())
            parts.append(
                f"{warned} recommended requirements are not followed (strict run)" if warned else "no check was judged"
            )
        return f"Not conformant{scope}: {', '.join(parts)}."

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {
            "suite": {"name": "scim-conformance", "version": __version__, "python": platform.python_version()},
            "tenant": self.tenant,
            "profiles": list(self.profiles),
            "selection": list(self.selection),
            "started": self.started.isoformat(timespec="seconds"),
            "duration": round(self.duration, 3),
            "seed": self.seed,
            "strict": self.strict,
            "interrupted": self.interrupted,
            "conformant": self.conformant,
            "exit_code": self.exit_code,
            "sentence": self.sentence,
            "counts": {str(verdict): count for verdict, count in self.counts.items()},
            "requests": len(self.exchanges),
            "left_behind": list(self.left_behind),
            "requirements": {
                identifier: {"verdict": str(verdict), "level": str(self.level(catalogue()[identifier]))}
                for identifier, verdict in self.verdicts.items()
            },
            "results": [result.to_dict() for result in self.results],
            "exchanges": [exchange.to_dict() for exchange in self.exchanges],
        }


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the most severe of some verdicts."""
    return min(verdicts, key=SEVERITY.index)
