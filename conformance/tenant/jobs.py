"""What a bulk job may do: every operation is held against the ledger before the job leaves (RFC 7644 §3.7).

A tenant may be more lenient than the RFC: match names in any letter case, take the first of two members of one name,
run operations that stand elsewhere than they should, mend what is no JSON. Whatever such a tenant could find in a body
has to be ours.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from conformance.spec.paths import lookup, member
from conformance.tenant.ledger import NotOurs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.tenant.ledger import Ledger

_CHANGING = re.compile("put|patch|delete", re.IGNORECASE)
_OF_THE_JOB = re.compile(r"(?:/[A-Za-z][\w-]*)+/bulkId:(?P<name>[\w-]+)")


def is_job(method: str, path: str) -> bool:
    """Whether a request is a bulk job, however its path is written."""
    return method == "POST" and unquote(path.partition("?")[0]).rstrip("/").lower().endswith("/bulk")


def guard_job(body: str | bytes | None, ledger: Ledger) -> None:
    """Raise NotOurs for a job that could change what this run did not create.

    POST needs an intent for its endpoint; any other method, one that is missing or made up too, a path in the ledger or
    one with the bulkId of a POST of this job.
    """
    text = _text(body)
    try:
        document = json.loads(text, object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError):
        if not text.isascii() or "\\" in text or "\0" in text or _CHANGING.search(text):
            raise NotOurs("refusing a bulk job that is no JSON and may change something") from None
        return
    operations = list(_operations(document))
    made = {lookup(operation, "bulkId") for operation in operations if _method(operation) == "POST"}
    for operation in operations:
        _guard(operation, made, ledger)


def _guard(operation: dict[str, Any], made: set[Any], ledger: Ledger) -> None:
    path = lookup(operation, "path")
    if _method(operation) == "POST":
        # Without a path there is nothing that it could change; below a resource of ours it is tried on purpose.
        if path is not None and not ledger.intends(str(path)):
            ledger.guard(str(path))
        return
    reference = _OF_THE_JOB.fullmatch(path) if isinstance(path, str) else None
    if not (reference and reference["name"] in made):
        ledger.guard(str(path))


def _method(operation: dict[str, Any]) -> str:
    return str(lookup(operation, "method")).upper()


def _operations(document: Any) -> Iterator[dict[str, Any]]:
    """Yield every object that could be taken for an operation, at any depth; what stands in one is its data."""
    stack = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, dict) and (member(value, "method") or member(value, "path")):
            yield value
        elif isinstance(value, dict | list):
            stack.extend(value.values() if isinstance(value, dict) else value)


def _text(body: str | bytes | None) -> str:
    try:
        return body.decode() if isinstance(body, bytes) else body or ""
    except UnicodeDecodeError:
        raise NotOurs("refusing a bulk job that is not UTF-8: nobody knows how it will be read") from None


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name.casefold() for name, _ in pairs}) < len(pairs):
        raise NotOurs("refusing a bulk job with two members of one name: nobody knows which one counts")
    return dict(pairs)
