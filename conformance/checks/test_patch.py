"""PATCH as a whole: what it answers, what it leaves alone, and the forms a message may have (RFC 7644 §3.5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.declare import for_types, requirement
from conformance.checks.patching import about, detail, holds, latest, refuse, sent, state
from conformance.spec.paths import lookup, member
from conformance.spec.values import instant, unassigned
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute
    from conformance.spec.service import Service


@requirement("RFC7644-3.5-02", "RFC7644-3.5.2-01")
def test_patch_is_offered(service: Service, verdict: Remarks) -> None:
    """The tenant announces that resources can be changed in part with PATCH."""
    if service.patch is None:
        verdict.note("the ServiceProviderConfig does not say whether PATCH is offered")
    assert service.patch is not False, "the ServiceProviderConfig says that PATCH is not offered"


@requirement("RFC7644-3.5.2-02")
@for_types("User")
def test_patch_that_is_not_offered_is_declined(patch_declined: Evidence, verdict: Remarks) -> None:
    """A tenant without PATCH answers one with 501 or 405 and changes nothing."""
    patched, value = patch_declined.patched, sent(patch_declined, "patched")
    assert lookup(patch_declined.fetched.resource, "displayName") != value, "the PATCH was carried out"
    if patched.status == 404:
        verdict.warn("the tenant answers a PATCH of an existing resource with 404 rather than 501")
    else:
        assert patched.status in {501, 405}


@requirement("RFC7644-3.5.2-39")
@about("displayName")
def test_success_is_200_with_the_resource_or_204(user_patched: Evidence, verdict: Remarks) -> None:
    """A successful PATCH is answered with 200 and the whole resource, or with 204 and no body."""
    answers = [e for e in user_patched if e.request.method == "PATCH" and e.ok]
    if not answers:
        refuse(user_patched, user_patched.replaced)
    for exchange in answers:
        assert exchange.status in {200, 204}
        if exchange.status == 204:
            assert not exchange.answered.body, "a 204 has no body"
    if user_patched.replaced.status == 200:
        shown, whole = user_patched.replaced.resource, user_patched.fetched.resource
        missing = [name for name, value in whole.items() if not unassigned(value) and member(shown, name) is None]
        assert missing == [], "the body of a 200 is the whole resource"
    answered = sorted({exchange.status for exchange in answers})
    verdict.note(f"the tenant answers a PATCH with {' and '.join(map(str, answered))}")


@requirement("RFC7644-3.5.2-40")
@about("displayName")
def test_attributes_parameter_brings_200(user_patched: Evidence) -> None:
    """A successful PATCH with the attributes parameter is answered with 200 and a body."""
    if not user_patched.projected.ok:
        refuse(user_patched, user_patched.projected)
    assert user_patched.projected.status == 200
    assert "schemas" in user_patched.projected.resource or "id" in user_patched.projected.resource, (
        "the body is no representation of the resource"
    )


@requirement("RFC7644-3.5.2-41")
@about("displayName")
def test_attributes_parameter_is_obeyed(user_patched: Evidence, verdict: Remarks) -> None:
    """The body of a PATCH with the attributes parameter holds what was asked for and what is always returned."""
    if not user_patched.projected.ok:
        refuse(user_patched, user_patched.projected)
    if user_patched.projected.status == 204:
        verdict.not_applicable("the PATCH was answered without a body, which another check judges")
    shown = {name.lower() for name in user_patched.projected.resource}
    assert "displayname" in shown, "the attribute that was asked for is missing"
    assert shown <= {"schemas", "id", "meta", "username", "displayname"}
    if "meta" in shown:
        verdict.warn("meta is returned although it was not asked for")
    if "username" in shown:
        verdict.note("userName is returned although it was not asked for; the tenant may always return it")


@requirement("RFC7644-3.1-09")
@about("displayName")
def test_answer_shows_what_is_stored(user_patched: Evidence, verdict: Remarks) -> None:
    """The body of a successful PATCH shows the same state as a GET that follows."""
    answered, fetched = user_patched.replaced, user_patched.fetched.resource
    if not answered.ok:
        refuse(user_patched, answered)
    if answered.status == 204:
        verdict.not_applicable("the tenant answers a PATCH without a body")
    for name, value in answered.resource.items():
        if name.lower() != "meta":
            assert holds(fetched.get(name), value), f"the answer and the GET after it show another {name}"


@requirement("RFC7644-3.5.2-47", "RFC7644-3.2-06")
@about("displayName")
def test_other_attributes_stay(user_patched: Evidence, attribute: BoundAttribute) -> None:
    """A PATCH of one attribute leaves all the others as they were."""
    if not user_patched.replaced.ok:
        refuse(user_patched, user_patched.replaced)
    before, after = user_patched.before.resource, user_patched.fetched.resource
    for name, value in before.items():
        if name not in {attribute.name, "meta"}:
            assert holds(after.get(name), value), f"{name} is not what it was"


@requirement("RFC7644-3.5.2-17")
@about("displayName")
def test_path_may_be_an_attribute(user_patched: Evidence) -> None:
    """A path may be the plain name of an attribute."""
    assert holds(state(user_patched, "replaced").get("displayName"), sent(user_patched, "replaced"))


@requirement("RFC7644-3.5.2-21", "RFC7644-3.10-01")
@about("displayName")
def test_path_may_carry_the_core_schema(user_patched: Evidence) -> None:
    """A core attribute is reached by the path with its schema's URI in front, too."""
    after = state(user_patched, "core_urn")
    assert holds(after.get("displayName"), sent(user_patched, "core_urn"))


@requirement("RFC7644-3.5.2-10")
@about("displayName")
def test_op_in_capitals(user_patched: Evidence, verdict: Remarks) -> None:
    """An op in another letter case is carried out like the lower-case one."""
    if user_patched.capitals.refused:
        verdict.note(f"the tenant refuses op “Replace” with {user_patched.capitals.status}; Entra ID sends it so")
        return
    stored = state(user_patched, "capitals").get("displayName")
    assert holds(stored, sent(user_patched, "capitals")), "the operation was answered with success and not carried out"


@requirement("RFC7644-3.5.2-32")
@about("displayName")
def test_operations_run_in_order(user_patched: Evidence, attribute: BoundAttribute, verdict: Remarks) -> None:
    """The operations of a PATCH run in the order of the array, each on what the one before left."""
    if attribute.attribute.required:
        verdict.not_applicable(f"the tenant's schema demands {attribute.path}, which one of them removes")
    stored = state(user_patched, "in_order").get("displayName")
    assert holds(stored, sent(user_patched, "in_order", 2))


@requirement("RFC7644-3.5.2-13")
@about("displayName")
def test_replace_without_path_is_accepted(user_patched: Evidence) -> None:
    """A replace without path is accepted."""
    state(user_patched, "without_path")


@requirement("RFC7644-3.5.2.3-01")
@about("displayName")
def test_replace_without_path_replaces_what_is_listed(user_patched: Evidence) -> None:
    """A replace without path replaces each attribute that its value lists."""
    listed = sent(user_patched, "without_path")["displayName"]
    assert holds(state(user_patched, "without_path").get("displayName"), listed)


@requirement("RFC7644-3.5.2.3-03")
@about("displayName")
def test_replace_without_path_leaves_the_rest(user_patched: Evidence) -> None:
    """A replace without path leaves the attributes that its value does not list as they were."""
    before, after = user_patched.fetched.resource, state(user_patched, "without_path")
    for name, value in before.items():
        if name not in {"displayName", "meta"}:
            assert holds(after.get(name), value), f"{name} is not what it was"


@requirement("RFC7644-3.5.2.3-22", "RFC7643-2.5-05")
@about("displayName")
def test_replace_with_null_clears(user_patched: Evidence, attribute: BoundAttribute, verdict: Remarks) -> None:
    """A replace with null leaves the attribute without a value."""
    if attribute.attribute.required:
        verdict.not_applicable(f"the tenant's schema demands {attribute.path}")
    if user_patched.null.status == 400:
        verdict.warn(f"the tenant refuses null for an optional attribute: {detail(user_patched.null)}")
        return
    shown = state(user_patched, "null").get("displayName")
    if unassigned(shown):
        return
    before = latest(user_patched, "capitals", "core_urn", "projected", "in_order", "without_path").get("displayName")
    assert not holds(shown, before), "the attribute has its value although it was nulled"
    verdict.note(f"the tenant puts a value of its own in place of the one nulled: {shown!r}")


@requirement("RFC7644-3.5.2.3-22", "RFC7643-2.5-05")
@about("displayName")
def test_pr_does_not_match_null(user_patched: Evidence, verdict: Remarks) -> None:
    """An attribute that was replaced with null is not matched by a filter with pr."""
    if not user_patched.null.ok:
        verdict.not_applicable("the tenant did not take null")
    if not unassigned(state(user_patched, "null").get("displayName")):
        verdict.not_applicable("the attribute has a value although it was nulled, which another check judges")
    if not user_patched.null_present.ok:
        verdict.not_applicable("the tenant does not answer a filter with pr")
    found = user_patched.null_present.found
    if found - {user_patched.created.resource.get("id")}:
        verdict.not_applicable("the tenant finds others than the filter names, which another check judges")
    assert found == set()


@requirement("RFC7644-3.5.2-45")
@about("emails.type")
def test_change_moves_last_modified(values_added: Evidence) -> None:
    """After a PATCH that changes something lastModified is later and created is what it was."""
    before, after = (lookup(values_added[name].resource, "meta") or {} for name in ("again read", "fetched"))
    state(values_added, "several")
    was, now = (instant(lookup(meta, "lastModified")) for meta in (before, after))
    if was is None or now is None:
        raise Unusable("meta.lastModified is missing or no date and time")
    assert now > was, "meta.lastModified did not move although emails changed"
    assert instant(lookup(after, "created")) == instant(lookup(before, "created")), "meta.created changed"


@requirement("RFC7644-3.5.2.1-16")
@about("emails.type")
def test_add_of_what_is_there_keeps_last_modified(values_added: Evidence, verdict: Remarks) -> None:
    """A PATCH that only adds what is already there leaves lastModified as it was."""
    if not values_added.again.ok:
        verdict.not_applicable("the tenant refuses to add what is already there")
    before, after = (lookup(values_added[name].resource, "meta.lastModified") for name in ("before", "again read"))
    if instant(before) is None:
        verdict.not_applicable("the tenant shows no meta.lastModified")
    assert instant(after) == instant(before)
    if _version(values_added, "before") != _version(values_added, "again read"):
        verdict.warn("meta.lastModified stays where nothing changes, and the version does not")


def _version(evidence: Evidence, name: str) -> str | None:
    exchange = evidence[name]
    return exchange.header("etag") or lookup(exchange.resource, "meta.version")


@requirement("RFC7644-3.5.2-46")
@about("emails")
def test_change_brings_another_version(values_added: Evidence, verdict: Remarks) -> None:
    """After a PATCH that changes something the resource has another version."""
    state(values_added, "several")
    before, after = _version(values_added, "again read"), _version(values_added, "fetched")
    if before is None and after is None:
        verdict.not_applicable("the tenant shows no version of the resource")
    assert after != before, "the version is the same although emails changed"


@requirement("RFC7644-3.5.2-42")
@about("displayName")
def test_204_carries_the_version(user_patched: Evidence, verdict: Remarks) -> None:
    """A 204 to a PATCH carries the new ETag where versions are supported."""
    if not user_patched.replaced.ok:
        refuse(user_patched, user_patched.replaced)
    if user_patched.replaced.status != 204:
        verdict.not_applicable("the tenant answers a PATCH with the resource")
    if user_patched.fetched.header("etag") is None:
        verdict.not_applicable("the tenant sends no ETag with the resource either")
    assert user_patched.replaced.header("etag") == user_patched.fetched.header("etag")
