"""What a rehearsal found: one entry for each thing that is wrong, with the number of objects and a few examples."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EXAMPLES = 5


class Kind(StrEnum):
    """What sort of finding it is; a NOTE is no fault of the tenant's."""

    FAILURE = "failure"
    DIFFERENCE = "difference"
    DEVIATION = "deviation"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Example:
    """One object that shows a finding. ``exchange`` is the id of the request that should have caused what is missing.

    ``expected`` and ``found`` are texts where values were compared.
    """

    object: str
    expected: str = ""
    found: str = ""
    exchange: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the example as JSON data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class Finding:
    """Something that is wrong with ``count`` objects in one cycle, in plain words. ``attribute`` may be empty.

    ``code`` is what the client's own log calls it, where it calls it something.
    """

    cycle: int
    kind: Kind
    attribute: str
    cause: str
    code: str = ""
    count: int = 0
    examples: list[Example] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON data."""
        return {
            "kind": str(self.kind),
            "attribute": self.attribute,
            "cause": self.cause,
            "code": self.code,
            "count": self.count,
            "examples": [example.to_dict() for example in self.examples],
        }

    def scrub(self, text: Callable[[str], str]) -> None:
        """Replace what is personal, as ``text`` does."""
        self.cause = text(self.cause)
        self.examples = [
            replace(each, object=text(each.object), expected=text(each.expected), found=text(each.found))
            for each in self.examples
        ]


class Findings:
    """All findings of a rehearsal, in the order in which they came up. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[int, Kind, str, str, str], Finding] = {}

    def add(  # noqa: PLR0913 - the parts of a finding
        self, cycle: int, kind: Kind, cause: str, example: Example, *, attribute: str = "", code: str = ""
    ) -> None:
        """Take in one more object that shows something."""
        with self._lock:
            name = cycle, kind, attribute, cause, code
            finding = self._found.setdefault(name, Finding(cycle, kind, attribute, cause, code))
            finding.count += 1
            if len(finding.examples) < _EXAMPLES:
                finding.examples.append(example)

    def __iter__(self) -> Iterator[Finding]:
        return iter(list(self._found.values()))

    def of(self, cycle: int) -> list[Finding]:
        """Return what one cycle found."""
        return [finding for finding in self if finding.cycle == cycle]
