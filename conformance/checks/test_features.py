"""Whether ServiceProviderConfig tells the truth: each flag against what the tenant does (RFC 7643 §5, RFC 9865 §4)."""

from typing import Any

from conformance.checks import discovered, given
from conformance.checks.declare import for_types, requirement
from conformance.checks.test_service_provider_config import pagination
from conformance.checks.verdict import Remarks
from conformance.probes import choose
from conformance.probes.evidence import Evidence
from conformance.probes.features import NEW_TEXT, ODD_LABEL
from conformance.spec.paths import lookup
from conformance.spec.schema import ResourceType
from conformance.tenant.exchange import Exchange

pytestmark = for_types("User")


@requirement("RFC7643-5-26", "RFC7644-3.5-03")
def test_patch_is_declared_truthfully(
    discovery: Evidence, declared_features: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """PATCH works where it is declared supported, and is refused where it is declared unsupported."""
    patched = declared_features.patched
    if declares(discovery, "patch", verdict):
        assert patched.status in (200, 204)
        changed = lookup(given.done(declared_features.fetched).resource, choose.text(resource_type).name)
        assert changed == NEW_TEXT, "what PATCH changed is not there when read back"
    else:
        assert patched.refused, f"PATCH was answered with {patched.status} although it is declared unsupported"


@requirement("RFC7643-5-27")
def test_bulk_is_declared_truthfully(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """POST /Bulk carries out operations where bulk is declared supported."""
    bulk = declared_features.bulk
    if offered(discovery, "bulk", verdict, works=bulk.ok):
        assert bulk.ok, f"POST /Bulk was answered with {bulk.status}"
        operations = discovered.objects(bulk.resource.get("Operations"))
        assert len(operations) == 1, "the answer does not hold the one operation"
        assert _code(operations[0]).startswith("2"), f"the operation ended with {operations[0].get('status')}"


@requirement("RFC7643-5-28")
def test_filter_is_declared_truthfully(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """A filter restricts the result where filter is declared supported."""
    filtered, ours = declared_features.filtered, [_name(declared_features.first)]
    if offered(discovery, "filter", verdict, works=filtered.ok and _names(filtered) == ours):
        assert filtered.status == 200
        assert _names(filtered) == ours, "userName eq found other resources than the one"


@requirement("RFC7643-5-29")
def test_sort_is_declared_truthfully(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """Sorting by sortBy orders the result where sort is declared supported."""
    if declared_features.sorted.refused and declared_features.second_page.ok:
        declared = declares(discovery, "sort", verdict)
        assert not declared, f"sortBy was answered with {declared_features.sorted.status}, though declared supported"
    found, descending = _both(declared_features, verdict), _ours(declared_features)[::-1]
    if offered(discovery, "sort", verdict, works=found == descending):
        assert found == descending, "the resources did not come in descending order of userName"


@requirement("RFC7643-5-30")
def test_etag_is_declared_truthfully(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """Where etag is declared supported, resources carry an ETag and If-None-Match with it is answered 304."""
    if not declares(discovery, "etag", verdict):
        verdict.not_applicable("the tenant's ServiceProviderConfig declares etag unsupported")
    fetched = given.done(declared_features.fetched)
    assert fetched.header("etag"), "a resource came without an ETag"
    assert declared_features.unchanged.status == 304


@requirement("RFC7643-5-31")
def test_change_password_is_declared_truthfully(
    discovery: Evidence, declared_features: Evidence, verdict: Remarks
) -> None:
    """A new password by PATCH or PUT is accepted where changePassword is declared supported."""
    password = given.asked(declared_features, "password", "the tenant's User has no password attribute")
    if not password.ok:
        password = declared_features.password_by_put
    if offered(discovery, "changePassword", verdict, works=password.ok):
        assert password.ok, f"the new password was answered with {password.status}"


@requirement("RFC9865-4-01")
def test_cursor_paging_is_declared(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """A tenant with cursor paging has pagination in its ServiceProviderConfig."""
    if not _pages_by_cursor(declared_features.cursor_page):
        verdict.not_applicable("the tenant does not page by cursor")
    assert "pagination" in sorted(discovered.config(discovery)), "a query led on with nextCursor, yet nothing says so"


@requirement("RFC9865-4-09")
def test_cursor_is_declared_truthfully(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """pagination.cursor is true exactly where a query with a cursor leads on to the next page."""
    declared = _paging(discovery, "cursor", verdict)
    _both(declared_features, verdict)
    works = _pages_by_cursor(declared_features.cursor_page)
    assert works == declared, "pagination.cursor does not agree with what a query with a cursor does"


@requirement("RFC9865-4-10")
def test_index_is_declared_truthfully(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """pagination.index is true exactly where startIndex is honoured."""
    declared = _paging(discovery, "index", verdict)
    _both(declared_features, verdict)
    page = declared_features.second_page
    second = page.ok and page.resource.get("startIndex", 2) == 2 and len(page.resources) == 1
    works = second and not _pages_by_cursor(page)
    assert works == declared, "pagination.index does not agree with what startIndex does"


@requirement("RFC9865-4-05")
def test_default_pagination_method_is_used(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """A query that asks for no method of paging is answered in the one that defaultPaginationMethod names."""
    method = pagination(discovery, verdict).get("defaultPaginationMethod")
    page = given.asked(declared_features, "first_page", "the tenant states no defaultPaginationMethod")
    _both(declared_features, verdict)
    assert page.status == 200
    assert ("cursor" if _pages_by_cursor(page) else "index") == method


@requirement("RFC9865-4-06")
def test_default_page_size_is_kept(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """A query without count is answered with no more resources than defaultPageSize."""
    _within(discovery, declared_features, "defaultPageSize", verdict)


@requirement("RFC9865-4-07")
def test_max_page_size_is_kept(discovery: Evidence, declared_features: Evidence, verdict: Remarks) -> None:
    """No page holds more resources than maxPageSize."""
    _within(discovery, declared_features, "maxPageSize", verdict)


@requirement("RFC9967-4-04")
def test_no_async_answer_where_none_is_declared(
    discovery: Evidence, declared_features: Evidence, verdict: Remarks
) -> None:
    """With asyncRequest "none" a write that prefers an asynchronous answer is not answered 202."""
    stated = lookup(discovered.config(discovery), "securityEvents.asyncRequest")
    if not isinstance(stated, str) or stated.lower() != "none":
        verdict.not_applicable('the tenant does not declare asyncRequest "none"')
    assert declared_features.not_async.status != 202


@requirement("RFC7643-2.2-01")
def test_what_is_not_marked_required_may_be_left_out(
    discovery: Evidence, declared_features: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """An attribute whose definition says nothing of required may be left out of a create."""
    if not any(
        "required" not in d.entry for d in discovered.definitions(discovery) if d.urn == resource_type.schema.id
    ):
        verdict.not_applicable("each definition says whether the attribute is required")
    assert declared_features.first.status in given.SUCCESS


@requirement("RFC7643-2.2-02")
def test_no_hidden_list_of_values(declared_features: Evidence) -> None:
    """A userType takes any value where its definition lists none."""
    odd = given.asked(declared_features, "odd_user_type", "the tenant lists canonicalValues for userType, or has none")
    assert odd.ok, f"the userType {ODD_LABEL!r} was refused with {odd.status}, though no list of values is published"


@requirement("RFC7643-7-18")
def test_values_outside_canonical_values_are_reported(declared_features: Evidence, verdict: Remarks) -> None:
    """Values outside canonicalValues may be kept, ignored or refused; the report says which."""
    odd = given.asked(declared_features, "odd_label", "the tenant lists no canonicalValues for emails.type")
    if not odd.ok:
        verdict.note(f"an emails.type outside canonicalValues is refused with {odd.status}")
        return
    kept = ODD_LABEL in (lookup(given.body(odd), "emails.type") or [])
    verdict.note(f"an emails.type outside canonicalValues is {'kept' if kept else 'ignored'}")


@requirement("RFC7643-3.1-04")
def test_a_listed_id_is_still_read_only(
    discovery: Evidence, declared_features: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """Where a schema lists id, a PUT with another id still does not change it."""
    listed = {d.label.rpartition(":")[2].lower() for d in discovered.definitions(discovery)
              if d.urn == resource_type.schema.id and d.depth == 1}  # fmt: skip
    if not listed & {"id", "meta", "externalid"}:
        verdict.not_applicable("the schema lists no common attributes")
    replaced = declared_features.not_async
    if replaced.ok:
        assert given.body(replaced).get("id") == given.done(declared_features.fetched).resource.get("id")


def declares(discovery: Evidence, feature: str, verdict: Remarks) -> bool:
    """Return what is declared for a feature; where nothing is, there is no truth to judge."""
    supported = lookup(discovered.config(discovery), f"{feature}.supported")
    if not isinstance(supported, bool):
        verdict.not_applicable(f"the tenant does not say whether it supports {feature}")
    return supported


def offered(discovery: Evidence, feature: str, verdict: Remarks, *, works: bool) -> bool:
    """Return whether a feature is declared supported; where it is not, say whether it ``works`` all the same."""
    if declares(discovery, feature, verdict):
        return True
    if not works:
        verdict.not_applicable(f"the tenant's ServiceProviderConfig declares {feature} unsupported")
    verdict.note(f"the tenant declares {feature} unsupported, yet it works")
    return False


def _paging(discovery: Evidence, method: str, verdict: Remarks) -> bool:
    declared = pagination(discovery, verdict).get(method)
    if not isinstance(declared, bool):
        verdict.not_applicable(f"the tenant does not say whether it pages by {method}")
    return declared


def _both(declared_features: Evidence, verdict: Remarks) -> list[str]:
    """Return what a filter for our two resources found, in order; with anything else there is nothing to tell by."""
    found = _names(given.listed(declared_features.sorted))
    if sorted(found) != sorted(_ours(declared_features)):
        verdict.not_applicable("a filter does not select just the two resources by which to tell")
    return found


def _ours(declared_features: Evidence) -> list[str]:
    return [_name(declared_features[name]) for name in ("first", "second")]


def _name(created: Exchange) -> str:
    return str(lookup(created.request.json, "userName")).lower()


def _names(listed: Exchange) -> list[str]:
    return [str(lookup(resource, "userName")).lower() for resource in listed.resources]


def _pages_by_cursor(page: Exchange) -> bool:
    return page.ok and bool(page.resource.get("nextCursor"))


def _within(discovery: Evidence, declared_features: Evidence, limit: str, verdict: Remarks) -> None:
    size = pagination(discovery, verdict).get(limit)
    if type(size) is not int or size < 1:
        verdict.not_applicable(f"the tenant states no {limit}")
    found = len(given.listed(declared_features.sorted).resources)
    assert found <= size, f"a page holds {found} resources, more than {limit}"


def _code(operation: dict[str, Any]) -> str:
    """Return the status of a bulk operation, which some tenants write as {"code": "201"} or as a number."""
    status = operation.get("status")
    return str(status.get("code") if isinstance(status, dict) else status)
