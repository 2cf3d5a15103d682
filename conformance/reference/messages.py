"""HTTP as the reference tenant sees it: a request already read, a response not yet written (RFC 7644 §3.1, §3.8)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from conformance.spec.errors import ScimError, invalid_syntax, invalid_value

if TYPE_CHECKING:
    from collections.abc import Mapping

SCIM = "application/scim+json"
JSON = "application/json"
MAX_DEPTH = 32
_ERROR = 400


class Refused(ScimError):
    """An error whose response carries headers of its own, such as ``Allow``."""

    def __init__(
        self, detail: str, *, status: int = 400, scim_type: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail, status=status, scim_type=scim_type)
        self.headers = dict(headers or {})


def not_found(what: str) -> ScimError:
    """Return the error for a resource or an endpoint that does not exist."""
    return ScimError(f"{what} was not found", status=404)


def not_supported(what: str) -> ScimError:
    """Return the error for a feature that this tenant does not offer."""
    return ScimError(f"{what} is not supported", status=501)


@dataclass(frozen=True)
class Request:
    """One request. ``base`` is the Tenant URL as the client addressed it, ``segments`` the decoded path below it.

    ``target`` is the whole path as it was sent; ``headers`` has lower-case names.
    """

    method: str
    base: str
    segments: tuple[str, ...] = ()
    query: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    target: str = ""

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query parameters, decoded once; of a repeated one the values are joined by commas.

        Raises ScimError for text that is not UTF-8.
        """
        try:
            pairs = parse_qsl(self.query.decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError as error:
            raise invalid_value("The query is not percent-encoded UTF-8") from error
        joined: dict[str, str] = {}
        for name, value in pairs:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined

    def json(self, limit: int) -> Any:
        """Read the body. Raises ScimError: 413 for one of more than ``limit`` bytes, 415, or 400 invalidSyntax."""
        if len(self.body) > limit:
            raise ScimError(f"The body has more than {limit} bytes", status=413)
        media_type, _, parameter = self.headers.get("content-type", SCIM).lower().partition(";")
        charset = parameter.partition("charset=")[2].strip(' "')
        if media_type.strip() not in {SCIM, JSON} or charset not in {"", "utf-8", "utf8"}:
            raise ScimError(f"The body must be {SCIM} in UTF-8", status=415)
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise ScimError("The body must not be compressed", status=415)
        return read_json(self.body)


@dataclass
class Response:
    """One response; ``document`` is the JSON of its body, None for no body, written in ``encoding``."""

    status: int
    document: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"

    @property
    def failed(self) -> bool:
        """Whether the status is that of an error."""
        return self.status >= _ERROR


def read_json(body: bytes) -> Any:
    """Read a JSON text of bounded depth. Raises ScimError invalidSyntax."""
    try:
        document = json.loads(body.decode(), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise invalid_syntax("The body is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise invalid_syntax(f"The body is not UTF-8 at byte {error.start}") from error
    except ValueError as error:
        raise invalid_syntax(f"The body is not JSON: {error}") from error
    if _deeper(document, MAX_DEPTH):
        raise invalid_syntax(f"The body is nested more than {MAX_DEPTH} levels deep")
    return document


def write_json(document: object, encoding: str = "utf-8") -> bytes:
    """Write a JSON text; a lone surrogate, which UTF-8 cannot hold, stays a JSON escape."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode(encoding, "backslashreplace")


def media_type_for(accept: str | None) -> str | None:
    """Return the media type to answer with, SCIM's where Accept lets it; None when it allows neither (§3.8)."""
    wanted = dict(_media_range(part) for part in (accept or "*/*").lower().split(","))
    scim, plain = (_quality(wanted, media_type) for media_type in (SCIM, JSON))
    if not scim and not plain:
        return None
    return SCIM if scim >= plain else JSON


def _media_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in text.split(";"))
    weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0


def _quality(wanted: Mapping[str, float], media_type: str) -> float:
    return next((wanted[name] for name in (media_type, "application/*", "*/*") if name in wanted), 0.0)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _deeper(document: Any, levels: int) -> bool:
    layer = [document]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not layer:
            return False
    return True
