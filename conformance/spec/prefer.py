"""Preferences of a client: the Prefer header (RFC 7240)."""

from __future__ import annotations


def preferences(header: str | None) -> dict[str, str]:
    """Return the preferences by lower-case name, each with its value, empty where it has none.

    Parameters of preferences are left out; of a preference given twice the first counts (§2).
    """
    found: dict[str, str] = {}
    for part in (header or "").split(","):
        name, _, value = part.partition(";")[0].partition("=")
        if name.strip():
            found.setdefault(name.strip().lower(), value.strip(' \t"'))
    return found
