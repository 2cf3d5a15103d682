"""What Microsoft Entra ID needs of a tenant's users, beyond the RFCs: bound by ``--profile entra``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS, asked, done
from conformance.checks.patching import state
from conformance.probes.client_entra import clearable
from conformance.spec.filter import Comparison, parse_path
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.profile import Profile
    from conformance.spec.schema import ResourceType
    from conformance.spec.service import Service
    from conformance.tenant.exchange import Exchange

_USERS, _GROUPS = for_types("User"), for_types("Group")
_JSON = {"application/scim+json", "application/json"}


def _state(evidence: Evidence, name: str) -> dict[str, Any]:
    """Return the user after a PATCH that is only sent where the tenant has the attribute."""
    asked(evidence, name, "the tenant's users do not have the attribute, or cannot be without it")
    return state(evidence, name)


def _enterprise(evidence: Evidence, name: str, path: str) -> Any:
    return lookup(lookup(_state(evidence, name), ENTERPRISE_USER), path)


def _empty_list(exchange: Exchange) -> None:
    assert exchange.status == 200
    assert exchange.resources == []
    assert exchange.resource.get("totalResults") == 0


@_USERS
@requirement("ENTRA-01")
def test_entra_sends_no_user_agent(entra_headers: Evidence) -> None:
    """A request without User-Agent is answered."""
    assert entra_headers.without_agent.status == 200


@_USERS
@requirement("ENTRA-02")
def test_entra_does_not_ask_for_scim(entra_headers: Evidence) -> None:
    """A read without Accept, or with one that does not name SCIM's media type, is answered with JSON."""
    for name in ("without_accept", "plain_json", "anything"):
        assert entra_headers[name].status == 200
        assert entra_headers[name].media_type in _JSON


@_USERS
@requirement("ENTRA-03")
def test_entra_writes_spaces_as_plus(entra_created: Evidence) -> None:
    """A look-up with + for spaces and %22 for quotes finds the user that was just created."""
    created = done(entra_created.created).resource.get("id")
    assert entra_created.matched.found == {str(created)}


@_USERS
@requirement("ENTRA-04")
def test_entra_connection_finds_no_user(entra_connection: Evidence) -> None:
    """The look-up of Test Connection for a user who cannot exist answers 200 with an empty list."""
    _empty_list(entra_connection.nobody)


@_GROUPS
@requirement("ENTRA-05")
def test_entra_connection_finds_no_group(entra_connection: Evidence) -> None:
    """The look-up of Test Connection for a group that cannot exist answers 200 with an empty list."""
    _empty_list(entra_connection.nobody)


@_USERS
@requirement("ENTRA-06")
def test_entra_writes_operations_in_capitals(entra_updated: Evidence) -> None:
    """Add, Replace and Remove in capitals are carried out."""
    for name in ("added", "replaced"):
        assert state(entra_updated, name).get("displayName") == _sent(entra_updated, name)
    if "removed" in entra_updated:
        assert unassigned(state(entra_updated, "removed").get("displayName"))


@_USERS
@requirement("ENTRA-07")
def test_entra_creates_with_meta_and_empty_roles(entra_created: Evidence) -> None:
    """A create with meta, empty roles and the URI of an extension without attributes is accepted."""
    assert entra_created.created.status in SUCCESS
    assert entra_created.created.resource.get("id")


@_USERS
@requirement("ENTRA-08")
def test_entra_disables_with_a_text(entra_disabled: Evidence) -> None:
    """A Replace of active with the text "False" makes it the boolean false."""
    assert state(entra_disabled, "false_text").get("active") is False


@_USERS
@requirement("ENTRA-09")
def test_entra_enables_with_a_text(entra_disabled: Evidence) -> None:
    """A Replace of active with the text "True" makes it the boolean true."""
    assert state(entra_disabled, "true_text").get("active") is True


@_USERS
@requirement("ENTRA-10")
def test_entra_disables_with_add(entra_disabled: Evidence) -> None:
    """An Add of active with the text "False" makes it the boolean false."""
    assert state(entra_disabled, "false_added").get("active") is False


@_USERS
@requirement("ENTRA-11")
def test_entra_disables_without_a_path(entra_disabled: Evidence) -> None:
    """A replace without path sets active to false and leaves everything else."""
    before = {**done(entra_disabled.before).resource, "active": False, "meta": None}
    assert {**state(entra_disabled, "without_path"), "meta": None} == before


@_USERS
@requirement("ENTRA-12")
def test_entra_sets_a_manager_by_id(entra_manager: Evidence) -> None:
    """A bare id sets the manager."""
    assert _enterprise(entra_manager, "set", "manager.value") == _sent(entra_manager, "set")


@_USERS
@requirement("ENTRA-13")
def test_entra_changes_a_manager_by_id(entra_manager: Evidence) -> None:
    """Another bare id changes the manager."""
    assert _enterprise(entra_manager, "changed", "manager.value") == _sent(entra_manager, "changed")


@_USERS
@requirement("ENTRA-14")
def test_entra_clears_a_manager_with_an_empty_text(entra_manager: Evidence) -> None:
    """An empty text takes the manager away."""
    assert unassigned(_enterprise(entra_manager, "cleared", "manager.value"))


@_USERS
@requirement("ENTRA-15")
def test_entra_writes_paths_as_keys(entra_updated: Evidence) -> None:
    """A key such as name.givenName sets the sub-attribute and leaves its siblings."""
    name = _state(entra_updated, "dotted").get("name")
    assert lookup(name, "givenName") == "Nonie"
    assert lookup(name, "familyName") == "Vance"


@_USERS
@requirement("ENTRA-16")
def test_entra_writes_extension_paths_as_keys(entra_updated: Evidence) -> None:
    """A key that begins with the URI of the extension sets the extension's attribute."""
    assert _enterprise(entra_updated, "with_urn", "department") == "Treasury"


@_USERS
@requirement("ENTRA-21")
def test_entra_adds_to_a_value_that_is_not_there(entra_updated: Evidence) -> None:
    """An Add to phoneNumbers[type eq "mobile"].value creates the number with its type."""
    numbers = _state(entra_updated, "phone").get("phoneNumbers")
    found = [n for n in numbers if lookup(n, "type") == "mobile"] if isinstance(numbers, list) else []
    assert [lookup(number, "value") for number in found] == [_sent(entra_updated, "phone")]


@_USERS
@requirement("ENTRA-23")
def test_entra_clears_texts(entra_cleared: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """An empty text and null each leave an optional attribute without a value."""
    paths = [bound.path for bound in clearable(resource_type)]
    if not paths:
        verdict.not_applicable("the tenant's users have none of the attributes that are usually mapped")
    for path in paths:
        assert lookup(state(entra_cleared, f"{path}: empty"), path) in (None, ""), f"{path} is not empty"
        assert lookup(state(entra_cleared, f"{path}: null"), path) is None, f"{path} is not cleared by null"


@requirement("ENTRA-24")
def test_entra_finds_mapped_attributes_in_schemas(
    discovery: Evidence, profile: Profile, service: Service, verdict: Remarks
) -> None:
    """Every target attribute of the mapping is described by /Schemas, with the types by which values are picked."""
    done(discovery.schemas)
    rows = [(t, row.attribute) for t in service.resource_types for row in profile.mappings(t.name)]
    if not rows:
        verdict.not_applicable("the profile has no mapping tables")
    assert [path for resource_type, path in rows if not _described(resource_type, path)] == []


@_USERS
@requirement("ENTRA-25")
def test_entra_repeats_updates(entra_disabled: Evidence) -> None:
    """An update that changes nothing succeeds and leaves the user as it was."""
    before = {**state(entra_disabled, "disabled"), "meta": None}
    assert {**state(entra_disabled, "disabled_again"), "meta": None} == before


def _sent(evidence: Evidence, name: str) -> Any:
    return evidence[name].request.json["Operations"][0]["value"]


def _described(resource_type: ResourceType, text: str) -> bool:
    path = parse_path(text)
    bound = resource_type.find(path.attr.dotted, path.attr.urn)
    if bound is None or path.filter is None:
        return bound is not None
    picked = path.filter
    sub = bound.attribute.sub(picked.path.name) if isinstance(picked, Comparison) else None
    listed = sub.canonical_values if sub else ()
    named = sub is not None and (sub.name != "type" or str(getattr(picked, "value", "")) in listed)
    return named and (path.sub is None or bound.attribute.sub(path.sub) is not None)
