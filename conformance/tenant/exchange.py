"""An exchange: one HTTP request and what came back, redacted, ready to be judged, stored and replayed.

Checks read an exchange through properties that fail the check, with a sentence for its reader, where the tenant gave
no answer or something other than JSON. Nothing here trusts the tenant.
"""

from __future__ import annotations

import json
import shlex
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

from conformance.spec.spelling import as_printed

_LONGEST_KEPT = 2**20  # characters of a body that is not read anew each time: what was read takes many times as much
_MOST_VALUES = 200_000  # of a document; in memory each takes some hundred bytes, however short it is written


class Unusable(AssertionError):
    """What came cannot be judged further: no answer, not JSON, not an object. Fails the check that looked at it."""


@dataclass(frozen=True)
class Request:
    """A request as it left, secrets replaced. ``headers`` keep their order; ``body`` is text or None."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None

    @cached_property
    def json(self) -> Any:
        """The body as JSON, names as the RFCs print them; None where there was none or it was not JSON on purpose."""
        try:
            return None if self.body is None else as_printed(json.loads(self.body))
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Response:
    """A response as it was recorded. ``problem`` says in words what made the body unreadable, if anything.

    Its body, which may be long and personal, does not stand in its ``repr``, nor thus in traces.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = field(default="", repr=False)
    problem: str | None = None


@dataclass(frozen=True)
class Exchange:
    """A named request and its response, or the reason why there is none.

    ``id`` is unique in a run, ``started`` seconds since the epoch, ``elapsed`` seconds. ``read_back`` is the read of
    what a create made, where the answer to the create does not show it.
    """

    id: str
    name: str
    request: Request
    response: Response | None = None
    error: str | None = None
    started: float = 0.0
    elapsed: float = 0.0
    read_back: Exchange | None = field(default=None, repr=False, compare=False)
    _lower: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the response headers by lower-case name; the first of several wins."""
        for name, value in self.response.headers if self.response else ():
            self._lower.setdefault(name.lower(), value)

    @property
    def answered(self) -> Response:
        """The response. Raises Unusable where the tenant gave none."""
        if self.response is None:
            message = f"{self.label} got no answer: {self.error}"
            raise Unusable(message)
        return self.response

    @property
    def label(self) -> str:
        """The request line: ``POST /scim/v2/Users``."""
        return f"{self.request.method} {self.request.url}"

    @property
    def status(self) -> int:
        """The HTTP status code."""
        return self.answered.status

    @property
    def ok(self) -> bool:
        """Whether there was a 2xx answer; False, not an error, where there was none."""
        return self.response is not None and 200 <= self.response.status < 300  # noqa: PLR2004

    @property
    def refused(self) -> bool:
        """Whether the answer was 4xx, or 501 Not Implemented: the tenant declined and stayed whole."""
        return 400 <= self.status < 500 or self.status == 501  # noqa: PLR2004

    def header(self, name: str) -> str | None:
        """Return a response header by name in any letter case, or None."""
        self.answered  # noqa: B018
        return self._lower.get(name.lower())

    @property
    def media_type(self) -> str:
        """The response's media type without parameters, in lower case; empty where there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """The response body as JSON, names as the RFCs print them. Raises Unusable where it is none."""
        return self._kept if len(self.answered.body) <= _LONGEST_KEPT else self._read()

    @cached_property
    def _kept(self) -> Any:
        return self._read()

    def _read(self, changed: dict[str, str] | None = None) -> Any:
        response = self.answered
        if response.problem:
            message = f"{self.label} answered {response.status} with a body that cannot be read: {response.problem}"
            raise Unusable(message)
        if sum(map(response.body.count, "{[,")) > _MOST_VALUES:
            message = f"{self.label} answered {response.status} with JSON of more than {_MOST_VALUES} values"
            raise Unusable(message)
        try:
            return as_printed(json.loads(response.body, parse_constant=_no_json), changed)
        except (ValueError, RecursionError):
            shown = f"starts {response.body[:60]!r}" if response.body.strip() else "is empty"
            message = f"{self.label} answered {response.status} with a body that is not JSON: it {shown}"
            raise Unusable(message) from None

    @property
    def respelled(self) -> dict[str, str]:
        """The names in the response that are in another letter case than the RFCs print; each with the printed one."""
        changed: dict[str, str] = {}
        with suppress(Unusable):
            self._read(changed)
        return changed

    @property
    def document(self) -> dict[str, Any]:
        """The response body as a JSON object. Raises Unusable where it is anything else."""
        if not isinstance(self.json, dict):
            message = f"{self.label} answered {self.status} with JSON that is not an object"
            raise Unusable(message)
        return self.json

    @property
    def resource(self) -> dict[str, Any]:
        """The document; that of ``read_back`` in place of one that does not show what was created. Raises Unusable."""
        return self.read_back.document if self.read_back else self.document

    @property
    def shown(self) -> dict[str, Any] | None:
        """The resource where the request succeeded and its answer can be used; None, not an error, where not."""
        try:
            return self.resource if self.ok else None
        except Unusable:
            return None

    @property
    def listed(self) -> list[dict[str, Any]] | None:
        """The resources where the request succeeded and its answer can be used; None, not an error, where not."""
        try:
            return self.resources if self.ok else None
        except Unusable:
            return None

    @property
    def shows_resource(self) -> bool:
        """Whether the request was carried out and the response body itself is a representation with an id."""
        try:
            return self.ok and isinstance(self.document.get("id"), str)
        except Unusable:
            return False

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The objects of a ListResponse's ``Resources``; empty where it is absent. Raises Unusable on another shape."""
        listed = self.resource.get("Resources", [])
        if listed is None:
            return []
        if not isinstance(listed, list) or not all(isinstance(r, dict) for r in listed):
            message = f"{self.label} answered {self.status} with Resources that is not an array of objects"
            raise Unusable(message)
        return listed

    @property
    def found(self) -> set[str]:
        """The ids in a ListResponse. Raises Unusable where the answer is not 200 with one."""
        if self.status != 200:  # noqa: PLR2004
            message = f"{self.label} answered {self.status}, not 200 with a ListResponse"
            raise Unusable(message)
        return {str(r.get("id")) for r in self.resources}

    @property
    def results(self) -> list[dict[str, Any]]:
        """The objects of a BulkResponse's ``Operations``; empty where the answer is none."""
        try:
            listed = self.resource.get("Operations")
        except Unusable:
            return []
        return [result for result in listed if isinstance(result, dict)] if isinstance(listed, list) else []

    @property
    def curl(self) -> str:
        """A command that replays the request with ``$SCIM_TOKEN`` for the credentials."""
        request = self.request
        parts = ["curl", "-i", "-X", shlex.quote(request.method), shlex.quote(request.url)]
        typed = False
        for name, value in request.headers:
            if name.lower() == "authorization":
                parts += ["-H", '"Authorization: Bearer $SCIM_TOKEN"']
            elif name.lower() in {"accept", "content-type", "if-match", "if-none-match", "prefer"}:
                parts += ["-H", shlex.quote(f"{name}: {value}")]
                typed = typed or name.lower() == "content-type"
        if request.body is not None:
            # curl would name a form as the type, and read a body that begins with @ from a file.
            parts += [] if typed else ["-H", "Content-Type:"]
            parts += ["--data-raw", shlex.quote(request.body)]
        return " ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return the exchange as JSON data; ``from_dict`` reads it back."""
        return {
            "id": self.id,
            "name": self.name,
            "started": round(self.started, 3),
            "elapsed": round(self.elapsed, 4),
            "request": {
                "method": self.request.method,
                "url": self.request.url,
                "headers": [list(h) for h in self.request.headers],
                "body": self.request.body,
            },
            "response": None
            if self.response is None
            else {
                "status": self.response.status,
                "headers": [list(h) for h in self.response.headers],
                "body": self.response.body,
                "problem": self.response.problem,
            },
            "error": self.error,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Exchange:
        """Read what ``to_dict`` wrote."""
        request, response = data["request"], data["response"]
        return cls(
            id=data["id"],
            name=data["name"],
            started=data["started"],
            elapsed=data["elapsed"],
            error=data["error"],
            request=Request(request["method"], request["url"], _pairs(request["headers"]), request["body"]),
            response=response
            and Response(response["status"], _pairs(response["headers"]), response["body"], response["problem"]),
        )


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _pairs(headers: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)
