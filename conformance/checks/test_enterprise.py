"""References to other resources, and the manager of the enterprise extension (RFC 7643 §2.3.7, §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.checks.bound import characterised
from conformance.checks.declare import for_attributes, for_types, requirement
from conformance.checks.given import SUCCESS, asked, done
from conformance.checks.values import single_values
from conformance.probes.evidence import Blocked
from conformance.spec.formats import is_uri_reference
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute
    from conformance.tenant.exchange import Exchange


def _points(bound: BoundAttribute) -> bool:
    """Whether an attribute points to another resource of the tenant, of a client's choice."""
    reference = bound.attribute.sub("$ref")
    named = set(reference.reference_types) - {"external", "uri"} if reference else set()
    return bool(named) and bound.attribute.mutability == "readWrite" and bound.attribute.sub("value") is not None


def _is_manager(bound: BoundAttribute) -> bool:
    return bound.urn == ENTERPRISE_USER and bound.name == "manager" and _points(bound)


def _first(evidence: Evidence, bound: BoundAttribute, name: str = "fetched") -> Any:
    """Return the reference that was read. Raises Blocked where the tenant did not keep it."""
    done(evidence.created)
    found = single_values(evidence[name].resource, bound)
    if not found:
        raise Blocked(f"the tenant does not keep {bound.path}", evidence[name])
    return found[0]


def _followed(links: Evidence, uri: object) -> Exchange:
    """Return the answer to a GET on a $ref. Raises AssertionError for a relative one that leads out of the tenant."""
    if "followed" not in links and "//" not in str(uri):
        raise AssertionError(f"resolved against the Tenant URL, {uri!r} leads elsewhere")
    return asked(links, "followed", f"{uri!r} leads away from the Tenant URL, where no credentials are sent")


@requirement(lambda attribute: ["RFC7643-7-25", *characterised(attribute)])
@for_attributes(_points)
def test_a_link_to_another_resource_is_kept(attribute: BoundAttribute, links: Evidence, created: Evidence) -> None:
    """A create that points to another resource by its id is accepted, and the resource points to it afterwards."""
    done(created.created)
    assert links.created.status in SUCCESS
    found = single_values(links.fetched.resource, attribute)
    assert [lookup(link, "value") for link in found] == [done(links.target).resource.get("id")]


@requirement("RFC7643-2.3.7-07")
@for_attributes(_points)
def test_a_link_has_its_uri(attribute: BoundAttribute, links: Evidence, verdict: Remarks) -> None:
    """A link to another resource is served with its URI in $ref."""
    if not lookup(_first(links, attribute), "$ref"):
        verdict.note(f"the tenant serves {attribute.path} without $ref")


@requirement("RFC7643-2.3.7-01")
@for_attributes(_points)
def test_the_uri_of_a_link_is_a_uri(attribute: BoundAttribute, links: Evidence, verdict: Remarks) -> None:
    """The $ref of a link is a non-empty absolute or relative URI."""
    uri = lookup(_first(links, attribute), "$ref")
    if uri is None:
        verdict.not_applicable("the tenant serves the link without $ref")
    assert isinstance(uri, str), f"$ref is {uri!r}, not a string"
    assert uri != ""
    assert is_uri_reference(uri), f"{uri!r} is no URI"


@requirement("RFC7643-2.3.7-05", "RFC7643-2.3.7-02")
@for_attributes(_points)
def test_the_uri_of_a_link_leads_to_its_target(attribute: BoundAttribute, links: Evidence, verdict: Remarks) -> None:
    """A GET on the $ref of a link returns the resource that its value names."""
    uri = lookup(_first(links, attribute), "$ref")
    if not uri:
        verdict.not_applicable("the tenant serves the link without $ref")
    followed = _followed(links, uri)
    assert followed.status in SUCCESS
    assert followed.resource.get("id") == done(links.target).resource.get("id")


@requirement("RFC7643-2.3.7-06")
@for_attributes(_points)
def test_a_link_to_nobody_is_refused(attribute: BoundAttribute, links: Evidence, verdict: Remarks) -> None:
    """A create that points to a resource that does not exist is refused."""
    done(links.created)
    assert links.unknown.status < 500
    verdict.note(f"the tenant answers {links.unknown.status} to a {attribute.name} that points to nobody")


@requirement("RFC7643-4.3-07", "RFC7643-8.7.1-77")
@for_attributes(_is_manager)
def test_the_manager_is_one_object(attribute: BoundAttribute, links: Evidence) -> None:
    """The manager is a single object that names another User by its id."""
    _first(links, attribute)
    manager = lookup(links.fetched.resource, attribute.path)
    assert isinstance(manager, dict), f"manager is {manager!r}, not an object"
    assert lookup(manager, "value") == done(links.target).resource.get("id")


@requirement("RFC7643-4.3-08", "RFC7643-8.7.1-78")
@for_attributes(_is_manager)
def test_the_manager_has_a_value(attribute: BoundAttribute, links: Evidence) -> None:
    """The manager has in value the id of its User, in the letter case of that id."""
    assert lookup(_first(links, attribute), "value") == done(links.target).resource.get("id")


@requirement("RFC7643-4.3-09", "RFC7643-8.7.1-79")
@for_attributes(_is_manager)
def test_the_manager_has_a_reference(attribute: BoundAttribute, links: Evidence) -> None:
    """The manager has in $ref the URI of its User."""
    uri = lookup(_first(links, attribute), "$ref")
    assert uri, "the manager has no $ref"
    assert _followed(links, uri).status in SUCCESS


@requirement("RFC7643-4.3-10", "RFC7643-7-24", "RFC7643-8.7.1-80")
@for_attributes(_is_manager)
def test_the_name_of_the_manager_is_read_only(attribute: BoundAttribute, links: Evidence) -> None:
    """A displayName that a client sends for the manager is ignored, and the manager is kept."""
    assert links.forged.status in SUCCESS
    before, after = _first(links, attribute), _first(links, attribute, "after_forging")
    assert lookup(after, "displayName") != "Forged by the client"
    assert lookup(after, "value") == lookup(before, "value")


@requirement("RFC7643-4.3-11")
@for_attributes(_is_manager)
def test_the_name_of_the_manager_is_that_of_the_user(
    attribute: BoundAttribute, links: Evidence, verdict: Remarks
) -> None:
    """The displayName of the manager, where it is returned, is that of the manager's User."""
    name = lookup(_first(links, attribute), "displayName")
    if name is None:
        verdict.not_applicable("the tenant does not return it")
    assert name == done(links.target).resource.get("displayName")


@requirement("RFC7643-4.3-01")
@for_types("User")
@for_attributes(lambda bound: bound.urn == ENTERPRISE_USER and bound.parent is None)
def test_enterprise_attributes_go_by_their_uri(
    attribute: BoundAttribute, attribute_values: Evidence, verdict: Remarks
) -> None:
    """Enterprise attributes are returned under the URI of the enterprise extension, which schemas lists."""
    fetched = attribute_values.fetched.resource
    if not single_values(fetched, attribute):
        verdict.not_applicable("no value of it is returned")
    assert ENTERPRISE_USER in fetched
    listed = fetched.get("schemas")
    assert isinstance(listed, list), f"schemas is {listed!r}, not an array"
    assert ENTERPRISE_USER in listed
