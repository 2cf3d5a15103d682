"""What the page's script draws when a reader asks for it: every check and its exchanges, compressed into the page.

Everything is text that is fit to show; the script puts it into the page as text and never as HTML.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from conformance.reporting.files import json_pieces
from conformance.reporting.result import SEVERITY
from conformance.reporting.text import pretty, printable
from conformance.spec.ambiguities import ambiguity
from conformance.spec.requirements import requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.reporting.model import Report
    from conformance.reporting.result import Result
    from conformance.tenant.exchange import Exchange, Request, Response

# Characters of exchanges before compression; those behind good verdicts are left out first. evidence.har has all.
_ROOM = 8_000_000
_DEEP = 2  # the data, its parts: a result or an exchange is one piece


def pack(report: Report) -> str:
    """Return the data as base64 of a zlib stream of JSON: ``requirements``, ``results`` and ``exchanges``."""
    results = sorted(report.results, key=lambda result: SEVERITY.index(result.verdict))
    judges: dict[str, list[int]] = defaultdict(list)
    for number, result in enumerate(results):
        for identifier in result.requirements:
            judges[identifier].append(number)
    data = {
        "requirements": {identifier: _requirement(identifier, judges[identifier]) for identifier in report.verdicts},
        "results": [_result(result) for result in results],
        "exchanges": _exchanges(results, {exchange.id: exchange for exchange in report.exchanges}),
    }
    packer = zlib.compressobj(9)
    packed = [packer.compress(piece.encode(errors="backslashreplace")) for piece in json_pieces(data, _DEEP)]
    return b64encode(b"".join([*packed, packer.flush()])).decode("ascii")


def _requirement(identifier: str, results: list[int]) -> dict[str, Any]:
    known = requirement(identifier)
    readings = {open_.title: list(open_.readings.values()) for open_ in map(ambiguity, known.ambiguity)}
    return {"why": known.why, "fix": known.fix, "readings": readings, "results": results}


def _result(result: Result) -> dict[str, Any]:
    said = result.remarks or ((result.message,) if result.message else ())
    shown = {
        "check": printable(result.check),
        "claim": printable(result.claim),
        "verdict": result.verdict,
        "standing": printable(result.standing),
        "expected": printable(result.expected),
        "came": printable(result.came),
        "said": [printable(text) for text in said if not (result.expected and text.startswith("assert "))],
        "exchanges": list(result.exchanges),
    }
    return {name: value for name, value in shown.items() if value}


def _exchanges(results: Iterable[Result], known: Mapping[str, Exchange]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    room = _ROOM
    for identifier in dict.fromkeys(identifier for result in results for identifier in result.exchanges):
        if identifier in known and room > 0:
            shown[identifier] = _exchange(known[identifier])
            room -= sum(len(shown[identifier][side]["body"]) for side in ("request", "response"))
    return shown


def _exchange(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    return {
        "name": printable(exchange.name),
        "line": printable(exchange.label),
        "status": str(response.status) if response else "no answer",
        "ms": round(exchange.elapsed * 1000),
        "request": _message(request),
        "response": _message(response),
        "problem": printable((response.problem if response else exchange.error) or ""),
        "curl": printable(exchange.curl),
    }


def _message(message: Request | Response | None) -> dict[str, Any]:
    body, cut = pretty(message.body) if message and message.body else ("", 0)
    headers = message.headers if message else ()
    return {"headers": [[printable(name), printable(value)] for name, value in headers], "body": body, "cut": cut}
