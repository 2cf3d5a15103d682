"""The result of one check, and what verdicts weigh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.checks.verdict import Verdict
from conformance.spec.requirements import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
# What somebody has to look at.
BAD = frozenset({Verdict.ERROR, Verdict.FAILED, Verdict.BLOCKED, Verdict.WARNED})


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found.

    ``broken`` says that an assertion failed, whatever the level makes of it. ``expected`` and ``came`` are texts where
    the assertion was a comparison. ``exchanges`` are ids, in the order in which the check looked at them. ``waived``
    tells by whom, until when and why a bad verdict was accepted; ``known`` says that the baseline has it, too.
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
    waived: str = ""
    known: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON data; ``from_dict`` reads it back."""
        return {name: getattr(self, name) for name in self.__slots__} | {"verdict": str(self.verdict)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """Read what ``to_dict`` wrote, before or after it went through JSON."""
        lists = {key: tuple(data[key]) for key in ("requirements", "remarks", "exchanges")}
        return cls(**{**data, **lists, "verdict": Verdict(data["verdict"])})

    @property
    def standing(self) -> str:
        """The verdict, with who waived it or that the baseline has it."""
        if self.waived:
            return f"{self.verdict}, waived: {self.waived}"
        return f"{self.verdict}, as in the baseline" if self.known else str(self.verdict)

    def verdict_on(self, level: Level) -> Verdict:
        """Return what the result means for a requirement of that level."""
        return BROKEN[level] if self.broken else self.verdict


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the most severe of some verdicts."""
    return min(verdicts, key=SEVERITY.index)
