"""Load as a client makes it, in this process: the rate is held, what it does to the tenant is told, nothing stays."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from rehearsing import TAG

from conformance.reference.faults.seams import on_answer, set_error
from conformance.reference.in_process import InProcess
from conformance.reference.messages import Request
from conformance.reference.tenant import ReferenceTenant
from conformance.reference.variants import find_variant
from conformance.rehearsal.directory import invent
from conformance.rehearsal.load import LoadPlan, load
from conformance.rehearsal.page import render
from conformance.rehearsal.schedule import Over, Schedule
from conformance.rehearsal.traffic import TEAMS, people_for
from conformance.spec.profile import compose
from conformance.tenant.auth import BearerToken
from conformance.tenant.client import Client, Limits
from conformance.tenant.url import TenantURL

if TYPE_CHECKING:
    from conformance.rehearsal.load_outcome import LoadOutcome


def under_load(
    profile: str = "entra",
    *,
    tenant: ReferenceTenant | None = None,
    rate: float = 20,
    seconds: float = 2,
    concurrency: int = 8,
    **plan: Any,
) -> LoadOutcome:
    transport = InProcess(tenant or ReferenceTenant(token="t"))
    url = TenantURL.parse("http://127.0.0.1/scim/v2")
    client = Client(url, limits=Limits(concurrency=concurrency), auth=BearerToken("t"), transport=transport)
    directory = invent(TAG, users=people_for(rate * seconds), groups=TEAMS, members_per_group=0, seed="s")
    composed = compose([profile])
    return load(client, composed, directory, LoadPlan(rate, seconds, composed.dialect, "s", **plan))


def slow(tenant: ReferenceTenant, seconds: float) -> ReferenceTenant:
    """Let the tenant answer one request at a time, each after so many seconds."""
    on_answer(tenant, lambda *_: time.sleep(seconds))
    return tenant


@pytest.mark.parametrize("profile", ["entra", "entra-aadoptscim062020", "okta", "okta-wizard"])
def test_the_right_tenant_sustains_the_rate_and_nothing_stays(profile: str):
    tenant = ReferenceTenant(token="t", seed_users=3)
    outcome = under_load(profile, tenant=tenant)
    assert (outcome.good, outcome.exit_code, outcome.causes) == (True, 0, {})
    assert outcome.total.count == 40
    assert outcome.achieved == pytest.approx(20, rel=0.05)
    assert outcome.sentence.startswith(
        "The tenant sustains 20 requests a second for 2 s: half of the answers came within"
    )
    assert {"match", "create user", "read"} <= {asked.what for asked in outcome.asked}
    assert (len(tenant.store.all("User")), tenant.store.all("Group"), outcome.left_behind) == (3, [], ())


def test_the_traffic_has_everything_that_the_client_does_daily():
    asked = {asked.what: asked.count for asked in under_load(rate=150).asked}
    assert asked.keys() >= {"match", "read", "create user", "update user", "create group", "add members"}
    assert asked["match"] > 40
    assert asked["update user"] > 20


@pytest.mark.parametrize("told", [True, False])
def test_answers_of_429_are_counted_and_not_sent_again(told: bool):
    tenant = ReferenceTenant(token="t", limit=5)
    if not told:
        find_variant("too-many-requests-without-retry-after").plant(tenant)
    outcome = under_load(tenant=tenant)
    assert (outcome.good, outcome.exit_code) == (False, 1)
    assert (outcome.total.count, outcome.causes) == (40, {})
    assert 20 < outcome.total.refused < 36
    assert outcome.without_retry_after == (0 if told else outcome.total.refused)
    assert f"{outcome.total.refused} of 40 requests were answered with 429" in outcome.sentence
    assert any("Retry-After" in remark for remark in outcome.remarks) is not told
    assert tenant.store.all("User") == []


def test_latency_counts_from_the_moment_at_which_a_request_was_due():
    outcome = under_load(tenant=slow(ReferenceTenant(token="t"), 0.1), seconds=1, concurrency=2)
    assert outcome.total.p95 > 500
    assert outcome.late > 5
    assert not outcome.kept_up
    assert "2 were waiting for their answers already" in outcome.remarks[-1]


def test_what_goes_wrong_otherwise_is_told_with_its_cause():
    tenant = ReferenceTenant(token="t")
    on_answer(tenant, set_error(400, "invalidPath"), method="PATCH")
    outcome = under_load(tenant=tenant)
    assert outcome.exit_code == 1
    assert any("refused with 400 invalidPath" in cause for cause in outcome.causes)
    assert outcome.total.errors == 0


def test_a_tenant_that_refuses_everything_is_left_alone():
    outcome = under_load(tenant=ReferenceTenant(token="t", limit=0.01), rate=40, concurrency=2)
    assert "in a row had the same fate: the tenant answers 429" in outcome.stopped
    assert outcome.total.count < 40


def test_the_page_shows_the_plot_and_the_figures():
    page = render(under_load(tenant=ReferenceTenant(token="t", limit=10)))
    assert '<svg class="plot"' in page
    assert '<rect class="errors"' in page
    assert "does not sustain 20 requests a second" in page


def test_no_second_has_more_turns_than_the_rate_however_late_they_are_taken():
    schedule = Schedule(20, 2)
    taken = []
    for number in range(40):
        schedule.turn()
        taken.append(time.monotonic())
        time.sleep(0.6 if number == 5 else 0)
    with pytest.raises(Over):
        schedule.turn()
    assert max(sum(start <= at < start + 0.999 for at in taken) for start in taken) <= 21
    assert schedule.missed > 5


def test_what_is_late_is_dropped_in_the_end():
    schedule = Schedule(100, 0.2, patience=0.1)
    schedule.turn()
    time.sleep(0.4)
    with pytest.raises(Over):
        schedule.turn()
    assert (schedule.taken, schedule.lasted) == (1, 0.2)


def test_a_limited_tenant_says_when_to_come_again():
    tenant = ReferenceTenant(token="t", limit=2)
    request = Request("GET", "http://x/scim/v2", ("scim", "v2", "ServiceProviderConfig"))
    answers = [tenant.answer(request) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    time.sleep(0.6)
    assert tenant.answer(request).status == 200


def test_the_suite_does_without_locust():
    code = "import conformance.cli, conformance.rehearsal.load, sys; sys.exit('locust' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
