"""Reading single resources (RFC 7644 §3.4, §3.4.1) and the formats of answers (§3.8, §8.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS, asked, body, done, listed
from conformance.checks.values import resolved
from conformance.spec.paths import lookup
from conformance.spec.representation import problems
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute, ResourceType

_SCIM, _JSON = "application/scim+json", "application/json"
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\";\s]+)", re.IGNORECASE)


@requirement("RFC7644-3.4.1-01")
def test_read_returns_the_resource(created: Evidence) -> None:
    """GET on a resource's own URL answers 200 with that resource as the top-level JSON object."""
    assert created.fetched.status == 200
    assert "Resources" not in created.fetched.resource, "the resource is wrapped in a list"
    if created.created.answered.body.strip():
        assert created.fetched.resource.get("id") == created.created.resource.get("id")


@for_types("User")
@pytest.mark.parametrize("accept", ["scim", "nothing_said", "anything"])
@requirement("RFC7643-3-01")
def test_read_is_one_object(negotiated: Evidence, resource_type: ResourceType, accept: str) -> None:
    """The answer to a read is a single JSON object, whatever the Accept header."""
    answer = done(negotiated[accept]).json
    assert isinstance(answer, dict), f"a {resource_type.name} was answered as something else than an object"
    assert "Resources" not in answer, "the resource is wrapped in a list"


@requirement("RFC7644-3.2-04")
def test_read_changes_nothing(created: Evidence) -> None:
    """Reading a resource twice shows the same resource, meta.lastModified included."""
    assert done(created.fetched_again).resource == done(created.fetched).resource, "reading changed the resource"


@requirement("RFC7644-3.4.1-02")
def test_id_is_found_under_its_own_endpoint_only(created: Evidence, verdict: Remarks) -> None:
    """GET at another type's endpoint with the id of a resource answers 404."""
    found = asked(created, "elsewhere", "the tenant serves one resource type only")
    if found.ok and lookup(found.resource, "meta.created") != lookup(done(created.fetched).resource, "meta.created"):
        verdict.not_applicable("another resource has the same id there, which RFC7643-3.1-07 is about")
    assert found.status == 404


@requirement("RFC7643-3.1-12")
def test_ids_are_case_exact(created: Evidence) -> None:
    """A GET with the id in another letter case does not return the resource."""
    recased = asked(created, "recased", "the tenant's ids have no letters, so their case cannot matter")
    assert recased.refused, f"the id in another case was answered with {recased.status}"


@requirement("RFC7644-3.4.1-04")
def test_read_sends_an_etag(created: Evidence) -> None:
    """When versioning is supported, the answer to a read has an ETag header."""
    assert done(created.fetched).header("etag"), "the answer to the read has no ETag header"


@pytest.mark.parametrize("header", ["location", "content-location"])
@requirement(lambda header: "RFC7644-3.4.1-05" if header == "location" else "RFC7643-3.1-30")
def test_location_headers_of_a_read_agree_with_meta(created: Evidence, header: str, verdict: Remarks) -> None:
    """A Location or Content-Location header of a read names the same URI as meta.location."""
    location = done(created.fetched).header(header)
    meta_location = lookup(created.fetched.resource, "meta.location")
    if not location:
        verdict.note(f"a read has no {header} header")
        return
    if not meta_location:
        verdict.not_applicable("the read has no meta.location to compare with")
    url = created.fetched.request.url
    assert resolved(url, location) == resolved(url, meta_location), f"the {header} header differs from meta.location"
    verdict.note(f"a read has a {header} header")


@requirement("RFC7643-2.5-07")
def test_missing_values_are_noted(created: Evidence, verdict: Remarks) -> None:
    """An attribute without a value is left out of a representation, or shown as null or []."""
    empty = sorted(k for k, v in done(created.fetched).resource.items() if unassigned(v))
    if empty:
        verdict.note(f"the tenant shows attributes without a value: {', '.join(empty)}")


@for_types("User")
@pytest.mark.parametrize("answer", ["created", "fetched", "replaced", "patched", "listed", "searched"])
@requirement("RFC7643-4.1.1-05")
def test_users_have_a_user_name(shown: Evidence, answer: str) -> None:
    """The representation of a User holds a userName that is not empty, in whatever answer."""
    exchange = asked(shown, answer, "the tenant does not offer PATCH")
    users = done(listed(exchange)).resources if answer in {"listed", "searched"} else [body(exchange)]
    assert [user.get("id") for user in users if not user.get("userName")] == [], "these users have no userName"


@requirement("RFC7644-3.4-01")
def test_read_shows_every_default_attribute(read: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A plain read carries every set attribute that is returned by default."""
    plain = done(read.fetched).resource
    if read.asked.refused:
        verdict.not_applicable("the tenant refuses to be asked for attributes by name")
    named = done(read.asked).resource
    hidden = [
        bound.path
        for bound in resource_type.attributes(subs=False)
        if not unassigned(lookup(named, bound.path)) and unassigned(lookup(plain, bound.path))
    ]
    assert hidden == [], "a read that names these attributes shows them, a plain one does not"


@requirement("RFC7644-3.4-02", "RFC7643-7-28")
def test_read_shows_no_attribute_that_is_not_returned(read: Evidence, resource_type: ResourceType) -> None:
    """A plain read carries no attribute with returned never or request, and none that is writeOnly."""
    resource = done(read.fetched).resource
    leaked = [b.path for b in resource_type.attributes() if _hidden(b) and not unassigned(lookup(resource, b.path))]
    assert leaked == [], "the read shows attributes that its schema says it does not return"


@requirement("RFC7644-3.8-14")
def test_values_have_their_shape(read: Evidence, resource_type: ResourceType) -> None:
    """A singular attribute is one value, a multi-valued one an array, and a complex value an object."""
    odd = [str(p) for p in problems(done(read.fetched).resource, resource_type) if p.kind == "shape"]
    assert odd == [], "; ".join(odd)


@requirement("RFC7644-3.8-02")
def test_answers_are_valid_utf8(unusual: Evidence) -> None:
    """Bodies of answers are JSON in valid UTF-8."""
    done(unusual.letters)
    assert done(unusual.letters_fetched).answered.problem is None
    assert unusual.letters_fetched.json is not None


@requirement("RFC7644-3.8-03")
def test_answers_claim_no_other_charset(created: Evidence) -> None:
    """The charset parameter of an answer, where there is one, says UTF-8."""
    charset = _CHARSET.search(done(created.fetched).header("content-type") or "")
    assert (charset[1].lower() if charset else "utf-8") == "utf-8"


@for_types("User")
@pytest.mark.parametrize("accept", ["scim", "preferred"])
@requirement("RFC7644-3.8-04", "RFC7644-3.2-09")
def test_scim_json_is_answered(negotiated: Evidence, resource_type: ResourceType, accept: str) -> None:
    """A read whose Accept header names application/scim+json, alone or before another, is answered with JSON."""
    assert negotiated[accept].status in SUCCESS
    assert resource_type.schema.id in (negotiated[accept].resource.get("schemas") or [])


_ACCEPTS = {
    "scim": ("RFC7644-3.1-01", "RFC7644-8.1-01"),
    "nothing_said": ("RFC7644-3.8-06",),
    "anything": ("RFC7644-3.8-07",),
}


@for_types("User")
@pytest.mark.parametrize("accept", list(_ACCEPTS))
@requirement(lambda accept: _ACCEPTS[accept])
def test_media_type_is_scim_json(
    negotiated: Evidence, resource_type: ResourceType, accept: str, verdict: Remarks
) -> None:
    """A read that asks for SCIM JSON, for anything, or says nothing is answered as application/scim+json."""
    exchange = negotiated[accept]
    assert exchange.status in SUCCESS, f"a {resource_type.name} could not be read this way"
    assert exchange.media_type in {_SCIM, _JSON}
    if exchange.media_type == _JSON:
        verdict.warn("the tenant answers as application/json, which most clients accept")


@for_types("User")
@requirement("RFC7644-3.8-05")
def test_application_json_is_answered(negotiated: Evidence, resource_type: ResourceType) -> None:
    """A read with Accept: application/json is answered with JSON rather than 406."""
    assert negotiated.json_only.status in SUCCESS
    assert resource_type.schema.id in (negotiated.json_only.resource.get("schemas") or [])
    assert negotiated.json_only.media_type in {_SCIM, _JSON}


@for_types("User")
@requirement("RFC7644-3.8-08")
def test_other_formats_are_noted(negotiated: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A provider may offer other formats than JSON."""
    exchange = negotiated.xml
    assert exchange.status < 500, f"asking for XML made the tenant fail to read a {resource_type.name}"
    verdict.note(f"asked for XML, the tenant answers {exchange.status} as {exchange.media_type or 'nothing'}")


@for_types("User")
@requirement("RFC7644-3.8-09")
def test_format_suffix_is_noted(negotiated: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A provider may choose the format by the suffix .scim."""
    assert negotiated.suffix.status < 500, f"the suffix made the tenant fail to read a {resource_type.name}"
    verdict.note(f"the tenant {'knows' if negotiated.suffix.ok else 'does not know'} the suffix .scim")


def _hidden(bound: BoundAttribute) -> bool:
    return bound.attribute.returned in {"never", "request"} or bound.attribute.mutability == "writeOnly"
