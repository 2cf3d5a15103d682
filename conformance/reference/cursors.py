"""Cursors (RFC 9865): opaque texts behind which the tenant remembers a result and a place in it."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from conformance.spec.errors import ScimError

_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Result:
    """The ids that a query found, in order, and how it was asked: ``query`` is all that must stay the same."""

    ids: tuple[str, ...]
    query: tuple[object, ...]
    count: int | None
    offset: int = 0
    opened: float = 0.0


class Cursors:
    """The open cursors. The oldest is forgotten when there are too many, so that no client can fill the memory."""

    def __init__(self, timeout: int | None) -> None:
        self._timeout = timeout
        self._open: OrderedDict[str, Result] = OrderedDict()

    def open(self, result: Result, offset: int) -> str:
        """Return a new cursor to a place in a result."""
        cursor = secrets.token_urlsafe(15)
        self._open[cursor] = replace(result, offset=offset, opened=time.monotonic())
        if len(self._open) > _MOST:
            self._open.popitem(last=False)
        return cursor

    def follow(self, cursor: str, query: tuple[object, ...], count: int | None) -> Result:
        """Return what a cursor leads to. Raises ScimError invalidCursor, expiredCursor or invalidCount (§2.1)."""
        result = self._open.get(cursor)
        if result is None or result.query != query:
            raise ScimError("The cursor does not belong to this query", scim_type="invalidCursor")
        if self._timeout and time.monotonic() - result.opened > self._timeout:
            raise ScimError(f"The cursor is older than {self._timeout} seconds", scim_type="expiredCursor")
        if count not in {None, result.count}:
            raise ScimError(f"count must stay {result.count} from page to page", scim_type="invalidCount")
        return result
