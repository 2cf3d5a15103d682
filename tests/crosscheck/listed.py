"""The disagreements that were decided by hand: the data of ``disagreements.toml``, and which of them one is.

Each entry has a narrow test, of one of two kinds. A *condition* looks at a disagreement and says whether it is this
one. A *rewriting* takes what is in dispute out of the case (letter case, escapes …): the disagreement is this one if it
goes away with it.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import compare
from conditions import CONDITIONS
from implementations import HERE
from rewritings import REWRITINGS

if TYPE_CHECKING:
    from compare import Disagreement
    from implementations import Implementation


@dataclass(frozen=True)
class Entry:
    """One decided disagreement; ``side`` says whether the others are wrong or the RFC is open."""

    id: str
    question: str
    implementations: tuple[str, ...]
    side: str
    what: str
    clause: str
    reason: str
    example: dict[str, Any]


def entries() -> list[Entry]:
    """Read the list. Raises ValueError for an entry that nothing tells from others, and for a test of no entry."""
    found = []
    for entry in tomllib.loads((HERE / "disagreements.toml").read_text(encoding="utf-8"))["disagreement"]:
        example = json.loads(entry.pop("example"))
        found.append(Entry(**entry | {"implementations": tuple(entry["implementations"])}, example=example))
    untold = {entry.id for entry in found} ^ {*CONDITIONS, *REWRITINGS}
    if untold:
        raise ValueError(f"either an entry or its test is missing: {', '.join(sorted(untold))}")
    return found


ENTRIES = entries()


def explained(implementation: Implementation, disagreement: Disagreement) -> frozenset[str]:
    """Return the ids of the entries that account for a disagreement; none if nothing does."""
    mine = [e.id for e in ENTRIES if implementation.name in e.implementations and e.question == disagreement.question]
    for i in mine:
        if i in CONDITIONS and CONDITIONS[i](disagreement):
            return frozenset({i})
    case, used = disagreement.case, set()
    for i in mine:
        rewritten = REWRITINGS[i](case) if i in REWRITINGS else case
        if rewritten != case:
            used.add(i)
            case = rewritten
    if not used:
        return frozenset()
    rest = compare.disagreements(implementation, disagreement.question, case)
    for item in rest:
        # What is left after the rewriting must be listed itself.
        found = next((i for i in mine if i in CONDITIONS and CONDITIONS[i](item)), None)
        if found is None:
            return frozenset()
        used.add(found)
    return frozenset(used)


def shows(implementation: Implementation, disagreement: Disagreement, entry: Entry) -> bool:
    """Return whether an entry accounts for a disagreement."""
    condition = CONDITIONS.get(entry.id)
    return condition(disagreement) if condition else entry.id in explained(implementation, disagreement)
