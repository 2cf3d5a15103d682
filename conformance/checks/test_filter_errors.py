"""Filters that are refused, and those that must not be (RFC 7644 §3.4.2.2, §3.12)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.selection import declined, scim_type
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.probes.filter_errors import MISFITTING, PRINTED
from conformance.spec.schema import ResourceType
from conformance.tenant.exchange import Exchange, Unusable

pytestmark = for_types("User")

_FAULTS = {
    "attribute alone": 10,
    "no value": 11,
    "no attribute": 12,
    "open string": 14,
    "open bracket": 15,
    "surplus bracket": 15,
    "open square bracket": 16,
    "ends in and": 17,
    "ends in not": 17,
    "left over": 18,
    "two expressions": 19,
    "pr with a value": 20,
}
_SLIPS = {"unquoted": 13, "single quotes": 21, "not without brackets": 22}
_UNORDERED = {
    "gt on boolean": 52,
    "gt on binary": 53,
    "ge on boolean": 57,
    "ge on binary": 58,
    "lt on boolean": 62,
    "lt on binary": 63,
    "le on boolean": 67,
    "le on binary": 68,
}
_USED = {
    "apostrophe": ("name.familyName",),
    "not emails": ("userType", "emails.value"),
    "two value filters": ("emails.value", "ims.value"),
}


def _expect_keyword(exchange: Exchange, verdict: Remarks) -> None:
    keyword = scim_type(exchange)
    if keyword is None:
        verdict.warn("the refusal has no scimType, so a client cannot tell that the filter is at fault")
    elif keyword != "invalidFilter":
        raise Unusable(f"the refusal has scimType {keyword!r}, not 'invalidFilter'")


def _refusal(misfiltered: Evidence, verdict: Remarks) -> Exchange:
    """Return the refusal of an unknown operator; ends the check where it is accepted."""
    if misfiltered["unknown operator"].ok:
        verdict.not_applicable("the tenant accepts an unknown operator, which another check judges")
    return misfiltered["unknown operator"]


@requirement(lambda fault: f"RFC7644-3.4.2.2-{_FAULTS[fault]}")
@pytest.mark.parametrize("fault", _FAULTS)
def test_malformed_filter_is_refused(misfiltered: Evidence, fault: str, verdict: Remarks) -> None:
    """A filter that does not follow the grammar is refused with 400 and invalidFilter."""
    assert misfiltered[fault].status == 400
    _expect_keyword(misfiltered[fault], verdict)


@requirement(lambda slip: f"RFC7644-3.4.2.2-{_SLIPS[slip]}")
@pytest.mark.parametrize("slip", _SLIPS)
def test_sloppy_filter_is_refused(misfiltered: Evidence, slip: str, verdict: Remarks) -> None:
    """A filter with a common slip, such as single quotes, is refused with 400 and invalidFilter."""
    exchange = misfiltered[slip]
    assert exchange.status in {200, 400}
    if exchange.status == 200:
        verdict.warn("the tenant accepts a filter that the RFC's grammar does not know")
    else:
        _expect_keyword(exchange, verdict)


@requirement("RFC7644-3.4.2.2-09")
def test_empty_filter_is_refused(misfiltered: Evidence, verdict: Remarks) -> None:
    """A filter parameter without an expression is refused with 400 and invalidFilter."""
    assert misfiltered.empty.status in {200, 400}
    if misfiltered.empty.status == 200:
        verdict.note("the tenant takes an empty filter for none")
    else:
        _expect_keyword(misfiltered.empty, verdict)


@requirement(lambda name: f"RFC7644-3.4.2.2-{_UNORDERED[name]}")
@pytest.mark.parametrize("name", _UNORDERED)
def test_values_without_order_are_not_ordered(
    misfiltered: Evidence, name: str, resource_type: ResourceType, verdict: Remarks
) -> None:
    """An ordering operator on a boolean or binary attribute is refused with 400 and invalidFilter."""
    if not resource_type.find("active" if "boolean" in name else "x509Certificates.value"):
        verdict.not_applicable("the tenant does not serve the attribute")
    assert misfiltered[name].status == 400
    assert scim_type(misfiltered[name]) == "invalidFilter"


@requirement("RFC7644-3.4.2.2-23")
def test_unknown_operator_is_refused(misfiltered: Evidence) -> None:
    """A filter with an operator that does not exist is refused with 400."""
    assert misfiltered["unknown operator"].status == 400


@requirement("RFC7644-3.4.2.2-24")
def test_unknown_operator_is_an_invalid_filter(misfiltered: Evidence, verdict: Remarks) -> None:
    """The refusal of an unknown operator has scimType invalidFilter."""
    assert scim_type(_refusal(misfiltered, verdict)) == "invalidFilter"


@requirement("RFC7644-3.4.2.2-25")
def test_unknown_operator_is_explained(misfiltered: Evidence, verdict: Remarks) -> None:
    """The refusal of an unknown operator has a detail that a person can read."""
    detail = _refusal(misfiltered, verdict).resource.get("detail")
    assert isinstance(detail, str), "the refusal has no detail"
    assert detail.strip() != "", "the refusal has an empty detail"


@requirement("RFC7644-3.4.2.2-89")
def test_complex_attribute_is_not_compared(misfiltered: Evidence, verdict: Remarks) -> None:
    """A comparison on a singular complex attribute without a sub-attribute is refused with 400 and invalidFilter."""
    exchange = misfiltered.complex
    assert exchange.status in {200, 400}
    if exchange.status == 200:
        assert exchange.resources == [], "a comparison on a complex attribute selects resources"
        verdict.warn("the tenant answers as if nothing matched, and the client does not learn of its mistake")
    else:
        _expect_keyword(exchange, verdict)


@requirement("RFC7644-3.4.2.2-107")
@pytest.mark.parametrize("misfit", MISFITTING)
def test_operand_of_another_type_matches_nothing(misfiltered: Evidence, misfit: str, verdict: Remarks) -> None:
    """An operand of another type than the attribute is refused with 400 or matches nothing."""
    exchange = misfiltered[misfit]
    assert exchange.status in {200, 400}
    if exchange.status == 200:
        assert exchange.resources == [], "an operand that cannot be equal to any value matches resources"
    else:
        verdict.note("the tenant refuses the operand")


@requirement("RFC7644-3.4.2.2-108")
def test_unknown_attribute_matches_nothing(misfiltered: Evidence, verdict: Remarks) -> None:
    """A filter on an attribute the resource type does not have is refused or matches nothing."""
    exchange = misfiltered["unknown attribute"]
    assert exchange.status in {200, 400}
    if exchange.status == 200:
        assert exchange.resources == [], "a filter on an attribute that nobody has matches resources"
        verdict.note("the tenant answers that nothing matches")
    else:
        _expect_keyword(exchange, verdict)
        verdict.note("the tenant refuses the filter")


@requirement("RFC7644-3.4.2.2-79")
def test_not_needs_no_space(misfiltered: Evidence, verdict: Remarks) -> None:
    """The word not may be followed by its bracket directly, as in the RFC's grammar."""
    exchange = misfiltered["not without space"]
    assert exchange.status in {200, 400}
    if exchange.status == 400:
        verdict.warn("the tenant refuses not(…) without a space, as the grammar writes it")
    else:
        # A tenant that takes an empty userName may have some while others of our questions are asked.
        named = [user["userName"] for user in exchange.resources if user.get("userName")]
        assert named == [], "not(userName pr) selects users who have a user name"


@requirement("RFC7644-3.4.2.2-86")
def test_square_brackets_do_not_nest(misfiltered: Evidence, verdict: Remarks) -> None:
    """Square brackets within square brackets are no valid filter."""
    if declined(misfiltered["value filter"]):
        verdict.not_applicable("the tenant declines filters in square brackets")
    exchange = misfiltered["nested square brackets"]
    assert exchange.status in {200, 400}
    verdict.note(f"the tenant {'accepts' if exchange.ok else 'refuses'} them")


@requirement("RFC7644-3.4.2.2-111")
@pytest.mark.parametrize("example", PRINTED)
def test_printed_filter_is_accepted(
    misfiltered: Evidence, example: str, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A filter that the RFC prints as an example is accepted."""
    lacking = next((name for name in _USED[example] if not resource_type.find(name)), None)
    if lacking:
        verdict.not_applicable(f"the tenant does not serve {lacking}")
    exchange = misfiltered[example]
    if "[" in PRINTED[example] and declined(misfiltered["value filter"]):
        verdict.not_applicable("the tenant declines filters in square brackets")
    if "emails co" in PRINTED[example] and declined(exchange):
        verdict.note("the tenant declines a comparison on a multi-valued attribute without a sub-attribute")
    else:
        assert exchange.status == 200
