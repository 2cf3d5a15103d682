"""Decisions: what became of the steps of a checklist or of a named plan, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from conformance.checks.verdict import Verdict
from conformance.reporting.result import worst
from conformance.spec.requirements import requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.spec.steps import NamedPlan, Step

_HOLDS = {Verdict.PASSED, Verdict.NOTED, Verdict.WARNED}
_FAILS = {Verdict.FAILED, Verdict.ERROR}


class Mark(StrEnum):
    """What became of a step: ticked, crossed, not for this tenant, or still open."""

    DONE = "done"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    OPEN = "open"

    @property
    def sign(self) -> str:
        """The sign that stands for it in lists."""
        return {Mark.DONE: "✓", Mark.FAILED: "✗", Mark.NOT_APPLICABLE: "○", Mark.OPEN: "☐"}[self]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the suite found without a check; ``holds`` is None where it only tells something worth knowing."""

    holds: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to a step: who did it, when (a date in text form), and a note."""

    done_by: str
    date: str
    note: str = ""

    def __str__(self) -> str:
        """Return the answer in one line."""
        return f"{self.done_by}, {self.date}" + (f": {self.note}" if self.note else "")


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a step. ``evidence`` says in sentences what it rests on."""

    step: Step
    mark: Mark
    evidence: tuple[str, ...] = ()
    answer: Answer | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as JSON data."""
        step, answer = self.step, self.answer
        return {
            "id": step.id,
            "page": step.page,
            "text": step.text,
            "kind": step.kind,
            "level": step.level,
            "look": step.look,
            "source": step.source,
            "requirements": list(step.requirements),
            "mark": str(self.mark),
            "evidence": list(self.evidence),
            "answer": answer and {"done_by": answer.done_by, "date": answer.date, "note": answer.note},
        }


def decide(
    steps: Iterable[Step],
    verdicts: Mapping[str, Verdict],
    inspections: Mapping[str, Inspection],
    answers: Mapping[str, Answer] | None = None,
) -> tuple[Decision, ...]:
    """Decide steps by the verdicts on requirements, by inspections, and by people's answers.

    What the suite finds wrong stays wrong whatever is answered. Manual steps, and the part of others that only a person
    can see, are open until there is an answer.
    """
    return tuple(_decide(step, verdicts, inspections, (answers or {}).get(step.id)) for step in steps)


def _decide(
    step: Step, verdicts: Mapping[str, Verdict], inspections: Mapping[str, Inspection], answer: Answer | None
) -> Decision:
    judged = {identifier: verdicts[identifier] for identifier in step.requirements if identifier in verdicts}
    seen = [inspections[name] for name in step.inspect if name in inspections]
    told = tuple(inspection.text for inspection in seen)
    told += tuple(f"{i} {verdict}: {requirement(i).text}" for i, verdict in judged.items() if verdict not in _HOLDS)
    whole = worst(judged.values()) if judged else None
    if whole in _FAILS or any(inspection.holds is False for inspection in seen):
        return Decision(step, Mark.FAILED, told, answer)
    applicable = [verdict for verdict in judged.values() if verdict is not Verdict.NOT_APPLICABLE]
    if whole in _HOLDS or applicable:
        told += (f"{sum(verdict in _HOLDS for verdict in judged.values())} of {len(judged)} requirements hold",)
    if step.kind != "automatic":
        return Decision(step, Mark.DONE if answer else Mark.OPEN, told, answer)
    if Verdict.BLOCKED in judged.values():
        return Decision(step, Mark.OPEN, told, answer)
    if applicable or any(inspection.holds for inspection in seen):
        return Decision(step, Mark.DONE, told, answer)
    if judged:
        return Decision(step, Mark.NOT_APPLICABLE, told, answer)
    return Decision(step, Mark.DONE if answer else Mark.OPEN, told, answer)


@dataclass(frozen=True)
class PlanOutcome:
    """What became of a named plan."""

    plan: NamedPlan
    decisions: tuple[Decision, ...]

    @property
    def failed(self) -> tuple[Decision, ...]:
        """The required items that do not hold; of those of which one has to hold, all where none does."""
        one_of = [d for d in self.decisions if d.step.id in self.plan.one_of]
        others = [d for d in self.decisions if d not in one_of and d.step.level == "required"]
        none = bool(one_of) and all(d.mark is Mark.FAILED for d in one_of)
        return tuple(d for d in others if d.mark is Mark.FAILED) + (tuple(one_of) if none else ())

    @property
    def open(self) -> tuple[Decision, ...]:
        """The required items that nobody has decided yet."""
        return tuple(d for d in self.decisions if d.mark is Mark.OPEN and d.step.level == "required")

    @property
    def sentence(self) -> str:
        """What that means, in one sentence."""
        if self.failed:
            return f"{self.plan.title}: {len(self.failed)} required items fail."
        left = f"; {len(self.open)} remain for people to confirm" if self.open else ""
        return f"{self.plan.title}: every required item that can be decided from outside holds{left}."

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as JSON data."""
        return {
            "name": self.plan.name,
            "title": self.plan.title,
            "sentence": self.sentence,
            "failed": [decision.step.id for decision in self.failed],
            "items": [decision.to_dict() for decision in self.decisions],
        }
