"""Entra's two ways to spell a PATCH: by default, and with the flag ``aadOptscim062020`` in the Tenant URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.rehearsal.mapping import multi_valued

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Operation = dict[str, Any]

FLAG = "aadOptscim062020"


class Assignment(NamedTuple):
    """A path, the value that the tenant shows there (None for none) and the one that it is to have."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Dialect:
    """How operations are spelt.

    ``texts``: booleans are the texts "True" and "False". ``batched``: plain attributes go into one operation without a
    path, whose keys are paths. ``selects``: members are removed by a filter in the path, not by a list of values.
    """

    name: str
    add: str
    replace: str
    remove: str
    texts: bool
    batched: bool
    selects: bool

    def assign(self, assignments: Iterable[Assignment]) -> list[Operation]:
        """Return the operations that set attributes."""
        operations: list[Operation] = []
        plain: dict[str, dict[str, Any]] = {}
        for path, old, new in assignments:
            op = self.add if old is None else self.replace
            if self.batched and not isinstance(new, bool) and not multi_valued(path):
                plain.setdefault(op, {})[path] = new
            else:
                operations.append({"op": op, "path": path, "value": self._spelt(new)})
        for op, values in plain.items():
            if len(values) == 1 and op == self.add:
                operations += [{"op": op, "path": path, "value": value} for path, value in values.items()]
            else:
                operations.append({"op": op, "value": values})
        return operations

    def refer(self, path: str, old: str, new: str) -> list[Operation]:
        """Return the operation that sets a reference to a bare id, or clears it with an empty text."""
        return [{"op": self.replace if old else self.add, "path": path, "value": new}]

    def join(self, ids: Sequence[str]) -> list[Operation]:
        """Return the operation that adds members to a group."""
        return [{"op": self.add, "path": "members", "value": [{"$ref": None, "value": i} for i in ids]}]

    def leave(self, ids: Sequence[str]) -> list[Operation]:
        """Return the operations that remove members from a group."""
        if self.selects:
            return [{"op": self.remove, "path": f'members[value eq "{i}"]'} for i in ids]
        return [{"op": self.remove, "path": "members", "value": [{"$ref": None, "value": i} for i in ids]}]

    def _spelt(self, value: Any) -> Any:
        return str(value) if self.texts and isinstance(value, bool) else value


DEFAULT = Dialect("default", "Add", "Replace", "Remove", texts=True, batched=False, selects=False)
FLAGGED = Dialect(FLAG, "add", "replace", "remove", texts=False, batched=True, selects=True)
DIALECTS = {dialect.name: dialect for dialect in (DEFAULT, FLAGGED)}
