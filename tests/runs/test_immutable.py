"""Immutable attributes are asked about together, and one that the tenant gets wrong spoils no verdict on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from test_runs import TOKEN, judged

from conformance.checks.verdict import Verdict
from conformance.reference.faults.replace import on_replaced
from conformance.reference.tenant import ReferenceTenant
from conformance.spec.errors import mutability

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.reporting.model import Report

WRONG = "immutableUniqueIntegerOnRequest"
CHECKS = "replace and immutable and Specimen"


def judged_refusing(refuses: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]) -> Report:
    """Judge a tenant that refuses a replace where that is true of what is to be kept and what was kept before."""
    tenant = ReferenceTenant(token=TOKEN, specimens="few")

    def refuse(kept: dict[str, Any], _: object, old: Mapping[str, Any]) -> None:
        if refuses(kept, old):
            raise mutability(f"{WRONG} is immutable")

    on_replaced(tenant, refuse, of="Specimen")
    _, report = judged(tenant, CHECKS)
    return report


def failed(report: Report) -> list[str]:
    return [result.check.partition("::")[2] for result in report.results if result.verdict is Verdict.FAILED]


def test_all_share_what_sets_them_and_each_is_changed_alone():
    report = judged_refusing(lambda *_: False)
    names = [exchange.name for exchange in report.exchanges]
    assert failed(report) == []
    assert (names.count("set"), names.count("repeated")) == (1, 1)
    assert f"changed {WRONG}" in names


@pytest.mark.parametrize(
    ("refuses", "check"),
    [
        (lambda kept, old: kept.get(WRONG) != old.get(WRONG), "test_replace_sets_an_immutable_attribute_once"),
        (lambda kept, old: WRONG in kept and WRONG in old, "test_replace_may_repeat_an_immutable_value"),
    ],
    ids=["set", "repeated"],
)
def test_one_that_is_refused_fails_alone(refuses: Callable[..., bool], check: str):
    assert failed(judged_refusing(refuses)) == [f"{check}[Specimen:{WRONG}]"]
