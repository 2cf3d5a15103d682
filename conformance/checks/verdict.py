"""Verdicts, and what a check may say besides passing and failing."""

from __future__ import annotations

from enum import StrEnum
from typing import NoReturn


class Verdict(StrEnum):
    """What a check found. BLOCKED is not PASSED; ERROR is a defect of the suite itself."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    NOTED = "noted"
    NOT_APPLICABLE = "not applicable"
    BLOCKED = "blocked"
    ERROR = "error"


class NotApplicable(Exception):
    """The question does not arise for this tenant; the message says why."""


class Remarks:
    """The ``verdict`` fixture: what a check reports without failing."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.warnings: list[str] = []

    def note(self, text: str) -> None:
        """Record which of several allowed readings the tenant takes. The verdict becomes *noted*."""
        self.notes.append(text)

    def warn(self, text: str) -> None:
        """Record a deviation that is legal to the letter or common enough to forgive. The verdict becomes *warned*."""
        self.warnings.append(text)

    def not_applicable(self, reason: str) -> NoReturn:
        """End the check: for this tenant there is nothing to judge."""
        raise NotApplicable(reason)
