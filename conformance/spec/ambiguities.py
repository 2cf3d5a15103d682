"""Where the RFCs can be read in more than one way: the readings, and what the suite makes of each, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from conformance.data import data_path

if TYPE_CHECKING:
    from collections.abc import Mapping


class UnknownAmbiguity(LookupError):
    """No ambiguity has that id; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """One question that the RFCs leave open, or that much-used software answers in its own way.

    ``readings`` are the possible answers by a short name, ``clauses`` the sections that speak of it. ``fails``,
    ``warns`` and ``noted`` say what becomes of which behaviour, each empty where there is none; ``clients`` says who
    feels the difference. ``unobservable`` says why no run can tell which reading a tenant takes, empty where one can.
    """

    id: str
    title: str
    clauses: tuple[str, ...]
    readings: Mapping[str, str]
    clients: str
    fails: str = ""
    warns: str = ""
    noted: str = ""
    unobservable: str = ""


@cache
def ambiguities() -> Mapping[str, Ambiguity]:
    """Return every ambiguity by id, ``A01`` first. Raises ValueError for a malformed entry."""
    entries = tomllib.loads(data_path("fixtures", "ambiguities.toml").read_text(encoding="utf-8"))
    return {identifier: _read(identifier, entry) for identifier, entry in entries.items()}


def _read(identifier: str, entry: dict[str, Any]) -> Ambiguity:
    try:
        return Ambiguity(identifier, **{**entry, "clauses": tuple(entry["clauses"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"ambiguity {identifier}: {error}") from None


def ambiguity(identifier: str) -> Ambiguity:
    """Return one ambiguity. Raises UnknownAmbiguity with the nearest id."""
    found = ambiguities().get(identifier)
    if found is None:
        raise UnknownAmbiguity(f"there is no ambiguity {identifier}; there are A01 to {max(ambiguities())}")
    return found
