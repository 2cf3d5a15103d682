"""The end of a complaint about a word that is not known."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEW = 50


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a complaint about an unknown word: the nearest known one, or all of them where they are few."""
    known = list(known)
    nearest = difflib.get_close_matches(word.lower(), [name.lower() for name in known], n=1)
    found = next((name for name in known if nearest and name.lower() == nearest[0]), None)
    if found:
        return f"; did you mean “{found}”?"
    return f"; there are {', '.join(known)}" if len(known) <= _FEW else ""
