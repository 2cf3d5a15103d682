"""Secrets are replaced where an exchange is recorded, so that nothing downstream can leak them."""

from __future__ import annotations

import base64
import html
import json
import re
import traceback
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REDACTED = "[redacted]"
# A shorter one would blank out ordinary words wherever they stand; the headers that carry it are blanked anyway.
_SHORTEST = 4
_SHORTEST_CORE = 8
_LETTERS = re.compile("[A-Za-z0-9]+")
_redactors: weakref.WeakSet[Redactor] = weakref.WeakSet()
_CREDENTIAL_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie"}


class Redactor:
    """Knows the secrets of a run and removes each of them, as written and as encoded, from text.

    ``discreet`` says that crashes of the suite are not to be told in their own words, which may quote anybody's data.
    """

    def __init__(self, secrets: Iterable[str] = (), *, discreet: bool = False) -> None:
        self.discreet = discreet
        self._forms: set[str] = set()
        self._anchors: set[bytes] = set()
        self._pattern: re.Pattern[str] | None = None
        _redactors.add(self)
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Learn one more secret, for example an access token that was just issued."""
        if len(secret) < _SHORTEST:
            return
        self._forms |= {secret, *_in_base64(secret.encode())}
        self._anchors = {max(_LETTERS.findall(form), key=len, default="").lower().encode() for form in self._forms}
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join("".join(map(spelt, form)) for form in longest_first), re.IGNORECASE)

    def text(self, text: str) -> str:
        """Return the text without any secret."""
        # Letters and digits are spelt in one way only, so that most texts need no pattern, which is slow. In bytes,
        # since lower() of a text takes twelve for each letter meanwhile where one of them is wide.
        lower = text.encode("utf-8", "surrogatepass").lower()
        if self._pattern is None or not any(anchor in lower for anchor in self._anchors):
            return text
        return self._pattern.sub(REDACTED, text)

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return the headers with credentials blanked; the scheme of an ``Authorization`` header stays readable."""
        return tuple((name, self._header(name, value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        if name.lower() not in _CREDENTIAL_HEADERS:
            return self.text(value)
        scheme, space, _ = value.partition(" ")
        return f"{scheme} {REDACTED}" if space and name.lower().endswith("authorization") else REDACTED


def _in_base64(secret: bytes) -> Iterator[str]:
    """Yield what of the secret's base64 stays the same wherever it stands in something longer, such as user:password.

    Three bytes become four characters, so that there are three ways to be cut; at the edges its neighbours mix in.
    """
    yield base64.b64encode(secret).decode().rstrip("=")
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        whole = encoded.rstrip("=")
        core = whole[(0, 2, 3)[before] : -1 if whole != encoded else None]
        if len(core) >= _SHORTEST_CORE:
            yield core


def spelt(letter: str) -> str:
    """Return a pattern for a letter in each way in which URLs, JSON, HTML and headers may spell it."""
    if letter.isascii() and letter.isalnum():
        return letter
    code = ord(letter)
    utf_8 = letter.encode()
    ways = {letter, f"\\{letter}", json.dumps(letter)[1:-1], html.escape(letter), utf_8.decode("latin-1")}
    ways |= {f"\\u{code:04x}", f"&#{code};", f"&#x{code:x};"} | {"+": {"-"}, "/": {"_"}, " ": {"+"}}.get(letter, set())
    patterns = [re.escape(way) for way in ways]
    # A URL within a URL is encoded twice.
    patterns.append("".join(f"%(?:25)*{byte:02x}" for byte in utf_8))
    return f"(?:{'|'.join(sorted(patterns, key=len, reverse=True))})"


def trace(crash: BaseException) -> str:
    """Return where an exception came from, without any secret that a redactor of this process knows.

    Where one of them is discreet, the kind of the exception stands in place of its message.
    """
    redactors = list(_redactors)
    if any(redactor.discreet for redactor in redactors):
        return f"{''.join(traceback.format_tb(crash.__traceback__))}{type(crash).__name__}\n"
    text = "".join(traceback.format_exception(crash))
    for redactor in redactors:
        text = redactor.text(text)
    return text
