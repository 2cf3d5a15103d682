"""Every attribute of the tenant's schemas can be added, replaced and removed with PATCH (RFC 7644 §3.5.2.1-3.5.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.checks.declare import for_attributes, requirement
from conformance.checks.patching import refuse, state
from conformance.checks.values import same
from conformance.checks.verdict import NotApplicable
from conformance.probes.evidence import Blocked
from conformance.probes.patch import optional, patchable
from conformance.spec.paths import lookup
from conformance.spec.values import unassigned
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute
    from conformance.tenant.exchange import Exchange


class _Outcome(NamedTuple):
    """What became of one operation: the value sent and the value stored."""

    given: Any
    stored: Any


def _optional(bound: BoundAttribute) -> bool:
    return patchable(bound) and optional(bound)


def _holds(bound: BoundAttribute, stored: Any, given: Any) -> bool:
    """Whether an attribute has the value given; a multi-valued one may have others beside it."""
    if not bound.attribute.multi_valued:
        return same(bound.attribute, given, stored, bound.parent)
    return isinstance(stored, list) and all(any(same(bound.attribute, g, s) for s in stored) for g in given)


def _holds_just(bound: BoundAttribute, stored: Any, given: Any) -> bool:
    return _holds(bound, stored, given) and not (bound.attribute.multi_valued and len(stored) != len(given))


def _by_kind(singular: str, sub: str, multi_valued: str) -> Any:
    """Choose the requirement by the kind of attribute."""

    def choose(attribute: BoundAttribute) -> str:
        if attribute.attribute.multi_valued:
            return multi_valued
        return sub if attribute.parent else singular

    return choose


def _value(exchange: Exchange, path: str) -> tuple[bool, Any]:
    body = exchange.request.json
    operations = body.get("Operations", []) if isinstance(body, dict) else []
    found = [o for o in operations if o.get("path") == path]
    return (True, found[0].get("value")) if found else (False, None)


def _outcome(evidence: Evidence, phase: str, bound: BoundAttribute) -> _Outcome:
    """Return what became of an attribute in the PATCH that named it, the narrowest where there were several.

    Raises Blocked where the tenant had refused the attribute before, AssertionError where it refuses it now,
    NotApplicable where the value is of the tenant's own making.
    """
    tried = [e for e in evidence.named(phase) if _numbered(e.name, phase) and _value(e, bound.path)[0]]
    if not tried:
        raise Blocked(f"the tenant refused an earlier PATCH of {bound.path}")
    narrowest = tried[-1]
    evidence.touched = {narrowest.id: narrowest}
    if not narrowest.ok:
        refuse(evidence, narrowest)
    resource = state(evidence, narrowest.name)
    outcome = _Outcome(_value(narrowest, bound.path)[1], lookup(resource, bound.path))
    if bound.path == "name.formatted" and outcome.given != outcome.stored and _composed(lookup(resource, "name")):
        raise NotApplicable(f"the tenant makes {bound.path} itself, of the components of the name")
    return outcome


def _composed(name: Any) -> bool:
    """Whether a formatted name consists of components that the resource shows (RFC 7643 §4.1.1)."""
    formatted, parts = lookup(name, "formatted"), [lookup(name, part) for part in ("givenName", "familyName")]
    return isinstance(formatted, str) and any(isinstance(part, str) and part and part in formatted for part in parts)


def _numbered(name: str, phase: str) -> bool:
    return name == phase or (name.startswith(f"{phase}.") and " " not in name)


@requirement(_by_kind("RFC7644-3.5.2.1-05", "RFC7644-3.5.2.1-07", "RFC7644-3.5.2.1-06"))
@for_attributes(_optional)
def test_add_sets_an_absent_value(attributes_patched: Evidence, attribute: BoundAttribute) -> None:
    """An add to an attribute that has no value stores the value."""
    given, stored = _outcome(attributes_patched, "added", attribute)
    assert _holds(attribute, stored, given), "the stored value is not the one that was added"


@requirement(_by_kind("RFC7644-3.5.2.1-13", "RFC7644-3.5.2.1-14", "RFC7644-3.5.2.1-10"))
@for_attributes(patchable)
def test_add_to_a_present_value(attributes_patched: Evidence, attribute: BoundAttribute, verdict: Remarks) -> None:
    """An add to a singular attribute replaces its value; to a multi-valued one it puts a value beside the others."""
    given, stored = _outcome(attributes_patched, "added_again", attribute)
    before = _outcome(attributes_patched.view(), "added", attribute) if optional(attribute) else None
    if before and not _holds(attribute, before.stored, before.given):
        verdict.not_applicable("the value before it was not stored, which another check judges")
    assert _holds(attribute, stored, given), "the stored value is not the one that was added"
    if attribute.attribute.multi_valued and before:
        if _plain(before.given) == _plain(given):
            verdict.not_applicable("both sample values have the same value, so that one may take the other's place")
        assert _holds(attribute, stored, before.given), "the value that was there before is gone"


def _plain(values: Any) -> Any:
    return [v.get("value", v) if isinstance(v, dict) else v for v in values]


@requirement(_by_kind("RFC7644-3.5.2.3-05", "RFC7644-3.5.2-18", "RFC7644-3.5.2.3-06"))
@for_attributes(patchable)
def test_replace_sets_the_value(attributes_patched: Evidence, attribute: BoundAttribute) -> None:
    """A replace leaves exactly the value given in place of the old one."""
    given, stored = _outcome(attributes_patched, "replaced", attribute)
    assert _holds_just(attribute, stored, given), "the stored value is not the one given"


@requirement(_by_kind("RFC7644-3.5.2.2-03", "RFC7644-3.5.2.2-04", "RFC7644-3.5.2.2-06"))
@for_attributes(_optional)
def test_remove_clears_the_value(attributes_patched: Evidence, attribute: BoundAttribute, verdict: Remarks) -> None:
    """A remove leaves the attribute without a value."""
    stored = _outcome(attributes_patched, "removed", attribute).stored
    if unassigned(stored):
        return
    if attribute.attribute.type != "boolean":
        given = _outcome(attributes_patched, "replaced", attribute).given
        assert not _holds(attribute, stored, given), "the attribute still has its value"
    verdict.note(f"the tenant puts a value of its own in place of the one removed: {stored!r}")


@requirement(_by_kind("RFC7644-3.5.2.3-08", "RFC7644-3.5.2.3-09", "RFC7644-3.5.2.3-08"))
@for_attributes(_optional)
def test_replace_of_an_absent_value_adds_it(attributes_patched: Evidence, attribute: BoundAttribute) -> None:
    """A replace of an attribute that has no value sets it, as an add would."""
    given, stored = _outcome(attributes_patched, "replaced_unset", attribute)
    assert _holds_just(attribute, stored, given), "the stored value is not the one given"


@requirement("RFC7644-3.1-09")
@for_attributes(_optional)
def test_replaced_value_is_stored(attributes_patched: Evidence, attribute: BoundAttribute) -> None:
    """What the answer to the PATCH shows is what a GET shows afterwards."""
    try:
        answered = _outcome(attributes_patched, "replaced_unset", attribute).stored
    except Unusable:
        raise Blocked("the PATCH was refused, which another check judges") from None
    stored = lookup(attributes_patched.fetched.resource, attribute.path)
    assert unassigned(answered) or _holds(attribute, stored, answered), (
        "the value that is read back is another than the PATCH answered"
    )


@requirement("RFC7644-3.5.2-48")
@for_attributes(lambda bound: bound.resource_type.name == "Group" and patchable(bound))
def test_groups_can_be_patched(attributes_patched: Evidence, attribute: BoundAttribute) -> None:
    """PATCH changes the attributes of a Group as it does those of a User."""
    assert attributes_patched.replaced.status not in {405, 501}, "the tenant announces PATCH and has none for Groups"
    given, stored = _outcome(attributes_patched, "replaced", attribute)
    assert _holds_just(attribute, stored, given), "the stored value is not the one given"
