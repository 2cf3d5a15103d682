"""The proof: the table is complete, and proving itself can fail."""

from __future__ import annotations

import pytest

from conformance.prove import Prover
from conformance.reference.faults.registry import Fault, UnknownFault, faults, find_fault, unproven
from conformance.reference.faults.seams import on_answer, set_status
from conformance.reference.variants import UnknownVariant, Variant, find_variant
from conformance.session import judges
from conformance.spec.requirements import catalogue


@pytest.fixture(scope="module")
def prover() -> Prover:
    return Prover()


def test_every_judged_requirement_has_a_fault_or_a_reason_for_having_none():
    reasons = set(unproven())
    broken = {identifier for fault in faults().values() for identifier in fault.breaks}
    judged = set(judges())
    assert judged - broken - reasons == set()
    assert reasons & broken == set(), "there is a fault after all"
    assert reasons - judged == set(), "no check judges it"


def test_faults_break_requirements_of_the_catalogue():
    for fault in faults().values():
        assert fault.breaks
        assert fault.description
        assert set(fault.breaks) <= set(catalogue())


def test_the_right_tenant_passes_every_check(prover: Prover):
    bad = {check for check, outcome in prover.right.outcomes.items() if outcome.bad and not outcome.broken}
    assert bad == set()


def test_a_fault_is_caught_by_the_checks_of_what_it_breaks(prover: Prover):
    proof = prover.prove(find_fault("create-answers-200"))
    assert proof.holds
    assert {check.partition("[")[0] for check in proof.caught} == {"checks/test_create.py::test_create_answers_201"}


def test_a_fault_that_names_the_wrong_requirement_is_missed_and_raises_alarms(prover: Prover):
    def plant(tenant):
        on_answer(tenant, set_status(200), method="POST", status=201)

    proof = prover.prove(Fault("misnamed", ("RFC7644-3.6-02",), "A create answers 200.", plant))
    assert not proof.detected
    assert proof.missed == ("RFC7644-3.6-02",)
    assert any("test_create_answers_201" in check for check in proof.false_alarms)


def test_asking_only_what_a_fault_touches_finds_what_asking_everything_finds(prover: Prover):
    seams = {fault.plant.__module__: fault for fault in faults().values()}
    some = [*list(seams.values())[::8], *map(find_fault, ("user-emails-redefined", "user-active-redefined"))]
    narrow = Prover(some)
    for fault in some:
        assert narrow.prove(fault) == prover.prove(fault)


def test_what_is_legal_is_not_found_wrong(prover: Prover):
    for name in ("without-any-option", "times-in-whole-seconds"):
        assert prover.false_reds(find_variant(name)) == ()


def test_a_variant_that_is_not_legal_is_found_out(prover: Prover):
    broken = find_fault("create-answers-200")
    reds = prover.false_reds(Variant("wrong", "A create answers 200.", "none", broken.plant))
    assert {check.partition("[")[0] for check in reds} == {"checks/test_create.py::test_create_answers_201"}


def test_an_unknown_variant_is_told_with_the_nearest():
    with pytest.raises(UnknownVariant, match="strong-tags"):
        find_variant("strong-tag")


def test_an_unknown_fault_is_told_with_the_nearest():
    with pytest.raises(UnknownFault, match="create-answers-200"):
        find_fault("create-answer-200")
