"""Where the RFCs leave a choice, a check notes what a tenant chose: on the reference tenant, and on one unlike it."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from conformance.checks import (
    test_filter_choices as filter_choices,
    test_filter_groups as filter_groups,
    test_filter_texts as filter_texts,
    test_members_shown as members_shown,
    test_multivalued as multivalued,
    test_patch_complex as patch_complex,
    test_patch_values as patch_values,
    test_read as read,
    test_replace as replace,
)
from conformance.checks.verdict import Remarks
from conformance.config import Settings
from conformance.probes.filter_cases import UNSETTLED
from conformance.probes.registry import ProbeCall, probes
from conformance.reference.faults.seams import drop_header, on_answer, wrap
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, DEFAULT_TOKEN, ReferenceTenant
from conformance.reference.variants import find_variant
from conformance.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Filters that the other tenant takes for others, as some server does that reads the RFC so.
READ_AS = {
    r"addresses pr": "userName pr",
    r'meta\.created sw "\d{4}-"': "userName pr",
    r'active co "ru"': "active eq true",
    r'userName gt "[^a-z"]*"': "userName pr",
    r'profileUrl gt "[^"]*"': 'profileUrl gt "z"',
    r'profileUrl eq "[^"]*ANNA"': 'profileUrl eq "z"',
    r'members\.value eq "[^a-z"]*"': 'members.value eq "nobody"',
}
CASES = {case.name: case for case in UNSETTLED}


class Reading(NamedTuple):
    """A check of an ambiguity, and a part of what it notes on the reference tenant, ``here``, and on the other."""

    ambiguity: str
    probe: str
    check: Callable[..., None]
    here: str
    there: str
    given: Mapping[str, Any] = {}

    def __str__(self) -> str:
        return f"{self.ambiguity}-{self.given.get('case', self.probe)}".replace(" ", "-")


READINGS = [
    Reading("A02", "values_removed", patch_values.test_remove_where_the_filter_matches_nothing_takes_nothing,
            "answers a remove whose filter matches nothing with success", "refuses a remove whose filter"),
    Reading("A07", "extension_patched", patch_complex.test_key_with_a_urn_is_no_attribute,
            "expands keys that are paths", "refuses keys that are paths"),
    Reading("A14", "values_added", patch_values.test_add_of_a_value_under_another_type, "another type for another",
            "another type for the same"),
    Reading("A22", "filtered", filter_choices.test_operator_beyond_single_texts, "one of the values differs",
            "no value is equal", {"case": CASES["ne of several"]}),
    Reading("A23", "filtered_nothing", filter_texts.test_a_value_of_empty_texts_is_noted,
            "is not present", "is present"),
    Reading("A27", "filtered", filter_choices.test_operator_beyond_single_texts, "letter case does not matter",
            "small letters come after capitals", {"case": CASES["gt in capitals"]}),
    Reading("A27", "filtered", filter_choices.test_operator_beyond_single_texts, "references are ordered as texts",
            "references have no order", {"case": CASES["gt on references"]}),
    Reading("A27", "filtered", filter_choices.test_operator_beyond_single_texts, "declines the filter with 400",
            "times are compared with sw as texts", {"case": CASES["sw on times"]}),
    Reading("A27", "filtered", filter_choices.test_operator_beyond_single_texts, "declines the filter with 400",
            "booleans are compared with co as texts", {"case": CASES["co on booleans"]}),
    Reading("A30", "filtered_members", filter_groups.test_members_in_another_letter_case_are_noted, "finds a member",
            "does not find a member"),
    Reading("A31", "filtered", filter_choices.test_letter_case_of_references_is_noted,
            "other letter case finds one", "other letter case finds none"),
    Reading("A33", "membership", members_shown.test_member_display_is_a_name_of_the_member, "members without display",
            "shows the display of members"),
    Reading("A39", "cleared", replace.test_null_within_a_list_is_ignored_or_refused, "leaves out null within a list",
            "refuses null within a list"),
    Reading("A41", "cleared", replace.test_a_complex_value_may_be_given_in_part, "clears the rest", "keeps the rest"),
    Reading("A64", "plain_elements", multivalued.test_a_value_without_primary_may_be_found_as_not_primary,
            "is not primary", "is neither"),
    Reading("A67", "created", read.test_location_headers_of_a_read_agree_with_meta, "a read has a location header",
            "a read has no location header", {"header": "location"}),
    Reading("A68", "replaced", replace.test_last_modified_may_move_without_a_change, "does not move meta.lastModified",
            "nothing moves meta.lastModified"),
]  # fmt: skip


def other_tenant() -> ReferenceTenant:
    tenant = ReferenceTenant()
    find_variant("other-readings").plant(tenant)

    def read_filter(original, text: str, types, **how):
        for written, read_as in READ_AS.items():
            text = re.sub(written, read_as, text)
        return original(text, types, **how)

    wrap(tenant.rules, "read_filter", read_filter)
    on_answer(tenant, drop_header("Location"), method="GET")
    return tenant


@cache
def evidence(probe: str, *, otherwise: bool):
    """Return what a probe finds out of one of the two tenants, and the resource type that it was asked about."""
    tenant = other_tenant() if otherwise else ReferenceTenant()
    run = Run(Settings(tenant_url=f"http://127.0.0.1{BASE_PATH}", token=DEFAULT_TOKEN), transport=InProcess(tenant))
    run.open()
    try:
        known = probes()[probe]
        asked = run.service.resource_type("Group" if probe in {"membership", "filtered_members"} else "User")
        return run.gatherer.evidence(ProbeCall(known, (asked,) if known.parameters else ())), asked
    finally:
        run.close()


@pytest.mark.parametrize("otherwise", [False, True], ids=["reference", "other"])
@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_the_reading_is_noted(reading: Reading, otherwise: bool):
    found, resource_type = evidence(reading.probe, otherwise=otherwise)
    remarks, primary = Remarks(), resource_type.find("emails.primary")
    known = {reading.probe: found, "resource_type": resource_type, "attribute": primary, "verdict": remarks}
    known |= reading.given
    reading.check(**{name: known[name] for name in inspect.signature(reading.check).parameters})
    assert remarks.warnings == []
    assert (reading.there if otherwise else reading.here) in " ".join(remarks.notes)
