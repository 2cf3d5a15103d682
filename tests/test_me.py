"""``/Me``: whatever a tenant does there that the RFC allows, the checks are content, and nothing but GET is sent."""

from __future__ import annotations

import pytest

from conformance.checks import test_me as checks
from conformance.checks.verdict import NotApplicable, Remarks
from conformance.config import Settings
from conformance.probes.registry import ProbeCall, probes
from conformance.reference.faults.seams import at, on_answer, set_error
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, DEFAULT_TOKEN, ReferenceTenant
from conformance.run import Run


def asked(tenant: ReferenceTenant):
    """Return what the probe ``me`` finds out, after seeing to it that it only reads."""
    run = Run(Settings(tenant_url=f"http://127.0.0.1{BASE_PATH}", token=DEFAULT_TOKEN), transport=InProcess(tenant))
    run.open()
    try:
        evidence = run.gatherer.evidence(ProbeCall(probes()["me"], ()))
    finally:
        run.close()
    assert {exchange.request.method for exchange in evidence} == {"GET"}
    return evidence


def redirect(request, response):
    response.status, response.document = 308, None
    response.headers = {"Location": response.headers["Location"]}


def test_a_token_that_belongs_to_a_user_leads_to_that_user():
    evidence = asked(ReferenceTenant(seed_users=2))
    assert evidence.asked.resource["userName"] == "user00001@example.com"
    assert evidence.located.resource["id"] == evidence.asked.resource["id"]
    assert evidence.anonymous.status == 401


@pytest.mark.parametrize(("status", "notes"), [(501, 0), (403, 1), (401, 1)])
def test_a_token_that_belongs_to_nobody_is_refused(status: int, notes: int):
    tenant = ReferenceTenant()
    on_answer(tenant, set_error(status), where=at("Me"))
    evidence, remarks = asked(tenant), Remarks()
    checks.test_me_that_is_not_offered_answers_501(evidence, remarks)
    assert len(remarks.notes) == notes
    with pytest.raises(NotApplicable):
        checks.test_me_is_a_resource(evidence)


def test_not_found_says_too_little():
    tenant = ReferenceTenant()
    on_answer(tenant, set_error(404), where=at("Me"))
    with pytest.raises(AssertionError):
        checks.test_me_that_is_not_offered_answers_501(asked(tenant), Remarks())


def test_a_redirect_is_followed_to_the_resource():
    tenant = ReferenceTenant(seed_users=1)
    on_answer(tenant, redirect, status=200, where=at("Me"))
    evidence = asked(tenant)
    checks.test_me_redirects_with_308(evidence)
    assert evidence.located.resource["userName"] == "user00001@example.com"
