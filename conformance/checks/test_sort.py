"""Sorting a list (RFC 7644 §3.4.2.3)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.selection import STRANGERS, kept_short, sequence
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Blocked, Evidence
from conformance.probes.sort import SORTED
from conformance.spec.paths import lookup
from conformance.spec.values import instant

pytestmark = for_types("User")
_REVERSED = list(reversed(SORTED))


def _order(in_order: Evidence, name: str, verdict: Remarks, *, by: str = "userName") -> list[str]:
    """Return the names in the order that came; ends the check where the tenant did not keep what is sorted by."""
    kept_short(in_order, "order alone", verdict)
    if any(lookup(in_order[person].resource, by) is None for person in SORTED if person != "dag"):
        verdict.not_applicable(f"the tenant did not keep {by}")
    if by != "userName" and lookup(in_order.dag.resource, by) is not None:
        verdict.not_applicable(f"the tenant gave {by} a value of its own")
    return [person for person in sequence(in_order[name], in_order, SORTED) if person != STRANGERS]


@requirement("RFC7644-3.4.2.3-01")
def test_sorting_is_declared(discovery: Evidence, verdict: Remarks) -> None:
    """The tenant declares whether it sorts."""
    declared = discovery.config.resource.get("sort")
    verdict.note(
        f"the tenant declares sort.supported {declared.get('supported') if isinstance(declared, dict) else None}"
    )


@requirement("RFC7644-3.4.2.3-02")
def test_sort_parameters_do_no_harm(sorted_without_sorting: Evidence, verdict: Remarks) -> None:
    """A tenant that declares no sorting ignores sortBy or refuses it."""
    exchange = sorted_without_sorting.sorted
    assert exchange.ok or exchange.refused, f"the tenant answers {exchange.status}"
    verdict.note("the tenant ignores sortBy" if exchange.ok else f"the tenant refuses sortBy with {exchange.status}")


@requirement("RFC7644-3.4.2.3-03")
def test_list_is_sorted(in_order: Evidence, verdict: Remarks) -> None:
    """With sortBy, resources come in the order of that attribute."""
    assert _order(in_order, "user name", verdict) == list(SORTED)


@requirement("RFC7644-3.4.2.3-04")
def test_descending_is_the_reverse(in_order: Evidence, verdict: Remarks) -> None:
    """With sortOrder descending, resources come in reverse order."""
    assert _order(in_order, "user name descending", verdict) == _REVERSED


@requirement("RFC7644-3.4.2.3-05")
def test_ascending_is_the_default(in_order: Evidence, verdict: Remarks) -> None:
    """With sortBy and no sortOrder, resources come in ascending order."""
    assert _order(in_order, "no order", verdict) == list(SORTED)


@requirement("RFC7644-3.4.2.3-06")
def test_primary_value_is_sorted_by(in_order: Evidence, verdict: Remarks) -> None:
    """Sorted by a multi-valued attribute, a resource comes where its primary value belongs."""
    order = [name for name in _order(in_order, "emails", verdict, by="emails.value") if name in {"alba", "bruno"}]
    assert order == ["alba", "bruno"]


@requirement("RFC7644-3.4.2.3-07")
def test_first_value_is_sorted_by(in_order: Evidence, verdict: Remarks) -> None:
    """Sorted by a multi-valued attribute, a resource without a primary value comes where its first value belongs."""
    order = [name for name in _order(in_order, "emails", verdict, by="emails.value") if name in {"bruno", "chloe"}]
    assert order == ["bruno", "chloe"]


@requirement("RFC7644-3.4.2.3-08")
def test_sub_attribute_is_sorted_by(in_order: Evidence, verdict: Remarks) -> None:
    """With a dotted path in sortBy, resources come in the order of that sub-attribute."""
    order = [n for n in _order(in_order, "family name", verdict, by="name.familyName") if n != "dag"]
    assert order == ["chloe", "bruno", "alba"]


@requirement("RFC7644-3.4.2.3-09")
def test_nothing_comes_last_ascending(in_order: Evidence, verdict: Remarks) -> None:
    """In ascending order, resources without a value come last."""
    assert _order(in_order, "title", verdict, by="title")[-1:] == ["dag"]


@requirement("RFC7644-3.4.2.3-10")
def test_nothing_comes_first_descending(in_order: Evidence, verdict: Remarks) -> None:
    """In descending order, resources without a value come first."""
    assert _order(in_order, "title descending", verdict, by="title")[:1] == ["dag"]


@requirement("RFC7644-3.4.2.3-11")
def test_letter_case_does_not_sort_inexact_values(in_order: Evidence, verdict: Remarks) -> None:
    """An attribute that is not case-exact is sorted without regard to letter case."""
    assert [n for n in _order(in_order, "title", verdict, by="title") if n != "dag"] == ["alba", "bruno", "chloe"]


@requirement("RFC7644-3.4.2.3-12")
def test_exact_values_are_sorted(in_order: Evidence, verdict: Remarks) -> None:
    """A case-exact attribute is sorted with regard to letter case, by code points or letter by letter."""
    kept_short(in_order, "order alone", verdict)
    if any(not in_order[name].resource.get("externalId") for name in SORTED if name != "dag"):
        verdict.not_applicable("the tenant did not keep externalId")
    order = [name for name in sequence(in_order.exact, in_order, SORTED) if name != "dag"]
    assert order in (["alba", "chloe", "bruno"], ["chloe", "alba", "bruno"])
    verdict.note(f"the tenant sorts {'capitals first' if order[0] == 'alba' else 'letter by letter'}")


@requirement("RFC7644-3.4.2.3-13")
def test_times_are_sorted_as_instants(in_order: Evidence, verdict: Remarks) -> None:
    """A dateTime attribute is sorted by instant."""
    if _order(in_order, "user name descending", verdict) != _REVERSED:
        raise Blocked("the tenant does not sort in descending order", in_order["user name descending"])
    order = _order(in_order, "created", verdict)
    moments = [instant(lookup(in_order[name].resource, "meta.created")) for name in order if name in SORTED]
    known = [moment for moment in moments if moment is not None]
    if len(known) < len(SORTED):
        verdict.not_applicable("the tenant does not say when resources were created")
    assert known == sorted(known, reverse=True)


@requirement("RFC7644-3.4.2.3-14")
def test_accents_are_sorted(in_order: Evidence, verdict: Remarks) -> None:
    """Text beyond ASCII is sorted alphabetically."""
    kept_short(in_order, "order alone", verdict)
    order = [name for name in sequence(in_order.accents, in_order, SORTED) if name != "dag"]
    verdict.note(f"the tenant sorts é {'between a and z' if order == ['chloe', 'bruno', 'alba'] else 'after z'}")


@requirement(lambda name: ["RFC7644-3.4.2.3-15", *(["RFC7644-3.10-01"] if name == "URN" else [])])
@pytest.mark.parametrize("name", ["capitals", "URN"])
def test_sort_by_takes_standard_notation(in_order: Evidence, name: str, verdict: Remarks) -> None:
    """The attribute in sortBy may be written in any letter case and with its schema URN."""
    assert _order(in_order, name, verdict) == _order(in_order, "user name descending", verdict)


@requirement("RFC7644-3.4.2.3-16")
def test_unknown_order_does_no_harm(in_order: Evidence, verdict: Remarks) -> None:
    """A sortOrder other than ascending and descending is refused with 400 or ignored."""
    kept_short(in_order, "order alone", verdict)
    assert in_order.sideways.status in {200, 400}
    verdict.note("the tenant ignores it" if in_order.sideways.ok else "the tenant refuses it")


@requirement("RFC7644-3.4.2.3-17")
def test_order_alone_has_no_effect(in_order: Evidence, verdict: Remarks) -> None:
    """A sortOrder without sortBy is answered with the list as usual."""
    assert sorted(_order(in_order, "order alone", verdict)) == list(SORTED)


@requirement("RFC7644-3.4.2.3-18")
def test_pages_keep_the_order(in_order: Evidence, verdict: Remarks) -> None:
    """The pages of a sorted list in sequence are the sorted list."""
    whole, *pages = (_order(in_order, name, verdict) for name in ("user name descending", "page 1", "page 2"))
    assert [person for page in pages for person in page[:2]] == whole


@requirement("RFC7644-3.4.2.3-19")
def test_filter_and_order_work_together(in_order: Evidence, verdict: Remarks) -> None:
    """A filtered and sorted list holds the matches and only they."""
    kept_short(in_order, "order alone", verdict)
    assert sorted(sequence(in_order["user name descending"], in_order, SORTED)) == list(SORTED)
