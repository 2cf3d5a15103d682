"""Text that a server controlled, made fit to show: no control characters, bounded, JSON indented."""

from __future__ import annotations

import json
import re

# Controls, bidirectional overrides, other invisible formats, lone surrogates and what is no character: what moves a
# cursor, hides letters, or may not stand in XML.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
LONGEST_BODY = 4000
_LONGEST_READ = 200_000


def printable(text: str) -> str:
    """Return the text with each character that is not meant to be seen written out as its code point."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text.replace("\r\n", "\n"))


def one_line(text: str, longest: int = 160) -> str:
    """Return the text on one line, cut to ``longest`` characters."""
    line = " ".join(printable(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def pretty(body: str, longest: int = LONGEST_BODY) -> tuple[str, int]:
    """Return a body for reading, indented where it is JSON, and how many characters of it were cut off."""
    try:
        # What is cut off anyway is not worth the memory of reading it.
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False) if len(body) <= _LONGEST_READ else body
    except (ValueError, RecursionError):
        text = body
    return printable(text[:longest]), max(len(text) - longest, 0)
