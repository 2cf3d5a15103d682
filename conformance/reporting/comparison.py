"""What changed from one run to another: between versions of a tenant, between tenants, since the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from conformance.checks.verdict import Verdict
from conformance.reporting.result import BAD, SEVERITY

if TYPE_CHECKING:
    from conformance.reporting.outline import Outline
    from conformance.reporting.result import Result

_HOLDS = frozenset({Verdict.PASSED, Verdict.NOTED})


class Change(NamedTuple):
    """A check whose verdict differs. ``before`` is None where the earlier run did not have the check."""

    result: Result
    before: Verdict | None

    @property
    def check(self) -> str:
        """The id of the check."""
        return self.result.check


@dataclass(frozen=True)
class Comparison:
    """Two runs, check by check, in the order of the later one."""

    before: Outline
    after: Outline

    @cached_property
    def broken(self) -> tuple[Change, ...]:
        """What is bad now and was not as bad before."""
        return tuple(change for change in self._all if newly_broken(change.result, change.before))

    @cached_property
    def fixed(self) -> tuple[Change, ...]:
        """What was bad before and holds now."""
        return tuple(c for c in self._all if c.before in BAD and c.result.verdict in _HOLDS)

    @cached_property
    def otherwise(self) -> tuple[Change, ...]:
        """What both runs judged and judged differently, neither broken nor fixed."""
        told = {change.check for change in (*self.broken, *self.fixed)}
        return tuple(c for c in self._all if c.before not in {None, c.result.verdict} and c.check not in told)

    @property
    def added(self) -> int:
        """How many checks only the later run has."""
        return len(self.after.results.keys() - self.before.results.keys())

    @property
    def removed(self) -> int:
        """How many checks only the earlier run has."""
        return len(self.before.results.keys() - self.after.results.keys())

    @property
    def sentence(self) -> str:
        """The comparison in one sentence."""
        told = [
            f"{len(self.broken)} newly broken",
            f"{len(self.fixed)} fixed",
            f"{len(self.otherwise)} changed otherwise",
        ]
        told += [f"{self.added} judged only by the later run"] if self.added else []
        told += [f"{self.removed} judged only by the earlier one"] if self.removed else []
        return f"Checks: {', '.join(told)}."

    @property
    def sections(self) -> tuple[tuple[str, tuple[Change, ...]], ...]:
        """The kinds of change with their headings."""
        return (("Newly broken", self.broken), ("Fixed", self.fixed), ("Changed otherwise", self.otherwise))

    @cached_property
    def _all(self) -> tuple[Change, ...]:
        before = self.before.results
        return tuple(
            Change(result, before[check].verdict if check in before else None)
            for check, result in self.after.results.items()
        )


def newly_broken(result: Result, before: Verdict | None) -> bool:
    """Whether a result is bad and worse than before; an error of the suite says nothing of the tenant then."""
    if result.verdict not in BAD:
        return False
    return before is None or before is Verdict.ERROR or SEVERITY.index(before) > SEVERITY.index(result.verdict)
