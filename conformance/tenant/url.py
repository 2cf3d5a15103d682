"""The Tenant URL: a base path, and perhaps a query that goes onto every request (Entra's ``?aadOptscim062020``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping


_VERSION = re.compile(r"v[0-9]+", re.IGNORECASE)


class InvalidTenantURL(ValueError):
    """The Tenant URL cannot be used; the message says why and what one looks like."""


@dataclass(frozen=True, slots=True)
class TenantURL:
    """``base`` ends without a slash and carries no query; ``query`` is raw, without its question mark."""

    base: str
    query: str = ""

    @classmethod
    def parse(cls, text: str) -> TenantURL:
        """Read what an administrator pastes. Raises InvalidTenantURL with one line that says what to do."""
        text = text.strip()
        if not text:
            raise InvalidTenantURL("the Tenant URL is empty; give one such as https://example.com/scim/v2")
        try:
            parts = urlsplit(text)
            port_is_valid = parts.port is None or parts.port > 0
            (parts.hostname or "").encode("idna")
            httpx.URL(text).host  # noqa: B018 - refuses what no request could be built for
        except (ValueError, httpx.InvalidURL) as error:
            raise InvalidTenantURL(f"the Tenant URL {text!r} cannot be read: {error}") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
            raise InvalidTenantURL(f"the Tenant URL {text!r} is not an http(s) URL such as https://example.com/scim/v2")
        if any(c.isspace() or ord(c) < 32 for c in text):  # noqa: PLR2004
            raise InvalidTenantURL(f"the Tenant URL {text!r} contains white space")
        if parts.username is not None or parts.password is not None:
            raise InvalidTenantURL("the Tenant URL carries credentials; give them with --token or --username instead")
        return cls(urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", "")), parts.query)

    def __str__(self) -> str:
        """Return the URL as it was given."""
        return f"{self.base}?{self.query}" if self.query else self.base

    @property
    def host(self) -> str:
        """Host and port, fit for a folder name once the colon is replaced."""
        return urlsplit(self.base).netloc

    @property
    def path(self) -> str:
        """The base path: ``/scim/v2``, or empty."""
        return urlsplit(self.base).path

    def in_version(self, version: str) -> TenantURL | None:
        """Return the URL with another version segment at its end, or with none where ``version`` is empty (§3.13).

        None where the URL does not end in a version such as ``v2``.
        """
        head, _, last = self.path.rpartition("/")
        if not _VERSION.fullmatch(last):
            return None
        above = self.base.removesuffix(self.path) + head
        return TenantURL(f"{above}/{version}" if version else above, self.query)

    def join(self, path: str, params: Mapping[str, str | int] | None = None) -> str:
        """Return the URL of a path below the base, for example ``join("/Users", {"count": 1})``.

        Values are percent-encoded, a space as ``%20``; a query in ``path`` is kept as it stands. Raises ValueError for
        a path that does not start with a slash.
        """
        if not path.startswith("/"):
            # Right behind the host it could change who that is: "@example.com".
            raise ValueError(f"{path!r} is no path below the Tenant URL")
        head, _, raw = path.partition("?")
        encoded = "&".join(f"{quote(k, safe='')}={quote(str(v), safe='')}" for k, v in (params or {}).items())
        query = "&".join(part for part in (self.query, raw, encoded) if part)
        return f"{self.base}{head}" + (f"?{query}" if query else "")

    def relative(self, location: str) -> str | None:
        """Return the path below the base that a ``location`` or ``$ref`` leads to; None where it leads elsewhere.

        A relative reference resolves against the base (RFC 7643 §2.3.7). Host and port must be the tenant's own:
        credentials never follow a link to another origin.
        """
        try:
            target, base = urlsplit(urljoin(self.base + "/", location)), urlsplit(self.base)
        except ValueError:
            return None
        if (target.scheme, target.netloc.lower()) != (base.scheme, base.netloc.lower()):
            return None
        if not target.path.startswith(base.path + "/") or not target.path.isprintable():
            return None
        return target.path[len(base.path) :]
