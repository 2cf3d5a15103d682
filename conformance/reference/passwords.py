"""Passwords at rest (RFC 7643 §9.2): only a salted hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata

_PREFIX = "scrypt:"


def hashed(password: str) -> str:
    """Return a salted hash as text; it starts with a mark of its own."""
    salt = secrets.token_hex(8)
    return f"{_PREFIX}{salt}:{_digest(password, salt)}"


def agrees(password: str, kept: str) -> bool:
    """Return whether a password is the one behind a kept hash."""
    salt, _, digest = kept.removeprefix(_PREFIX).partition(":")
    return hmac.compare_digest(_digest(password, salt), digest)


def _digest(password: str, salt: str) -> str:
    # PRECIS OpaqueString (RFC 7644 §5): any space is a space, and the composed form counts.
    prepared = unicodedata.normalize("NFC", "".join(" " if c.isspace() else c for c in password))
    # The work factor keeps a request near a millisecond: this tenant holds no real people's passwords.
    return hashlib.scrypt(prepared.encode("utf-8", "surrogatepass"), salt=salt.encode(), n=256, r=8, p=1).hex()
