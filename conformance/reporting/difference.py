"""Where what came differs from what was expected."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from conformance.reporting.text import printable

_PIECE = re.compile(r"\w+|\s+|.", re.DOTALL)
_MOST_PIECES = 600  # beyond it comparing takes long, and marks no longer help the reader
_ALIKE = 0.4  # below it two texts have nothing in common but letters


class Part(NamedTuple):
    """A stretch of text, and whether the other side lacks it."""

    text: str
    differs: bool


def sides(expected: str, came: str) -> tuple[list[Part], list[Part]]:
    """Return both texts, fit to show, in parts; where they hardly resemble each other, nothing is told apart."""
    texts = [printable(expected), printable(came)]
    left, right = (_PIECE.findall(text) for text in texts)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if max(len(left), len(right)) > _MOST_PIECES or matcher.ratio() < _ALIKE:
        return [Part(texts[0], differs=False)], [Part(texts[1], differs=False)]
    steps = matcher.get_opcodes()
    return (
        [Part("".join(left[a:b]), step != "equal") for step, a, b, _, _ in steps if a < b],
        [Part("".join(right[c:d]), step != "equal") for step, _, _, c, d in steps if c < d],
    )
