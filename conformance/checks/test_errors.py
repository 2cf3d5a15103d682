"""Refusals: their status, what they leave behind, and the body of the error (RFC 7644 §3.12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks.declare import requirement
from conformance.checks.given import asked, done, listed, offered
from conformance.checks.verdict import NotApplicable
from conformance.spec.messages import ERROR

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

_MESSAGES = "urn:ietf:params:scim:api:"
_NOT_UNIQUE = "the resource type has no attribute whose values are unique"
_UNNAMED = "the resource type has no text attribute by which to tell our own resources"
_NO_PATCH = "the tenant does not offer PATCH"
_NO_LIST = "the resource type has no optional attribute with several values"
# RFC 7644 Table 9; the last four are those of RFC 9865 §2.3 and RFC 9967.
_ONLY_WITH_400 = {
    "invalidFilter", "tooMany", "mutability", "invalidSyntax", "invalidPath", "noTarget", "invalidValue", "invalidVers",
    "sensitive",
}  # fmt: skip
_KEYWORDS = _ONLY_WITH_400 | {"uniqueness", "invalidCursor", "expiredCursor", "invalidCount"}


@dataclass(frozen=True)
class Refusal:
    """A request that must fail: the name of its exchange, the status it must have, and what names the clause."""

    name: str
    status: int
    clause: str

    def __str__(self) -> str:
        return self.name


_REFUSALS = [
    Refusal("create_malformed", 400, "RFC7644-3.12-01"),
    Refusal("create_taken", 409, "RFC7644-3.12-04"),
    Refusal("read_unknown", 404, "RFC7644-3.12-03"),
    Refusal("no_endpoint", 404, "RFC7644-3.12-03"),
]
refused = pytest.mark.parametrize("refusal", _REFUSALS, ids=str)


@refused
@requirement(lambda refusal: refusal.clause)
def test_refusal_has_a_scim_error_body(mistakes: Evidence, refusal: Refusal) -> None:
    """A response with status 400, 404 or 409 has a SCIM error in JSON as its body."""
    exchange = _refusal(mistakes, refusal)
    error = exchange.resource
    assert {"schemas", "status", "detail", "scimType"} & error.keys(), "the body has no attribute of a SCIM error"


@refused
@requirement("RFC7644-3.12-06", "RFC7644-8.2-01", "RFC7644-3.1-04")
def test_error_has_the_error_schema(mistakes: Evidence, refusal: Refusal) -> None:
    """The schemas of an error body holds exactly the Error URI."""
    assert _error(mistakes, refusal).get("schemas") == [ERROR]


@refused
@requirement("RFC7644-3.12-07")
def test_error_has_a_status(mistakes: Evidence, refusal: Refusal) -> None:
    """An error body has the attribute status."""
    assert _error(mistakes, refusal).get("status") is not None, "the error body has no status"


@refused
@requirement("RFC7644-3.12-08")
def test_error_status_is_a_string(mistakes: Evidence, refusal: Refusal) -> None:
    """The status in an error body is a JSON string, not a number."""
    error = _error(mistakes, refusal)
    if error.get("status") is None:
        raise NotApplicable("the error has no status, which another check judges")
    assert error["status"] == str(error["status"])


@refused
@requirement("RFC7644-3.12-09", "RFC7644-3.2-11")
def test_error_status_is_the_http_status(mistakes: Evidence, refusal: Refusal) -> None:
    """The status in an error body is the HTTP status of the response."""
    error = _error(mistakes, refusal)
    if error.get("status") is None:
        raise NotApplicable("the error has no status, which another check judges")
    assert str(error["status"]) == str(mistakes[refusal.name].status)


@refused
@requirement("RFC7644-3.12-10")
def test_scim_type_is_a_known_keyword(mistakes: Evidence, refusal: Refusal) -> None:
    """A scimType is a keyword that the SCIM RFCs define."""
    assert _error(mistakes, refusal).get("scimType") in {*_KEYWORDS, None}


@refused
@requirement("RFC7644-3.12-41")
def test_scim_type_fits_the_status(mistakes: Evidence, refusal: Refusal) -> None:
    """The keywords of Table 9 come with status 400, and uniqueness with 409 too."""
    scim_type, status = _error(mistakes, refusal).get("scimType"), mistakes[refusal.name].status
    if scim_type not in _ONLY_WITH_400:
        raise NotApplicable("the error has no keyword that is bound to a status")
    assert status == 400, f"{scim_type} came with {status}"


@refused
@requirement("RFC7644-3.12-11")
def test_detail_is_text(mistakes: Evidence, refusal: Refusal) -> None:
    """The detail of an error, where there is one, is a text that is not empty."""
    detail = _error(mistakes, refusal).get("detail")
    if detail is not None:
        assert isinstance(detail, str), "detail is not a string"
        assert detail.strip(), "detail is empty"


@refused
@requirement("RFC7644-3.12-12")
def test_error_is_sent_as_scim_json(mistakes: Evidence, refusal: Refusal) -> None:
    """Error bodies are sent as application/scim+json."""
    exchange = _refusal(mistakes, refusal)
    if not exchange.answered.body.strip():
        raise NotApplicable("the error has no body, which another check judges")
    assert exchange.media_type == "application/scim+json"


_UNKNOWN = {
    "read_unknown": ["RFC7644-3.4.1-03", "RFC7644-3.12-18"],
    "replace_unknown": ["RFC7644-3.5.1-01"],
    "patch_unknown": ["RFC7644-3.12-18"],
}


@pytest.mark.parametrize("name", list(_UNKNOWN))
@requirement(lambda name: _UNKNOWN[name])
def test_unknown_id_answers_404(mistakes: Evidence, resource_type: ResourceType, name: str) -> None:
    """GET, PUT and PATCH of an id that does not exist answer 404."""
    assert offered(asked(mistakes, name, _NO_PATCH)).status == 404, f"an unknown {resource_type.name}"


@requirement("RFC7644-3.2-05", "RFC7644-3.5.1-01")
def test_replace_of_an_unknown_id_creates_nothing(mistakes: Evidence) -> None:
    """A PUT to an id that does not exist is refused and creates nothing."""
    assert mistakes.replace_unknown.refused, f"the PUT was answered with {mistakes.replace_unknown.status}"
    assert mistakes.reread_unknown.refused, "after the PUT there is a resource under the unknown id"


@requirement("RFC7644-3.2-08", "RFC7644-3.12-19")
def test_unknown_endpoint_answers_404(mistakes: Evidence) -> None:
    """A request to an endpoint that does not exist answers 404."""
    assert mistakes.no_endpoint.status == 404


@requirement("RFC7644-3.2-07")
def test_undefined_method_is_refused(mistakes: Evidence) -> None:
    """A method that an endpoint does not define, such as POST to a single resource, is refused."""
    assert mistakes.post_to_resource.refused, f"POST to a resource was answered with {mistakes.post_to_resource.status}"


@requirement("RFC7644-3.12-24")
def test_undefined_method_answers_501_or_405(mistakes: Evidence, verdict: Remarks) -> None:
    """An operation that is not supported answers 501 or 405."""
    status = mistakes.post_to_resource.status
    assert status in {501, 405}
    verdict.note(f"a method that is not supported answers {status}")


@requirement("RFC7644-3.12-05")
def test_outdated_version_has_a_scim_error_body(mistakes: Evidence) -> None:
    """A response with status 412 has a SCIM error in JSON as its body."""
    exchange = asked(mistakes, "replace_outdated", "the tenant does not declare entity-tags")
    if exchange.status != 412:
        raise NotApplicable("the status is not 412, which another check judges")
    assert exchange.resource.get("schemas") == [ERROR]


@requirement("RFC7644-3.12-21")
def test_outdated_version_answers_412(mistakes: Evidence, verdict: Remarks) -> None:
    """A PUT with a version that is not current answers 412."""
    exchange = offered(asked(mistakes, "replace_outdated", "the tenant does not declare entity-tags"))
    assert exchange.status in {412, 409}
    if exchange.status == 409:
        verdict.note("an outdated version answers 409, where 412 is usual")


@requirement("RFC7644-3.12-23")
def test_mistakes_of_clients_are_no_server_errors(mistakes: Evidence) -> None:
    """A mistake in the request never answers 500."""
    failing = [e.name for e in mistakes if e.response and 500 <= e.status < 600 and e.status != 501]
    assert failing == [], "the tenant answered these wrong requests with a server error"


@requirement("RFC7644-3.2-10")
def test_failures_have_an_error_status(mistakes: Evidence) -> None:
    """A failed request is reported by its HTTP status, not by an error body under a 2xx status."""
    hidden = [e.name for e in mistakes if e.ok and ERROR in e.answered.body]
    assert hidden == [], "these requests failed under a 2xx status"


@requirement("RFC7644-3.1-02")
@pytest.mark.parametrize("name", ["read_unknown", "create_malformed", "target", "left"])
def test_every_body_is_one_object(mistakes: Evidence, name: str) -> None:
    """The body of a resource, a list and an error is one JSON object."""
    exchange = asked(mistakes, name, _UNNAMED)
    if name in {"target", "left"}:
        done(listed(exchange))
    if not exchange.answered.body.strip():
        raise NotApplicable("the answer has no body")
    assert isinstance(exchange.json, dict), "the body is not a JSON object"


@requirement("RFC7644-3.1-04")
def test_list_has_a_message_schema(mistakes: Evidence) -> None:
    """The schema URI of a list begins with urn:ietf:params:scim:api:."""
    schemas = done(listed(asked(mistakes, "left", _UNNAMED))).resource.get("schemas")
    assert isinstance(schemas, list), "schemas is not an array"
    assert [s for s in schemas if not str(s).startswith(_MESSAGES)] == []


def _refusal(mistakes: Evidence, refusal: Refusal) -> Exchange:
    exchange = asked(mistakes, refusal.name, _NOT_UNIQUE)
    if exchange.status < 400:
        raise NotApplicable("the request was not refused, which another check judges")
    return exchange


def _error(mistakes: Evidence, refusal: Refusal) -> dict[str, Any]:
    exchange = _refusal(mistakes, refusal)
    try:
        return exchange.resource
    except AssertionError as error:
        raise NotApplicable(f"there is no error body to judge: {error}") from None
