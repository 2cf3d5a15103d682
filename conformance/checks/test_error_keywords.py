"""The scimType of refusals beyond create and replace: filters and PATCH (RFC 7644 §3.12, Table 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.patching import about, unless_offered
from conformance.checks.selection import scim_type

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType

_PATCHES = {
    "open_bracket": ("RFC7644-3.12-27", {"invalidFilter", "invalidPath"}),
    "taken": ("RFC7644-3.12-31", {"uniqueness"}),
    "replaced_id": ("RFC7644-3.12-32", {"mutability"}),
    "empty_segment": ("RFC7644-3.12-35", {"invalidPath"}),
}


@for_types("User")
@pytest.mark.parametrize("fault", ["no value", "open bracket", "left over"])
@requirement("RFC7644-3.12-25")
def test_malformed_filter_says_invalid_filter(misfiltered: Evidence, fault: str) -> None:
    """A filter with wrong syntax answers 400 with scimType invalidFilter."""
    assert misfiltered[fault].status == 400
    assert scim_type(misfiltered[fault]) == "invalidFilter"


@for_types("User")
@requirement("RFC7644-3.12-26")
def test_unfit_operator_says_invalid_filter(
    misfiltered: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A filter whose operator the attribute does not support answers 400 with scimType invalidFilter."""
    if not resource_type.find("active"):
        verdict.not_applicable("the tenant does not serve active, the boolean that is asked about")
    assert misfiltered["gt on boolean"].status == 400
    assert scim_type(misfiltered["gt on boolean"]) == "invalidFilter"


@for_types("User")
@pytest.mark.parametrize("question", list(_PATCHES))
@requirement(lambda question: _PATCHES[question][0])
def test_refused_patch_says_why(targets_refused: Evidence, question: str, verdict: Remarks) -> None:
    """A PATCH that is refused for its filter, path, mutability or a taken value says so in scimType."""
    exchange = targets_refused[question]
    unless_offered(targets_refused, exchange)
    if not exchange.refused:
        verdict.not_applicable("the PATCH was not refused, which another check judges")
    assert exchange.status in ({400, 409} if question == "taken" else {400})
    assert scim_type(exchange) in _PATCHES[question][1]


@about("emails.type")
@requirement("RFC7644-3.12-36")
def test_patch_without_target_says_no_target(values_replaced: Evidence) -> None:
    """A PATCH replace whose path filter matches nothing answers 400 with scimType noTarget."""
    unless_offered(values_replaced, values_replaced.no_match)
    assert values_replaced.no_match.status == 400
    assert scim_type(values_replaced.no_match) == "noTarget"
