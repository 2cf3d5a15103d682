"""What the tenant keeps: records in memory, indexed, and written through to a journal where there is one."""

from __future__ import annotations

import itertools
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from conformance.spec.errors import ScimError
from conformance.spec.paths import AttrPath, lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.reference.references import Reference
    from conformance.spec.schema import BoundAttribute, ResourceType

# Not unique, yet what clients look resources up by.
_LOOKED_UP = ("externalId", "displayName")
_Index = dict[tuple[str, ...], dict[str, None]]


@dataclass(frozen=True, slots=True)
class Record:
    """A resource as it is kept: what clients wrote, in canonical form, and what the tenant adds when it answers.

    ``created`` and ``modified`` are milliseconds since 1970; ``revision`` counts the changes from 1.
    """

    id: str
    type: str
    attributes: Mapping[str, Any]
    created: int
    modified: int
    revision: int = 1


class Journal(Protocol):
    """Where records outlive the process."""

    def load(self) -> Iterable[Record]:
        """Yield the records in the order they were created."""

    def write(self, saved: Sequence[Record], deleted: Sequence[str]) -> None:
        """Keep records and forget ids, all or nothing."""


def comparable(text: str, *, case_exact: bool) -> str:
    """Prepare a text for comparison: canonical and width forms made equal, letter case too unless it counts.

    This stands in for the PRECIS profiles that RFC 7644 §5 asks for.
    """
    return text if case_exact else unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True, slots=True)
class _ValueIndex:
    """Which records hold which value of one attribute; ``scope`` is a resource type, or "" for the whole tenant."""

    path: AttrPath
    scope: str
    unique: bool
    case_exact: bool

    def key(self, value: object) -> tuple[str, ...]:
        return self.scope, str(self.path), comparable(str(value), case_exact=self.case_exact)

    def keys(self, record: Record) -> list[tuple[str, ...]]:
        value = lookup(record.attributes, self.path)
        values = value if isinstance(value, list) else [value]
        return [self.key(v) for v in values if v is not None]


class Store:
    """All records of all resource types. A write is checked as a whole before anything of it is kept."""

    def __init__(
        self,
        resource_types: Iterable[ResourceType],
        references: Mapping[str, Sequence[Reference]],
        journal: Journal | None = None,
    ) -> None:
        self._records: dict[str, dict[str, Record]] = {t.name: {} for t in resource_types}
        self._type_of: dict[str, str] = {}
        self._indexes = {t.name: tuple(_indexes(t)) for t in resource_types}
        self._holders: _Index = defaultdict(dict)
        self.references = references
        self._referrers: _Index = defaultdict(dict)
        self._journal = journal
        for record in journal.load() if journal else ():
            if record.type in self._records:
                self._keep(record)

    def type_of(self, identifier: str) -> str | None:
        """Return the name of the resource type of an id, None where there is no such resource."""
        return self._type_of.get(identifier)

    def get(self, identifier: str, type_name: str | None = None) -> Record | None:
        """Return the record of an id, of one resource type or of any."""
        found = self._type_of.get(identifier)
        if found is None or type_name not in {None, found}:
            return None
        return self._records[found][identifier]

    def all(self, type_name: str) -> list[Record]:
        """Return the records of a resource type in the order they were created."""
        return list(self._records[type_name].values())

    def find(self, bound: BoundAttribute, value: str) -> list[Record] | None:
        """Return the records that may have a value, and all that do; None where the attribute is not indexed."""
        type_name = bound.resource_type.name
        if bound.path == "id":
            return self._all_of([value], type_name)
        index = next((index for index in self._indexes[type_name] if str(index.path) == bound.path), None)
        return self._all_of(self._holders.get(index.key(value), ()), type_name) if index else None

    def referrers(self, reference: str, target: str) -> list[Record]:
        """Return the records that refer to an id by the attribute of that name."""
        return self._all_of(self._referrers.get((reference, target), ()))

    def _all_of(self, identifiers: Iterable[str], type_name: str | None = None) -> list[Record]:
        found = (self.get(identifier, type_name) for identifier in identifiers)
        return [record for record in found if record]

    def insert(self, record: Record) -> None:
        """Keep a new record. Raises ScimError uniqueness (409)."""
        self.check_unique(record)
        self._write([record])

    def replace(self, record: Record) -> None:
        """Keep a new state of a record. Raises ScimError uniqueness (409)."""
        self.check_unique(record)
        self._write([record])

    def delete(self, record: Record, changed: Sequence[Record] = ()) -> None:
        """Forget a record and keep new states of those that referred to it."""
        self._write(changed, [record])

    def check_unique(self, record: Record) -> None:
        """Raise ScimError uniqueness when another record has one of the values that only one may have (RFC 7643 §7)."""
        for index in self._indexes[record.type]:
            holders = (self._holders.get(key, ()) for key in index.keys(record) if index.unique)
            if any(holder != record.id for holder in itertools.chain.from_iterable(holders)):
                raise ScimError(f"The value of {index.path} is already in use", status=409, scim_type="uniqueness")

    def _write(self, saved: Sequence[Record], deleted: Sequence[Record] = ()) -> None:
        if self._journal:
            self._journal.write(saved, [record.id for record in deleted])
        for record in saved:
            self._keep(record)
        for record in deleted:
            self._forget(record)

    def _keep(self, record: Record) -> None:
        old = self.get(record.id)
        if old:
            self._unindex(old)
        self._records[record.type][record.id] = record
        self._type_of[record.id] = record.type
        for index in self._indexes[record.type]:
            for key in index.keys(record):
                self._holders[key][record.id] = None
        for key in self._targets(record):
            self._referrers[key][record.id] = None

    def _forget(self, record: Record) -> None:
        self._unindex(record)
        del self._records[record.type][record.id], self._type_of[record.id]

    def _unindex(self, record: Record) -> None:
        for index in self._indexes[record.type]:
            for key in index.keys(record):
                _drop(self._holders, key, record.id)
        for key in self._targets(record):
            _drop(self._referrers, key, record.id)

    def _targets(self, record: Record) -> list[tuple[str, ...]]:
        return [
            (reference.name, target)
            for reference in self.references[record.type]
            for target in reference.targets(record.attributes)
        ]


def _indexes(resource_type: ResourceType) -> Iterator[_ValueIndex]:
    external = resource_type.find("externalId")
    for bound in (*([external] if external else []), *resource_type.attributes()):
        attribute = bound.attribute
        kept = attribute.type != "complex" and attribute.mutability != "readOnly"
        if kept and (attribute.uniqueness != "none" or bound.path in _LOOKED_UP):
            scope = "" if attribute.uniqueness == "global" else resource_type.name
            unique = attribute.uniqueness != "none"
            yield _ValueIndex(AttrPath.parse(bound.path), scope, unique=unique, case_exact=attribute.case_exact)


def _drop(index: _Index, key: tuple[str, ...], identifier: str) -> None:
    entries = index.get(key, {})
    entries.pop(identifier, None)
    if not entries:
        index.pop(key, None)
