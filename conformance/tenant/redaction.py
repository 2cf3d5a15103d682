"""Secrets are replaced where an exchange is recorded, so that nothing downstream can leak them."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "[redacted]"
# A shorter one would blank out ordinary words wherever they stand; the headers that carry it are blanked anyway.
_SHORTEST = 4
_CREDENTIAL_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie"}


class Redactor:
    """Knows the secrets of a run and removes each of them, as written and as encoded, from text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Learn one more secret, for example an access token that was just issued."""
        if len(secret) < _SHORTEST:
            return
        encoded = base64.b64encode(secret.encode())
        self._forms |= {
            secret,
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            encoded.decode(),
            encoded.decode().rstrip("="),
            base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
        }
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def text(self, text: str) -> str:
        """Return the text without any secret."""
        return self._pattern.sub(REDACTED, text) if self._pattern else text

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return the headers with credentials blanked; the scheme of an ``Authorization`` header stays readable."""
        return tuple((name, self._header(name, value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        if name.lower() not in _CREDENTIAL_HEADERS:
            return self.text(value)
        scheme, space, _ = value.partition(" ")
        return f"{scheme} {REDACTED}" if space and name.lower().endswith("authorization") else REDACTED
