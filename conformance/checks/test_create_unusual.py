"""Creating with less common bodies and media types (RFC 7644 §3.1, §3.3, §3.8; RFC 7643 §2, §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import requirement
from conformance.checks.given import NOTHING, SUCCESS, asked, body, cleared, done, kept
from conformance.checks.values import kept_as
from conformance.probes import choose
from conformance.probes.create import ALIEN_URN, UNKNOWN_ATTRIBUTE
from conformance.spec.paths import lookup
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType

_NO_LIST = "the resource type has no optional attribute with several values"
_NO_EXTENSION = "the resource type has no extension with a text attribute"


@requirement("RFC7643-2.5-01", "RFC7644-3.3-07")
def test_create_accepts_null(unusual: Evidence) -> None:
    """A create in which an optional attribute is null is accepted."""
    assert unusual.null.status in SUCCESS


@requirement("RFC7643-2.5-01")
def test_null_leaves_an_attribute_without_value(
    unusual: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """After a create with null the attribute has no value."""
    done(unusual.null)
    name = choose.text(resource_type).name
    assert cleared(lookup(done(unusual.null_fetched).resource, name), name, verdict) in NOTHING


@requirement("RFC7643-2.5-02", "RFC7644-3.3-07")
def test_create_accepts_an_empty_array(unusual: Evidence) -> None:
    """A create in which an optional multi-valued attribute is an empty array is accepted."""
    assert asked(unusual, "empty", _NO_LIST).status in SUCCESS


@requirement("RFC7643-2.5-02")
def test_an_empty_array_leaves_an_attribute_without_values(
    unusual: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """After a create with an empty array the attribute has no values, or those that it has without being given any."""
    resource = body(asked(unusual, "empty", _NO_LIST))
    attribute = choose.multi_valued(resource_type)
    name = attribute.name if attribute else ""
    if lookup(body(unusual.shared_external_id), name) not in NOTHING:
        verdict.note(f"the tenant gives {name} a default: {lookup(resource, name)!r}")
    else:
        assert lookup(resource, name) in NOTHING


@requirement("RFC7644-3.8-01")
def test_create_accepts_letters_beyond_ascii(unusual: Evidence) -> None:
    """A request in UTF-8 with letters beyond ASCII is accepted."""
    assert unusual.letters.status in SUCCESS


@requirement("RFC7644-3.8-01", "RFC7644-3.8-03", "RFC7643-2.3.1-01")
def test_letters_beyond_ascii_come_back_unchanged(unusual: Evidence, resource_type: ResourceType) -> None:
    """Letters beyond ASCII are read back as they were sent, without a charset parameter."""
    done(unusual.letters)
    text = choose.text(resource_type)
    sent = lookup(unusual.letters.request.json, text.name)
    assert kept_as(text, sent, kept(lookup(done(unusual.letters_fetched).resource, text.name), text.name)) == sent


@requirement("RFC7643-2.1-01")
def test_attribute_names_are_recognised_in_any_case(unusual: Evidence, resource_type: ResourceType) -> None:
    """A create with its attribute names in capitals sets these attributes."""
    naming = choose.naming(resource_type)
    assert unusual.upper_case.status in SUCCESS
    if naming:
        assert lookup(body(unusual.upper_case), naming.name) == lookup(unusual.upper_case.request.json, naming.name)


@requirement("RFC7643-2.1-02")
def test_sub_attribute_names_are_recognised_in_any_case(unusual: Evidence, resource_type: ResourceType) -> None:
    """A create with the name of a sub-attribute in capitals sets that sub-attribute."""
    exchange = asked(unusual, "upper_case_component", "the resource type has no complex attribute with a text in it")
    part = choose.component(resource_type)
    assert exchange.status in SUCCESS
    if part:
        assert kept_as(part.attribute, "Conformance", lookup(body(exchange), part.name)) == "Conformance"


@requirement("RFC7643-2.3.8-02")
def test_order_of_members_does_not_matter(unusual: Evidence) -> None:
    """A create is understood with schemas as the last member of the body."""
    assert unusual.schemas_last.status in SUCCESS


@requirement("RFC7644-3.8-11")
def test_create_accepts_a_charset(unusual: Evidence) -> None:
    """A body with Content-Type application/scim+json; charset=utf-8 is accepted."""
    assert unusual.charset.status in SUCCESS


@requirement("RFC7644-3.8-12")
def test_create_accepts_application_json(unusual: Evidence) -> None:
    """A body with Content-Type application/json is accepted as SCIM."""
    assert unusual.application_json.status in SUCCESS


@requirement("RFC7644-3.8-13")
def test_create_refuses_plain_text(unusual: Evidence) -> None:
    """A body with Content-Type text/plain is refused."""
    assert unusual.plain_text.status in {415, 400}


@requirement("RFC7644-3.1-10")
def test_unknown_attribute_is_ignored_or_refused(unusual: Evidence, verdict: Remarks) -> None:
    """A create with an attribute that is in no schema is accepted without it or refused with 400."""
    assert unusual.unknown_attribute.status in {*SUCCESS, 400}
    if unusual.unknown_attribute.status == 400:
        verdict.note("the tenant refuses a create with an attribute that it does not know")
    elif lookup(body(unusual.unknown_attribute), UNKNOWN_ATTRIBUTE) is not None:
        verdict.warn("the tenant returns an attribute that is in none of its schemas")


@requirement("RFC7643-3-08")
def test_unknown_schema_is_not_kept(unusual: Evidence, verdict: Remarks) -> None:
    """A URI in schemas that the resource type does not declare is refused or dropped."""
    if unusual.alien_schema.refused:
        verdict.note(f"the tenant refuses a create with an unknown URI in schemas ({unusual.alien_schema.status})")
        return
    assert unusual.alien_schema.status in SUCCESS
    assert ALIEN_URN not in (body(unusual.alien_schema).get("schemas") or [])


@requirement("RFC7643-3-06")
def test_repeated_schema_is_not_kept(unusual: Evidence, verdict: Remarks) -> None:
    """A URI that a create lists twice in schemas stands there once afterwards, or the create is refused."""
    if unusual.repeated_schema.refused:
        return
    schemas = body(unusual.repeated_schema).get("schemas")
    if not isinstance(schemas, list):
        verdict.not_applicable("schemas is not an array, which another check judges")
    assert len(schemas) == len(set(map(str, schemas))), f"schemas lists a URI twice: {schemas}"


@requirement("RFC7643-3-10")
def test_create_without_schemas_is_refused(unusual: Evidence) -> None:
    """A create whose body has no schemas is refused with 400."""
    assert unusual.without_schemas.status == 400


@requirement("RFC7643-3.1-16")
def test_external_id_is_not_invented(unusual: Evidence, verdict: Remarks) -> None:
    """A resource created without externalId is returned without one."""
    assert cleared(body(unusual.without_external_id).get("externalId"), "externalId", verdict) in NOTHING


@requirement("RFC7643-3.1-15")
def test_external_id_comes_back(unusual: Evidence, verdict: Remarks) -> None:
    """An externalId is returned with exactly the text that the client sent."""
    resource, sent = body(unusual.shared_external_id), unusual.shared_external_id.request.json or {}
    if unassigned(resource.get("externalId")):
        verdict.warn("the tenant drops externalId, by which clients find their resources again")
        return
    assert resource.get("externalId") == sent.get("externalId")


@requirement("RFC7643-3.1-18")
def test_external_id_need_not_be_unique(unusual: Evidence) -> None:
    """Two resources may carry the same externalId."""
    done(unusual.shared_external_id)
    assert unusual.shared_external_id_again.status in SUCCESS


@requirement("RFC7643-3.1-07")
def test_ids_are_unique(unusual: Evidence) -> None:
    """No two of the resources created side by side share an id."""
    made = [e for e in unusual if e.ok and e.request.method == "POST" and e.answered.body.strip()]
    ids = [e.resource["id"] for e in made if "id" in e.resource]
    assert len(ids) == len(set(map(str, ids))), f"an id was given out twice: {sorted(map(str, ids))}"


@requirement("RFC7643-3.3-07")
def test_create_accepts_extension_data(extended: Evidence, created: Evidence, resource_type: ResourceType) -> None:
    """A create with data of a declared extension is accepted, and the data can be read back."""
    done(created.created)
    exchange, path = asked(extended, "extended", _NO_EXTENSION), _path(resource_type)
    assert exchange.status in SUCCESS
    assert lookup(done(extended.extended_fetched).resource, path) == lookup(exchange.request.json, path)


@requirement("RFC7643-3-14", "RFC7643-3.3-06")
def test_extension_data_stands_under_its_uri(extended: Evidence, resource_type: ResourceType) -> None:
    """Attributes of an extension are returned in an object whose key is the URI of the extension, not at the top."""
    resource = body(asked(extended, "extended", _NO_EXTENSION))
    urn, _, name = _path(resource_type).rpartition(":")
    assert isinstance(resource.get(urn), dict), f"there is no object under {urn}"
    assert name not in resource


@requirement("RFC7643-3.3-02")
def test_schemas_lists_extensions_in_use(extended: Evidence, resource_type: ResourceType) -> None:
    """The URI of an extension that has data stands in schemas."""
    resource = body(asked(extended, "extended", _NO_EXTENSION))
    assert _path(resource_type).rpartition(":")[0] in (resource.get("schemas") or [])


@requirement("RFC7643-3.3-03")
@pytest.mark.parametrize("name", ["extended", "reversed", "unlisted"])
def test_extension_containers_are_listed_in_schemas(extended: Evidence, resource_type: ResourceType, name: str) -> None:
    """A representation has containers only for extensions that its schemas lists."""
    exchange = asked(extended, name, _NO_EXTENSION)
    if name == "unlisted" and exchange.refused:
        return
    resource = body(exchange)
    used = {e.schema.id for e in resource_type.extensions if not unassigned(resource.get(e.schema.id))}
    assert used <= set(map(str, resource.get("schemas") or [])), "there is data under a URI that schemas does not list"


@requirement("RFC7643-3-09")
def test_order_of_schemas_does_not_matter(extended: Evidence, resource_type: ResourceType) -> None:
    """A create with the extension listed before the core schema is handled like any other."""
    exchange, path = asked(extended, "reversed", _NO_EXTENSION), _path(resource_type)
    assert exchange.status in SUCCESS
    assert lookup(body(exchange), path) == lookup(exchange.request.json, path)


@requirement("RFC7643-3.3-07")
def test_unlisted_extension_data_is_not_lost_silently(
    extended: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A create with extension data under a URI that its schemas lacks is refused, or the data is kept."""
    exchange, path = asked(extended, "unlisted", _NO_EXTENSION), _path(resource_type)
    if exchange.refused:
        verdict.note(f"the tenant refuses extension data under a URI that schemas does not list ({exchange.status})")
        return
    read = lookup(done(extended.unlisted_fetched).resource, path)
    assert read in {None, lookup(exchange.request.json, path)}
    if read is None:
        verdict.warn("the tenant accepts extension data under a URI that schemas does not list, and loses it")


@requirement("RFC7643-3.3-08")
def test_extension_attribute_at_the_top_is_none(extended: Evidence, resource_type: ResourceType) -> None:
    """The name of an extension attribute at the top level of a create does not set the extension attribute."""
    exchange = asked(extended, "top_level", _NO_EXTENSION)
    if exchange.refused:
        return
    path = _path(resource_type)
    assert lookup(body(exchange), path) in {None, lookup(exchange.request.json, path)}


@requirement("RFC7643-3.3-09")
def test_case_of_extension_uris_is_noted(extended: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """The URI of an extension container may be accepted in another letter case."""
    exchange = asked(extended, "upper_case", _NO_EXTENSION)
    taken = exchange.ok and lookup(exchange.resource, _path(resource_type)) is not None
    verdict.note(f"the tenant {'accepts' if taken else 'does not accept'} the URI of an extension in another case")


@requirement("RFC7643-6-16")
def test_optional_extension_may_be_left_out(extended: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A resource that leaves an optional extension out is accepted."""
    if all(extension.required for extension in resource_type.extensions):
        verdict.not_applicable("the resource type has no optional extension")
    assert asked(extended, "left_out", _NO_EXTENSION).status in SUCCESS


def _path(resource_type: ResourceType) -> str:
    bound = choose.extension_text(resource_type)
    return bound.path if bound else ""
