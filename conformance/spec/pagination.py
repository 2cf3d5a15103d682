"""Pages of a list: by index (RFC 7644 §3.4.2.4) and by cursor (RFC 9865 §2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.spec.errors import invalid_value

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list that one page shows: ``items[window.offset : window.stop]``; ``start_index`` counts from 1."""

    start_index: int
    offset: int
    stop: int

    @property
    def size(self) -> int:
        """The number of resources on the page: ``itemsPerPage``."""
        return self.stop - self.offset


def window(total: int, start_index: int | None, count: int | None, max_page: int | None = None) -> Window:
    """Return the page that an index request names.

    Below 1 ``start_index`` is 1; a negative ``count`` is 0; a page past the end is empty (Table 6). ``max_page`` is the
    provider's own limit.
    """
    first = max(1, 1 if start_index is None else start_index)
    size = page_size(count, default=max_page, maximum=max_page)
    offset = min(first - 1, total)
    return Window(first, offset, total if size is None else min(offset + size, total))


def page_size(count: int | None, *, default: int | None, maximum: int | None) -> int | None:
    """Return how many resources a page may hold, None for all of them."""
    wanted = default if count is None else max(0, count)
    limits = [limit for limit in (wanted, maximum) if limit is not None]
    return min(limits) if limits else None


def number(name: str, text: str | None) -> int | None:
    """Read a paging parameter; None where it was not given. Raises ScimError invalidValue for what is no integer."""
    if text is None:
        return None
    if not _INTEGER.fullmatch(text.strip()):
        raise invalid_value(f"{name} must be an integer, not {text[:40]!r}")
    return int(text)


def is_cursor(text: str) -> bool:
    """Return whether a cursor holds unreserved URI characters only (RFC 9865 §2)."""
    return _UNRESERVED.fullmatch(text) is not None
