"""Bulk jobs (RFC 7644 §3.7): reading them, ordering them, replacing bulkIds, and reading what became of them.

Carrying them out is the caller's.

A job runs like this: for each step of ``plan``, ``resolve`` its data with the ids known so far and send it; then, for
each step with deferred references, whose resource was created without them, ``resolve`` again and replace it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance.spec.errors import ScimError, invalid_syntax, invalid_value
from conformance.spec.messages import BULK_REQUEST
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


_METHODS = ("POST", "PUT", "PATCH", "DELETE")
_REFERENCE = "bulkId:"
_LEFT_OUT = object()
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a job, at ``index`` in the request; ``method`` is upper-case.

    A malformed one has an ``error``: it fails on its own while the others go on (§3.7).
    """

    index: int
    method: str = ""
    path: str = ""
    bulk_id: str | None = None
    version: str | None = None
    data: Any = None
    error: ScimError | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A BulkRequest. After ``fail_on_errors`` errors the rest is not carried out; None means that all of it is."""

    operations: tuple[Operation, ...]
    fail_on_errors: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """An operation in its turn; ``deferred`` are the bulkIds in its data that only this or later steps create."""

    operation: Operation
    deferred: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Names:
    """By what an operation, as sent, is known again in its result; empty where it has no such member."""

    method: str
    bulk_id: str
    path: str

    @classmethod
    def of(cls, operation: Any) -> _Names:
        method, bulk_id, path = (str(lookup(operation, name) or "") for name in ("method", "bulkId", "path"))
        return cls(method.upper(), bulk_id, path)

    def repeated_by(self, result: Mapping[str, Any]) -> bool:
        if self.bulk_id:
            return bool(result.get("bulkId") == self.bulk_id)
        same = str(result.get("method")).upper() == self.method
        return same and self.path != "" and str(result.get("location")).endswith(self.path)

    def contradicted_by(self, result: Mapping[str, Any]) -> bool:
        method, bulk_id, location = (str(result.get(name) or "") for name in ("method", "bulkId", "location"))
        elsewhere = not self.bulk_id and _REFERENCE not in self.path and not location.endswith(self.path)
        return (
            (method != "" and method.upper() != self.method)
            or (bulk_id != "" and bulk_id.lower() != self.bulk_id.lower())
            or (location != "" and elsewhere)
        )


def read(body: object, max_operations: int | None = None) -> Job:
    """Read a BulkRequest message.

    Raises ScimError: 400 invalidSyntax or invalidValue for a message that is none, 413 for too many operations.
    """
    schemas, operations = lookup(body, "schemas"), lookup(body, "Operations")
    if not isinstance(schemas, list) or BULK_REQUEST.lower() not in {str(urn).lower() for urn in schemas}:
        raise invalid_syntax(f"The body must be an object whose schemas name {BULK_REQUEST}")
    if not isinstance(operations, list) or not operations:
        raise invalid_syntax("Operations must be an array of one or more objects")
    if max_operations is not None and len(operations) > max_operations:
        raise ScimError(f"{len(operations)} operations exceed the limit maxOperations ({max_operations})", status=413)
    limit = lookup(body, "failOnErrors")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise invalid_value("failOnErrors must be an integer above 0")
    taken: set[str] = set()
    return Job(tuple(_operation(i, given, taken) for i, given in enumerate(operations)), limit)


def plan(operations: Sequence[Operation]) -> list[Step]:
    """Return the operations in the order sent, save that what creates a bulkId comes before what refers to it.

    In a circle one reference has to wait: it is deferred (§3.7.1).
    """
    creators = {o.bulk_id: o for o in operations if o.method == "POST" and o.bulk_id and not o.error}
    needs = {o.index: [creators[name] for name in references(o) if name in creators] for o in operations}
    steps: list[Step] = []
    placed: set[int] = set()
    begun: set[int] = set()
    stack = list(reversed(operations))
    while stack:
        operation = stack[-1]
        begun.add(operation.index)
        missing = [o for o in needs[operation.index] if o.index not in placed]
        ahead = next((o for o in missing if o.index not in begun), None)
        if operation.index not in placed and ahead:
            stack.append(ahead)
            continue
        stack.pop()
        if operation.index not in placed:
            placed.add(operation.index)
            steps.append(Step(operation, frozenset(o.bulk_id for o in missing if o.bulk_id)))
    return steps


def references(operation: Operation) -> list[str]:
    """Return the bulkIds that an operation's path and data refer to, each once."""
    texts = [*operation.path.split("/"), *_texts(operation.data)]
    return list(dict.fromkeys(t.removeprefix(_REFERENCE) for t in texts if t.startswith(_REFERENCE)))


def resolve(data: Any, ids: Mapping[str, str], deferred: frozenset[str] = frozenset()) -> Any:
    """Return a copy of the data with each ``bulkId:x`` replaced by the id of the resource created under x (§3.7.2).

    A value that refers to a deferred bulkId is left out: the element of an array, and with the last one the array, or
    the complex attribute. Raises ScimError 409 for a bulkId under which nothing was created.
    """
    if isinstance(data, str) and data.startswith(_REFERENCE):
        name = data.removeprefix(_REFERENCE)
        return _LEFT_OUT if name in deferred and name not in ids else _id(name, ids)
    if isinstance(data, list):
        elements = [e for e in (resolve(element, ids, deferred) for element in data) if e is not _LEFT_OUT]
        return elements if elements or not data else _LEFT_OUT
    if not isinstance(data, dict):
        return data
    members = {key: resolve(value, ids, deferred) for key, value in data.items()}
    if members.get("value") is _LEFT_OUT:
        return _LEFT_OUT
    return {key: value for key, value in members.items() if value is not _LEFT_OUT}


def resolve_path(path: str, ids: Mapping[str, str]) -> str:
    """Return an operation's path with a ``bulkId:x`` segment replaced by the id, encoded. Raises ScimError 409."""
    segments = path.split("/")
    named = (_id(s.removeprefix(_REFERENCE), ids) if s.startswith(_REFERENCE) else None for s in segments)
    return "/".join(s if name is None else quote(name, safe="") for s, name in zip(segments, named, strict=True))


def result_of(operations: Sequence[Any], index: int, results: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the result of the operation at ``index`` of a job: the one in its place, or the one that names it.

    None where there is none (§3.7.3).
    """
    names = _Names.of(operations[index])
    in_place = results[index] if index < len(results) else None
    if in_place is not None and not names.contradicted_by(in_place):
        return in_place
    named = next((result for result in results if names.repeated_by(result)), None)
    return named or (in_place if len(results) == len(operations) else None)


def status_of(result: Mapping[str, Any]) -> int | None:
    """Return the status code of a result; None where it has none. The printed forms "201" and {"code": "201"} do."""
    status = result.get("status")
    code = str(status.get("code") if isinstance(status, dict) else status)
    return int(code) if len(code) == _DIGITS and code.isascii() and code.isdigit() else None


def _id(name: str, ids: Mapping[str, str]) -> str:
    if name not in ids:
        raise ScimError(f"Nothing was created under the bulkId {name}", status=409)
    return ids[name]


def _texts(data: Any) -> Iterator[str]:
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            stack.extend(value.values() if isinstance(value, dict) else value)


def _operation(index: int, given: Any, taken: set[str]) -> Operation:
    texts = {name: lookup(given, name) for name in ("method", "path", "bulkId", "version")}
    method, path, bulk_id, version = (v if isinstance(v, str) else None for v in texts.values())
    data = lookup(given, "data")
    fault = _fault((method or "").upper(), path, bulk_id, data, taken)
    if bulk_id:
        taken.add(bulk_id)
    error = invalid_syntax(fault) if fault else None
    return Operation(index, (method or "").upper(), path or "", bulk_id, version, data, error)


def _fault(method: str, path: str | None, bulk_id: str | None, data: Any, taken: set[str]) -> str | None:
    """Return what is wrong with an operation; whether its path leads anywhere is for the caller to see."""
    if method not in _METHODS:
        return f"method must be one of {', '.join(_METHODS)}"
    if not path:
        return "path is required"
    if method == "POST" and not bulk_id:
        return "bulkId is required for POST"
    if method == "POST" and bulk_id in taken:
        return f"The bulkId {bulk_id} is used twice"
    if method != "DELETE" and not isinstance(data, dict):
        return f"data is required for {method}"
    return None
