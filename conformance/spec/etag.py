"""Preconditions on a resource's version (RFC 7644 §3.14, RFC 9110 §13.1).

Tags are compared weakly, in If-Match too: by HTTP a weak tag never satisfies If-Match, yet SCIM prefers weak tags and
its own examples send them there.
"""

from __future__ import annotations

import re

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\U0010ffff]*)"')


def opaque(tag: str | None) -> str | None:
    """Return what stands between the quotes of an entity tag, weak or strong; None for what is no entity tag."""
    match = _TAG.fullmatch(tag.strip()) if tag else None
    return match[1] if match else None


def same(left: str | None, right: str | None) -> bool:
    """Compare two entity tags weakly; what is no entity tag equals nothing."""
    return opaque(left) is not None and opaque(left) == opaque(right)


def if_match(header: str | None, version: str | None) -> bool:
    """Return whether a write may go on. ``version`` is the current entity tag, None where there is no resource.

    Without the header everything may; ``*`` asks for any resource; a header that cannot be read matches nothing.
    """
    return header is None or _names(header, version)


def if_none_match(header: str | None, version: str | None) -> bool:
    """Return whether to go on (True), or to answer 304 to a read and 412 to a write (False)."""
    return header is None or not _names(header, version)


def _names(header: str, version: str | None) -> bool:
    if version is None:
        return False
    if header.strip() == "*":
        return True
    return opaque(version) in _TAG.findall(header)
