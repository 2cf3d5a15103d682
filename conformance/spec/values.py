"""Single JSON values and the SCIM data types (RFC 7643 §2.3)."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conformance.spec.formats import is_date_time, is_uri_reference

if TYPE_CHECKING:
    from collections.abc import Callable

_FRACTION = re.compile(r"\.(\d+)")


def unassigned(value: object) -> bool:
    """Return whether a value counts as none: null, [] and an object without anything in it (§2.5)."""
    return value is None or (isinstance(value, list | dict) and not value)


def instant(text: object) -> datetime | None:
    """Return the point in time of an xsd:dateTime (§2.3.5), None for anything else and for years Python cannot hold.

    UTC is assumed where no zone is given.
    """
    if not isinstance(text, str) or not is_date_time(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def precision(text: str) -> float:
    """Return the smallest step, in seconds, that a dateTime shows: 1 for ``…:34Z``, 0.001 for ``…:34.123Z``."""
    fraction = _FRACTION.search(text)
    return 10.0 ** -len(fraction[1]) if fraction else 1.0


def is_base64(text: str) -> bool:
    """Return whether a text is base64 in either alphabet, with or without padding (§2.3.6)."""
    body = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except ValueError:
        return False
    return True


def fits(data_type: str, value: Any) -> bool:
    """Return whether one JSON value, no array, is of a SCIM data type (§2.3). Every value fits an unknown type."""
    test = _TESTS.get(data_type)
    return test is None or test(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TESTS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "decimal": _is_number,
    "dateTime": lambda value: isinstance(value, str) and is_date_time(value),
    "binary": lambda value: isinstance(value, str) and is_base64(value),
    "reference": lambda value: isinstance(value, str) and is_uri_reference(value),
    "complex": lambda value: isinstance(value, dict),
}
