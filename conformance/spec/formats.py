"""The lexical rules behind SCIM's string types: dateTime (RFC 7643 §2.3.5) and reference (§2.3.7)."""

from __future__ import annotations

import re
from datetime import date

_DATE_TIME = re.compile(
    r"(?P<year>-?(?:[1-9][0-9]{4,}|[0-9]{4}))-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"T(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?",
    re.ASCII,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_URI_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")


def is_date_time(text: str) -> bool:
    """Tell whether the text is an xsd:dateTime: unlike RFC 3339's, its time zone may be missing (§2.3.5)."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return False
    # The calendar repeats every 400 years, so any year has a twin that `date` can hold.
    year = 2000 + int(match["year"][-4:]) % 400
    try:
        date(year, int(match["month"]), int(match["day"]))
    except ValueError:
        return False
    return True


def is_uri(text: str) -> bool:
    """Tell whether the text is an absolute URI or a URN (RFC 3986 §3)."""
    return _SCHEME.match(text) is not None and _URI_CHARACTERS.fullmatch(text) is not None


def is_uri_reference(text: str) -> bool:
    """Tell whether the text is a URI or a relative reference (RFC 3986 §4.1), such as ``../Groups/1``."""
    first_segment = re.split("[/?#]", text, maxsplit=1)[0]
    return is_uri(text) or (":" not in first_segment and _URI_CHARACTERS.fullmatch(text) is not None)
