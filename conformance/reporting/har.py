"""``evidence.har``: all exchanges of a run as HAR 1.2, for the tools of a browser and for judging the run again.

Each probe that ran is a page, and the requests it sent are the entries of that page. What HAR has no place for stands
in fields that begin with an underscore, as HAR provides: in ``log._run`` what the run was told and found, at a page
what the probe brought (``_exchanges``, in its order) and why it stopped (``_stopped``), at an entry its id and name.
``schemas/evidence.schema.json`` describes the file.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from conformance import __version__
from conformance.config import InvalidConfiguration
from conformance.probes.evidence import Evidence
from conformance.spec.profile import Profile
from conformance.tenant.exchange import Exchange, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.config import Settings
    from conformance.reporting.model import Report

FORMAT = 1  # of what stands in the fields of our own
# The settings that decide which checks there are.
_PLANNING = ("resource_type", "feature", "level", "effort", "read_only", "plan")
_GZIP = b"\x1f\x8b"
_UNKNOWN = -1  # how HAR writes a size that was not measured
_HTTP = "HTTP/1.1"


@dataclass(frozen=True)
class Recording:
    """A run read back from its HAR. ``suite`` is the version that recorded it, ``duration`` in seconds."""

    suite: str
    tenant: str
    started: datetime
    duration: float
    seed: str
    tag: str
    keyword: str
    settings: Mapping[str, Any]
    profile: Profile
    left_behind: tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    evidence: Mapping[str, Evidence]


def to_har(report: Report) -> dict[str, Any]:
    """Return a run as HAR."""
    evidence = {each.key: each for each in reversed(report.evidence)}  # of workers that asked the same, the first
    page_of = {identifier: key for key, each in evidence.items() for identifier in each.to_dict()["exchanges"]}
    begun = {exchange.id: exchange.started for exchange in report.exchanges}
    pages = [_page(each, begun, report.started) for each in reversed(evidence.values())]
    exchanges = sorted(report.exchanges, key=lambda exchange: exchange.started)
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "scim-conformance", "version": __version__},
            "_run": {
                "format": FORMAT,
                "tenant": report.tenant,
                "started": report.started.isoformat(),
                "duration": report.duration,
                "seed": report.seed,
                "tag": report.tag,
                "left_behind": list(report.left_behind),
                **report.scope,
            },
            "pages": sorted(pages, key=lambda page: page["startedDateTime"]),
            "entries": [_entry(exchange, page_of.get(exchange.id)) for exchange in exchanges],
        }
    }


def scope(settings: Settings, profile: Profile, keyword: str) -> dict[str, Any]:
    """Return as JSON data what decides, beside the evidence, which checks there are and how heavy they weigh."""
    told = {name: getattr(settings, name) for name in _PLANNING}
    return {"settings": told, "keyword": keyword, "profile": profile.to_dict()}


def read(file: str | Path) -> Recording:
    """Read a HAR that ``to_har`` made, compressed or not. Raises InvalidConfiguration with one line that says why not.

    A HAR from elsewhere does not say which request was sent for which question, and cannot be judged.
    """
    try:
        raw = Path(file).read_bytes()
        data = json.loads(gzip.decompress(raw) if raw.startswith(_GZIP) else raw)
    except OSError as error:
        raise InvalidConfiguration(f"the recording {file} cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError, RecursionError, zlib.error) as error:
        raise InvalidConfiguration(f"the recording {file} is not JSON: {error}") from None
    log = data.get("log") if isinstance(data, dict) else None
    run = log.get("_run") if isinstance(log, dict) else None
    if not isinstance(run, dict):
        raise InvalidConfiguration(f"{file} is not a recording of scim-conformance: it has no log._run")
    if run.get("format") != FORMAT:
        stated = run.get("format")
        raise InvalidConfiguration(
            f"the recording {file} has format {stated} and this version of the suite reads format {FORMAT}"
        )
    from conformance.spec.user_files import complaint  # noqa: PLC0415 - whoever records a run does not read one

    if wrong := complaint(data, "evidence"):
        raise InvalidConfiguration(f"the recording {file} is damaged: {wrong}")
    try:
        return _recording(data["log"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidConfiguration(f"the recording {file} is damaged: {type(error).__name__} {error}") from None


def _recording(log: Mapping[str, Any]) -> Recording:
    run = log["_run"]
    exchanges = {exchange.id: exchange for exchange in map(_exchange, log["entries"])}
    return Recording(
        suite=log["creator"]["version"],
        tenant=run["tenant"],
        started=datetime.fromisoformat(run["started"]),
        duration=float(run["duration"]),
        seed=run["seed"],
        tag=run["tag"],
        keyword=run["keyword"],
        settings={name: _tupled(value) for name, value in run["settings"].items() if name in _PLANNING},
        profile=Profile.from_dict(run["profile"]),
        left_behind=tuple(run["left_behind"]),
        exchanges=tuple(exchanges.values()),
        evidence={page["id"]: _evidence(page, exchanges) for page in log["pages"]},
    )


def _page(evidence: Evidence, begun: Mapping[str, float], otherwise: datetime) -> dict[str, Any]:
    told = evidence.to_dict()
    times = [begun[identifier] for identifier in told["exchanges"] if identifier in begun]
    return {
        "startedDateTime": _time(min(times, default=otherwise.timestamp())),
        "id": evidence.key,
        "title": evidence.key,
        "pageTimings": {},
        "_exchanges": told["exchanges"],
        "_stopped": told["stopped"],
    }


def _evidence(page: Mapping[str, Any], exchanges: Mapping[str, Exchange]) -> Evidence:
    told = {"key": page["id"], "exchanges": page["_exchanges"], "stopped": page["_stopped"]}
    evidence = Evidence.from_dict(told, exchanges)
    # Whether the probe of that day left it out or did not know it yet, nobody can tell any more.
    evidence.absent = "the recording has no answer to it"
    return evidence


def _entry(exchange: Exchange, page: str | None) -> dict[str, Any]:
    milliseconds = round(round(exchange.elapsed, 4) * 1000, 1)
    return {
        **({"pageref": page} if page else {}),
        "startedDateTime": _time(exchange.started),
        "time": milliseconds,
        "request": _request(exchange.request),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_id": exchange.id,
        "_name": exchange.name,
    }


def _request(request: Request) -> dict[str, Any]:
    message = {
        "method": request.method,
        "url": request.url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": 0,
    }
    if request.body is not None:
        message["postData"] = {"mimeType": _media_type(request.headers), "text": request.body}
        message["bodySize"] = len(request.body.encode("utf-8", "surrogatepass"))
    return message


def _response(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response or Response(0)  # status 0 is how browsers write that there was no answer
    size = len(response.body.encode("utf-8", "surrogatepass"))
    message = {
        "status": response.status,
        "statusText": "",
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(response.headers),
        "content": {"size": size, "mimeType": _media_type(response.headers), "text": response.body},
        "redirectURL": next((value for name, value in response.headers if name.lower() == "location"), ""),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }
    if response.problem:
        message["_problem"] = response.problem
    if exchange.response is None:
        message["_error"] = exchange.error
    return message


def _exchange(entry: Mapping[str, Any]) -> Exchange:
    asked, answered = entry["request"], entry["response"]
    return Exchange(
        id=entry["_id"],
        name=entry["_name"],
        request=Request(asked["method"], asked["url"], _pairs(asked["headers"]), asked.get("postData", {}).get("text")),
        response=None
        if "_error" in answered
        else Response(
            int(answered["status"]),
            _pairs(answered["headers"]),
            answered["content"]["text"],
            answered.get("_problem"),
        ),
        error=answered.get("_error"),
        started=datetime.fromisoformat(entry["startedDateTime"]).timestamp(),
        elapsed=entry["time"] / 1000,
    )


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _headers(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _pairs(headers: Iterable[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((header["name"], header["value"]) for header in headers)


def _media_type(headers: Iterable[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "x-unknown")


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
