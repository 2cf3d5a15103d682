"""Proofs: what each fault changed, and the table of them all as data and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Proof:
    """What one fault changed. Checks are named by their ids.

    ``caught`` are the checks that noticed, ``missed`` the requirements that none of them judges, ``false_alarms`` the
    checks that changed although the fault breaks nothing they judge, ``blocked`` those that could not be asked.
    """

    fault: str
    description: str
    breaks: tuple[str, ...]
    caught: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    false_alarms: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()

    @property
    def detected(self) -> bool:
        """Whether a check of each requirement that the fault breaks noticed it."""
        return bool(self.caught) and not self.missed

    @property
    def holds(self) -> bool:
        """Whether exactly the checks of what the fault breaks noticed it."""
        return self.detected and not self.false_alarms

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as JSON data."""
        return {
            "fault": self.fault,
            "description": self.description,
            "requirements": list(self.breaks),
            "caught": list(self.caught),
            "missed": list(self.missed),
            "false_alarms": list(self.false_alarms),
            "blocked": len(self.blocked),
        }


@dataclass(frozen=True)
class ProofTable:
    """Proofs, the requirements that some check judges, and why some of these have no fault.

    ``variants`` are the legal variants, each with the checks that are not content with it.
    """

    proofs: Sequence[Proof]
    judged: frozenset[str]
    unproven: Mapping[str, str]
    variants: Mapping[str, tuple[str, ...]]

    @property
    def holds(self) -> bool:
        """Whether every fault is caught by its checks alone, nothing is unexplained and no variant is found wrong."""
        sound = all(proof.holds for proof in self.proofs) and not any(self.variants.values())
        return sound and not self.unexplained

    @property
    def proven(self) -> frozenset[str]:
        """The requirements that a fault broke and a check of theirs noticed."""
        return frozenset(i for proof in self.proofs for i in proof.breaks if i not in proof.missed) & self.judged

    @property
    def unexplained(self) -> list[str]:
        """The requirements that are judged, yet neither proven nor listed with a reason."""
        return sorted(self.judged - self.proven - set(self.unproven))

    def to_dict(self) -> dict[str, Any]:
        """Return the table as JSON data."""
        return {
            "faults": len(self.proofs),
            "detected": sum(proof.detected for proof in self.proofs),
            "false_alarms": sum(len(proof.false_alarms) for proof in self.proofs),
            "requirements_judged": len(self.judged),
            "requirements_proven": len(self.proven),
            "unproven": {i: reason for i, reason in self.unproven.items() if i in self.judged - self.proven},
            "unexplained": self.unexplained,
            "variants": {name: list(checks) for name, checks in self.variants.items()},
            "false_reds": sum(map(len, self.variants.values())),
            "table": [proof.to_dict() for proof in self.proofs],
        }

    def to_markdown(self) -> str:
        """Return the table as a Markdown document: requirement → faults → checks that noticed."""
        data = self.to_dict()
        lines = [
            "# Proof",
            "",
            f"{data['detected']} of {data['faults']} faults detected, {data['false_alarms']} false alarms.",
            f"{data['requirements_proven']} of {data['requirements_judged']} judged requirements proven.",
            f"{len(self.variants)} legal variants, {data['false_reds']} false reds.",
            "",
            "| requirement | fault | caught by |",
            "|---|---|---|",
        ]
        for proof in self.proofs:
            checks = sorted({check.rpartition("/")[2].partition("[")[0] for check in proof.caught})
            caught = "<br>".join(checks) or "**nothing**"
            lines += [f"| {i} | {proof.fault} | {caught} |" for i in proof.breaks]
        lines += ["", "## Legal variants", "", "| variant | checks that are not content |", "|---|---|"]
        lines += [f"| {name} | {'<br>'.join(checks) or 'none'} |" for name, checks in self.variants.items()]
        lines += ["", "## Not proven", ""]
        lines += [f"- {i}: {reason}" for i, reason in data["unproven"].items()]
        lines += [f"- {i}: no fault breaks it" for i in self.unexplained]
        return "\n".join(lines) + "\n"
