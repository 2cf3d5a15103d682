"""The gate: which results let a run fail. It changes no verdict; what is waived stays broken and is shown so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self

from conformance.checks.verdict import Verdict
from conformance.config import InvalidConfiguration
from conformance.reporting.comparison import newly_broken
from conformance.reporting.outline import Outline
from conformance.reporting.result import BAD
from conformance.reporting.waivers import Waiver, load_waivers
from conformance.spec.requirements import Level, requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conformance.config import Settings
    from conformance.reporting.result import Result
    from conformance.spec.requirements import Requirement

MUST, SHOULD, NEW = "must", "should", "new"


@dataclass(frozen=True)
class Gate:
    """``fail_on`` is must, should or new; ``strict`` adds broken recommendations and waivers that are out of date."""

    fail_on: str = MUST
    strict: bool = False
    waivers: tuple[Waiver, ...] = ()
    baseline: Outline | None = None
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read what the settings name. Raises InvalidConfiguration."""
        if settings.fail_on == NEW and not settings.baseline:
            raise InvalidConfiguration("--fail-on new needs the report that is the measure: --baseline report.json")
        baseline = Outline.read(settings.baseline) if settings.baseline else None
        waivers = load_waivers(settings.waivers) if settings.waivers else ()
        return cls(settings.fail_on or (NEW if baseline else MUST), settings.strict, waivers, baseline)

    @property
    def plain(self) -> bool:
        """Whether it adds nothing to the verdict on the tenant."""
        return self.fail_on == MUST and not (self.strict or self.waivers or self.baseline)

    @property
    def rule(self) -> str:
        """The options that make it, as they are written."""
        return f"fail-on {self.fail_on}" + (", strict" if self.strict else "")

    @property
    def expired(self) -> tuple[Waiver, ...]:
        """Waivers whose day has passed; they no longer count."""
        return tuple(waiver for waiver in self.waivers if waiver.expires < self.today)

    def applied(self, result: Result, level: Callable[[Requirement], Level]) -> Result:
        """Return the result with who waived it, and whether the baseline has it; ``level`` is that of this run."""
        if result.verdict not in BAD:
            return result
        before = self.baseline.results.get(result.check) if self.baseline else None
        known = before is not None and not newly_broken(result, before.verdict)
        return replace(result, known=known, waived=self._waived(result, level))

    def fails(self, result: Result) -> bool:
        """Whether a result lets the run fail."""
        if result.verdict is Verdict.ERROR:
            return True
        if result.waived or self.forgives(result):
            return False
        warned = result.verdict is Verdict.WARNED and (self.strict or self.fail_on == SHOULD)
        return warned or result.verdict in {Verdict.FAILED, Verdict.BLOCKED}

    def forgives(self, result: Result) -> bool:
        """Whether a result is let pass for the only reason that the baseline has it, too."""
        return self.fail_on == NEW and result.known and not result.waived

    def unused(self, results: Iterable[Result], *, narrowed: bool) -> tuple[Waiver, ...]:
        """Return the waivers that cover nothing bad; in a narrowed run only where what they are about was judged."""
        judged = tuple(results)
        concerned = {waiver: [r for r in judged if waiver.concerns(r)] for waiver in self.waivers}
        return tuple(
            waiver
            for waiver, about in concerned.items()
            if waiver not in self.expired
            and not any(result.verdict in BAD for result in about)
            and (about or not narrowed)
        )

    def _waived(self, result: Result, level: Callable[[Requirement], Level]) -> str:
        """Return what the waivers say that cover a result: its check, or every requirement that it breaks."""
        valid = [waiver for waiver in self.waivers if waiver not in self.expired]
        if result.verdict is Verdict.ERROR or not valid:
            return ""
        of_check = next((waiver for waiver in valid if waiver.accepts_check(result)), None)
        if of_check:
            return str(of_check)
        broken = [i for i in result.requirements if result.verdict_on(level(requirement(i))) is result.verdict]
        found = [next((waiver for waiver in valid if waiver.accepts(i)), None) for i in broken]
        return "; ".join(dict.fromkeys(map(str, found))) if found and all(found) else ""
