"""The hand-written expectations of the filter cases agree with the oracle, on the resources as they are sent."""

import pytest

from conformance.probes.filter_cases import CASES, EVERYBODY, people
from conformance.spec.filter import parse
from conformance.spec.matching import Match, evaluate
from conformance.spec.service import Service

TAG = "conf-0123"
MARK = f"{TAG}.filtered-user"
USER = Service.default().resource_type("User")
KNOWN = people(MARK, TAG, "{}@example.com".format)
PEOPLE = {
    name: {**body, "id": name, "meta": {"resourceType": "User", "created": when, "lastModified": when}}
    for (name, body), when in zip(KNOWN.items(), [f"2026-01-02T12:00:0{n}Z" for n in range(4)], strict=True)
}
WORDS = (
    {"m": MARK, "M": MARK.upper(), "tag": TAG, "ours": f'userName sw "{MARK}."', "id": "anna", "domain": "example.com"}
    | {name: f'userName eq "{body["userName"]}"' for name, body in PEOPLE.items()}
    | {name[0]: body["userName"] for name, body in PEOPLE.items()}
    | {"A": PEOPLE["anna"]["userName"].upper(), "year": "2026"}
    | {"created": "2026-01-02T12:00:00Z", "modified": "2026-01-02T12:00:00Z", "there": "2026-01-02T17:00:00+05:00"}
    | {"earlier": "2026-01-02T11:00:00Z", "later": "2026-01-02T13:00:00Z", "abroad": "2026-01-02T16:00:00+05:00"}
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_hand_written_expectation_agrees_with_the_oracle(case):
    node = parse(case.filter.format_map(WORDS))
    answers = {name: evaluate(node, body, USER) for name, body in PEOPLE.items()}
    certain = {name for name, answer in answers.items() if answer is Match.YES}
    opened = {name for name, answer in answers.items() if answer is Match.UNDEFINED}
    assert certain <= set(case.finds.split()) <= certain | opened


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_can_fail(case):
    assert set(case.finds.split()) != set(EVERYBODY.split()), "an ignored filter would pass"


def test_names_are_unique():
    assert len({case.name for case in CASES}) == len(CASES)


def test_needs_name_other_cases():
    assert {need for case in CASES for need in case.needs} <= {case.name for case in CASES}
