"""What our parsers know, and what has tripped up others: the pieces from which inputs are made, and right inputs."""

from __future__ import annotations

from typing import Any

WORDS = ["userName", "emails", "[", "]", "(", ")", ".", ":", '"', "\\", " ", "eq", "co", "and", "or", "not", "pr"]
WORDS += ["urn:a:b:", "true", "null", "1e9", "-", "\x00", "é", "\ud800", "$ref", "type eq", '"x"', "%2e", "..", "/Me"]
WORDS += ["https://h/scim/"]

NAMES = ["schemas", "id", "name", "type", "attributes", "subAttributes", "endpoint", "schema", "canonicalValues"]
NAMES += ["multiValued", "referenceTypes", "supported", "maxResults", "bulk", "filter", "pagination"]
NAMES += ["schemaExtensions", "Resources", "log", "entries", "_run", "waiver", "check", "expires", "token", "timeout"]
NAMES += ["event", "run", "intent", "created", "refused", "deleted", "path", "marker", "tag", "tenant"]

_NOW = "2026-01-01T00:00:00+00:00"
_MESSAGE = {"httpVersion": "HTTP/1.1", "cookies": [], "headers": [], "headersSize": -1, "bodySize": -1}
_LOG = {
    "version": "1.2",
    "creator": {"name": "scim-conformance", "version": "0.1.0"},
    "_run": {
        "format": 1,
        "tenant": "http://h/scim/v2",
        "started": _NOW,
        "duration": 1.5,
        "seed": "s",
        "tag": "conf-1a2b3c4d",
        "left_behind": ["/Users/1"],
        "settings": {"resource_type": [], "effort": "standard", "read_only": False},
        "keyword": "",
        "profile": {"names": [], "attributes": {}, "levels": {}, "limits": {"page_size": 0}, "rules": []},
    },
    "pages": [
        {
            "startedDateTime": _NOW,
            "id": "paged[User]",
            "title": "paged[User]",
            "pageTimings": {},
            "_exchanges": ["x1"],
            "_stopped": {"reason": "no", "exchange": "x1"},
        }
    ],
    "entries": [
        {
            "pageref": "paged[User]",
            "startedDateTime": _NOW,
            "time": 1.5,
            "request": _MESSAGE
            | {
                "method": "GET",
                "url": "http://h/Users",
                "queryString": [],
                "postData": {"mimeType": "application/scim+json", "text": "{}"},
            },
            "response": _MESSAGE
            | {
                "status": 200,
                "statusText": "",
                "headers": [{"name": "A", "value": "b"}],
                "content": {"size": 2, "mimeType": "application/scim+json", "text": "{}"},
                "redirectURL": "",
            },
            "cache": {},
            "timings": {"send": 0, "wait": 1.5, "receive": 0},
            "_id": "x1",
            "_name": "page",
        }
    ],
}
EVIDENCE: dict[str, Any] = {"log": _LOG}
WAIVERS: dict[str, Any] = {
    "waiver": [{"requirement": "RFC7644-3.7-*", "reason": "r", "owner": "o", "expires": "2026-01-01"}]
}
TENANTS: dict[str, Any] = {
    "defaults": {"timeout": 5, "resource-type": ["User"]},
    "tenant": {"first": {"tenant-url": "https://h/scim/v2", "profile": ["entra"], "read-only": True}},
}
LEDGER: list[dict[str, Any]] = [
    {"event": "run", "tenant": "https://h/scim", "tag": "conf-1a2b3c4d"},
    {"event": "intent", "endpoint": "/Users", "marker": "conf-1a2b3c4d.a", "attribute": ""},
    {"event": "created", "path": "/Users/1", "marker": "conf-1a2b3c4d.a"},
    {"event": "refused", "marker": "conf-1a2b3c4d.a"},
    {"event": "deleted", "path": "/Users/1"},
]
