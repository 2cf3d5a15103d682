"""PATCH of a complex attribute and of the enterprise extension (RFC 7644 §3.5.2.1-3.5.2.3, §3.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.checks.declare import requirement
from conformance.checks.given import done
from conformance.checks.patching import about, detail, holds, latest, sent, state
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute, ResourceType

_about_name: Callable[[Callable[..., None]], Callable[..., None]] = about("name.givenName")
_about_enterprise: Callable[[Callable[..., None]], Callable[..., None]] = about(f"{ENTERPRISE_USER}:department")
_about_division: Callable[[Callable[..., None]], Callable[..., None]] = about(f"{ENTERPRISE_USER}:division")
_about_manager: Callable[[Callable[..., None]], Callable[..., None]] = about(f"{ENTERPRISE_USER}:manager.value")


def _name(resource: dict[str, Any], sub: str) -> Any:
    return lookup(resource, f"name.{sub}")


def _extended(resource: dict[str, Any], name: str) -> Any:
    return lookup(resource.get(ENTERPRISE_USER), name)


# --- name -------------------------------------------------------------------------------------------------------------


@requirement("RFC7644-3.5.2.1-08", "RFC7644-3.5.2.1-14")
@_about_name
def test_add_of_an_object_sets_its_sub_attributes(complex_patched: Evidence) -> None:
    """An add of an object to a complex attribute sets the sub-attributes that it lists."""
    assert holds(_name(state(complex_patched, "added"), "givenName"), "Babs")


@requirement("RFC7644-3.5.2.1-09")
@_about_name
def test_add_of_some_sub_attributes_leaves_the_others(complex_patched: Evidence) -> None:
    """An add of some sub-attributes to a complex attribute leaves its other sub-attributes as they were."""
    assert holds(_name(state(complex_patched, "added"), "familyName"), "Jensen")


@requirement("RFC7644-3.5.2.3-11")
@_about_name
def test_replace_sets_every_sub_attribute_given(complex_patched: Evidence, resource_type: ResourceType) -> None:
    """A replace of a complex attribute sets the sub-attributes it lists: those with a value and those without."""
    after = state(complex_patched, "replaced")
    assert holds(_name(after, "givenName"), "Betty")
    if resource_type.find("name.middleName"):
        assert holds(_name(after, "middleName"), "Jane")


@requirement("RFC7644-3.5.2.3-12")
@_about_name
def test_replace_leaves_the_sub_attributes_not_given(complex_patched: Evidence) -> None:
    """A replace of a complex attribute leaves the sub-attributes that it does not list as they were."""
    done(complex_patched.replaced)
    was = _name(latest(complex_patched, "added"), "familyName")
    assert holds(_name(state(complex_patched, "replaced"), "familyName"), was), (
        "familyName, which the replace did not list, is gone (some client drafts ask for this; RFC 7644 does not)"
    )


@requirement("RFC7644-3.5.2.2-04")
@_about_name
def test_remove_of_a_sub_attribute_leaves_its_siblings(complex_patched: Evidence) -> None:
    """A remove of a sub-attribute unassigns that one and leaves its siblings."""
    before, after = latest(complex_patched, "added", "replaced"), state(complex_patched, "removed_sub")
    assert unassigned(_name(after, "givenName")), "the sub-attribute still has a value"
    for sibling in ("familyName", "middleName"):
        assert holds(_name(after, sibling), _name(before, sibling)), f"the sibling {sibling} is not what it was"


@requirement("RFC7644-3.5.2.2-05")
@_about_name
def test_remove_of_a_complex_attribute_clears_it(
    attribute: BoundAttribute, complex_patched: Evidence, verdict: Remarks
) -> None:
    """A remove of a singular complex attribute unassigns all of its sub-attributes."""
    if attribute.parent and attribute.parent.required:
        verdict.not_applicable("the schema of the tenant demands a name")
    after = state(complex_patched, "removed")
    left = {sub: _name(after, sub) for sub in ("familyName", "givenName", "middleName") if _name(after, sub)}
    assert left == {}


@requirement("RFC7644-3.5.2.1-07")
@_about_name
def test_add_to_a_sub_attribute_creates_the_complex_one(complex_patched: Evidence) -> None:
    """An add to a sub-attribute of an unset complex attribute creates the complex attribute with it."""
    assert holds(_name(state(complex_patched, "added_first"), "givenName"), "Bea")


# --- enterprise extension ---------------------------------------------------------------------------------------------


@requirement("RFC7644-3.5.2-22")
@_about_enterprise
def test_path_with_a_urn_reaches_the_extension(extension_patched: Evidence) -> None:
    """A path with the URI of an extension in front reaches the attribute of that extension."""
    assert holds(_extended(state(extension_patched, "added"), "department"), "Sales")


@requirement("RFC7644-3.5.2.1-21")
@_about_enterprise
def test_add_by_urn_stores_in_the_container(extension_patched: Evidence) -> None:
    """An add by URN path stores the value in the container of its extension and under no other key."""
    after = state(extension_patched, "added")
    assert holds(_extended(after, "department"), "Sales")
    assert "department" not in {key.rpartition(":")[2].lower() for key in after}, "it is stored under another key"


@requirement("RFC7644-3.5.2-30")
@_about_enterprise
def test_first_value_lists_the_extension_in_schemas(extension_patched: Evidence, verdict: Remarks) -> None:
    """When an operation sets the first value of an extension, its URI appears in schemas."""
    after = state(extension_patched, "added")
    if unassigned(after.get(ENTERPRISE_USER)):
        verdict.not_applicable("the extension got no value, which another check judges")
    listed = after.get("schemas")
    assert ENTERPRISE_USER.lower() in [str(urn).lower() for urn in (listed if isinstance(listed, list) else [])]


@requirement("RFC7644-3.5.2.1-04")
@_about_division
def test_add_without_path_merges_an_extension(extension_patched: Evidence) -> None:
    """In an add without path, an extension's attributes are set and its other attributes stay."""
    after = state(extension_patched, "merged")
    assert holds(_extended(after, "division"), "Retail")
    was = _extended(latest(extension_patched, "added"), "department")
    assert holds(_extended(after, "department"), was), "another attribute of the extension is gone"


@requirement("RFC7644-3.5.2.3-20")
@_about_enterprise
def test_replace_by_urn(extension_patched: Evidence) -> None:
    """A replace by URN path changes the attribute inside the extension's container."""
    assert holds(_extended(state(extension_patched, "replaced"), "department"), "Engineering")


@requirement("RFC7644-3.5.2.3-21")
@_about_division
def test_replace_without_path_merges_an_extension(extension_patched: Evidence) -> None:
    """In a replace without path, an extension's attributes are replaced and its other attributes stay."""
    after = state(extension_patched, "listed")
    assert holds(_extended(after, "division"), "Studios")
    was = _extended(latest(extension_patched, "added", "merged", "replaced"), "department")
    assert holds(_extended(after, "department"), was), "another attribute of the extension is gone"


@requirement("RFC7644-3.5.2-24", "RFC7644-3.10-04")
@_about_enterprise
def test_urn_in_a_path_is_read_in_any_letter_case(extension_patched: Evidence) -> None:
    """The URI in a path is matched without regard to letter case."""
    assert holds(_extended(state(extension_patched, "any_case"), "department"), "Support")


@requirement("RFC7644-3.5.2.2-23")
@_about_enterprise
def test_remove_by_urn(extension_patched: Evidence) -> None:
    """A remove by URN path unassigns the extension's attribute that it names, and no other."""
    before = latest(extension_patched, "added", "merged", "replaced", "listed", "any_case")
    after = state(extension_patched, "removed")
    assert unassigned(_extended(after, "department")), "the attribute still has a value"
    assert holds(_extended(after, "division"), _extended(before, "division")), "another attribute is gone"


@requirement("RFC7644-3.5.2.2-24")
@_about_division
def test_emptied_extension_is_consistent(extension_patched: Evidence, verdict: Remarks) -> None:
    """After an extension's last attribute is removed, its container is not shown without its URI in schemas."""
    after = state(extension_patched, "emptied")
    listed = after.get("schemas")
    named = ENTERPRISE_USER.lower() in [str(urn).lower() for urn in (listed if isinstance(listed, list) else [])]
    assert named or unassigned(after.get(ENTERPRISE_USER)), "the extension has data and is not listed in schemas"
    verdict.note(f"the tenant {'keeps' if named else 'drops'} the URI of an emptied extension in schemas")


@requirement("RFC7644-3.5.2-31")
@_about_enterprise
def test_later_operations_see_changed_schemas(extension_patched: Evidence, verdict: Remarks) -> None:
    """When an operation changes schemas, later operations of the request work on what it became."""
    if extension_patched.with_schemas.refused:
        verdict.note(f"the tenant takes no explicit change of schemas: {detail(extension_patched.with_schemas)}")
        return
    after = state(extension_patched, "with_schemas")
    listed = after.get("schemas")
    assert holds(_extended(after, "department"), "Tours")
    assert ENTERPRISE_USER.lower() in [str(urn).lower() for urn in (listed if isinstance(listed, list) else [])]


@requirement("RFC7644-3.5.2.3-01")
@_about_enterprise
def test_key_with_a_urn_is_no_attribute(extension_patched: Evidence, verdict: Remarks) -> None:
    """A path as a key in the value of a replace without path is expanded, refused or ignored, and never stored."""
    exchange = extension_patched.key_with_urn
    if exchange.refused:
        verdict.note("the tenant refuses keys that are paths; Entra ID sends them")
        return
    stored = state(extension_patched, "key_with_urn")
    assert f"{ENTERPRISE_USER}:department" not in stored, "the key was stored as it stands"
    expanded = holds(_extended(stored, "department"), "Entra")
    verdict.note(f"the tenant {'expands' if expanded else 'ignores'} keys that are paths; Entra ID sends them")


@requirement("RFC7644-3.5.2-23")
@_about_manager
def test_path_with_a_urn_reaches_a_sub_attribute(extension_patched: Evidence) -> None:
    """A path with a URI reaches a sub-attribute of an extension's attribute."""
    given = sent(extension_patched, "manager_sub")
    assert holds(_extended(state(extension_patched, "manager_sub"), "manager.value"), given)


@requirement("RFC7644-3.5.2-29")
@_about_manager
def test_manager_sent_as_text_is_no_text(extension_patched: Evidence, verdict: Remarks) -> None:
    """A manager sent as a bare id is refused or becomes an object with that value; it is not stored as a text."""
    if extension_patched.manager_text.refused:
        verdict.note("the tenant refuses a bare id for manager; Entra ID sends it so")
        return
    stored = _extended(state(extension_patched, "manager_text"), "manager")
    assert stored is None or isinstance(stored, dict), "manager is not an object"
    verdict.note("the tenant takes a bare id for manager, as Entra ID sends it")
