"""Attribute notation (RFC 7644 §3.10): ``userName``, ``name.givenName``, ``urn:…:User:manager.value``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from conformance.spec.errors import ScimError

# By the ABNF a name begins with a letter, yet "$ref" is a sub-attribute of the RFC's own schemas (RFC 7643 §2.4).
_NAME = r"[A-Za-z$][A-Za-z0-9_$-]*"
SUB_ATTRIBUTE = re.compile(rf"\.(?P<name>{_NAME})")
# The characters of a URI (RFC 3986 §2) but for brackets and parentheses, with which filters group.
_URI = r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&'*+,;=%-]*"
_NOTATION = re.compile(rf"(?:(?P<urn>{_URI}):)?(?P<name>{_NAME})(?:\.(?P<sub>{_NAME}))?")
_CORE_URN = "urn:ietf:params:scim:schemas:core:"


class PathError(ScimError):
    """A text that is no attribute path; ``position`` is the offset in it, from 0, where reading stopped."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(f"Invalid path at position {position}: {message}", scim_type="invalidPath")
        self.position = position


@dataclass(frozen=True, slots=True)
class AttrPath:
    """One attribute or sub-attribute, with the URI of its schema where it was given. Letter case is kept as written."""

    name: str
    sub: str | None = None
    urn: str | None = None

    def __str__(self) -> str:
        prefix = f"{self.urn}:" if self.urn else ""
        return f"{prefix}{self.dotted}"

    @property
    def dotted(self) -> str:
        """The path without its URI: ``name.givenName``."""
        return f"{self.name}.{self.sub}" if self.sub else self.name

    @classmethod
    def parse(cls, text: str) -> AttrPath:
        """Read attribute notation; the last colon ends the URI, since no attribute name holds one.

        Raises PathError.
        """
        match = _NOTATION.fullmatch(text)
        if match:
            return cls(name=match["name"], sub=match["sub"], urn=match["urn"])
        if not text:
            raise PathError(0, "expected an attribute name, found nothing")
        position = text.rfind(":") + 1
        uri = re.match(_URI, text)
        if position and (uri is None or uri.end() < position - 1):
            raise PathError(uri.end() if uri else 0, "expected the URI of a schema before the last colon")
        reached = re.compile(rf"(?:{_NAME}(?:\.(?:{_NAME})?)?)?").match(text, position)
        position = reached.end() if reached else position
        found = repr(text[position : position + 20]) if position < len(text) else "the end"
        raise PathError(position, f"expected an attribute name such as userName or name.givenName, found {found}")


def member(container: object, name: str) -> str | None:
    """Return the key of a JSON object that equals ``name`` in any letter case (§3.10), the exact one first."""
    if not isinstance(container, dict):
        return None
    if name in container:
        return name
    wanted = name.lower()
    return next((key for key in container if isinstance(key, str) and key.lower() == wanted), None)


def lookup(resource: object, path: AttrPath | str) -> Any:
    """Return the value at a path of a JSON resource, None where it is unassigned or absent (RFC 7643 §2.5).

    Names are matched in any letter case. ``emails.value`` gives the list of the elements' values; the URI of an
    extension alone gives its whole object; the URI of a core schema means the top level. Odd shapes and texts that
    are no path give None.
    """
    whole = member(resource, str(path))
    if whole is not None:
        return _value(resource, whole)
    if isinstance(path, str):
        try:
            path = AttrPath.parse(path)
        except PathError:
            return None
    container = resource
    if path.urn and (member(resource, path.urn) or not path.urn.lower().startswith(_CORE_URN)):
        container = _value(resource, path.urn)
    value = _value(container, path.name)
    if path.sub is None:
        return value
    if isinstance(value, list):
        found = [_value(element, path.sub) for element in value]
        return [item for item in found if item is not None] or None
    return _value(value, path.sub)


def _value(container: object, name: str) -> Any:
    key = member(container, name)
    return container[key] if key is not None and isinstance(container, dict) else None
