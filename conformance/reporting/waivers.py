"""Waivers: failures that somebody accepts for a time. ``schemas/waivers.schema.json`` describes the file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.config import InvalidConfiguration
from conformance.spec.requirements import catalogue
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from conformance.reporting.result import Result


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted failure: a ``requirement`` or a ``check``, in both of which ``*`` stands for any letters.

    It counts up to and including the day on which it ``expires``.
    """

    reason: str
    owner: str
    expires: date
    requirement: str = ""
    check: str = ""

    def __str__(self) -> str:
        """Say why, by whom and until when: what a report shows beside the failure."""
        return f"{self.reason} ({self.owner}, until {self.expires})"

    def accepts_check(self, result: Result) -> bool:
        """Whether it is about the check, whichever requirements that judges."""
        return bool(self.check) and _fits(self.check, result.check)

    def accepts(self, requirement: str) -> bool:
        """Whether it is about the requirement."""
        return bool(self.requirement) and _fits(self.requirement, requirement)

    def concerns(self, result: Result) -> bool:
        """Whether it is about the check or anything that this judges."""
        return self.accepts_check(result) or any(map(self.accepts, result.requirements))

    def to_dict(self) -> dict[str, Any]:
        """Return the waiver as JSON data."""
        return asdict(self) | {"expires": self.expires.isoformat()}


def load_waivers(file: str) -> tuple[Waiver, ...]:
    """Read a file of waivers. Raises InvalidConfiguration with one line that says what is wrong where."""
    try:
        data = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidConfiguration(f"the waivers {file} cannot be read: {reason}") from None
    # TOML has dates of its own, JSON Schema has not.
    data = {name: _with_dates_as_text(value) for name, value in data.items()}
    from conformance.spec.user_files import complaint  # noqa: PLC0415 - few runs have waivers

    wrong = complaint(data, "waivers")
    if wrong:
        raise InvalidConfiguration(f"the waivers {file} cannot be used: {wrong}")
    try:
        waivers = tuple(
            Waiver(**{**entry, "expires": date.fromisoformat(entry["expires"])}) for entry in data["waiver"]
        )
    except ValueError as error:
        raise InvalidConfiguration(f"the waivers {file} cannot be used: {error}") from None
    for waiver in waivers:
        if waiver.requirement and not any(map(waiver.accepts, catalogue())):
            raise InvalidConfiguration(
                f"the waivers {file} cannot be used: there is no requirement “{waiver.requirement}”"
                + (did_you_mean(waiver.requirement, catalogue()) if "*" not in waiver.requirement else "")
            )
    return waivers


def _with_dates_as_text(value: object) -> object:
    if not isinstance(value, list):
        return value
    return [
        {name: text.isoformat() if isinstance(text, date) else text for name, text in entry.items()}
        if isinstance(entry, dict)
        else entry
        for entry in value
    ]


def _fits(pattern: str, text: str) -> bool:
    # Not fnmatch, to which the brackets in the id of a check mean a set of letters.
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
