"""What Entra would do about failures, and when; and accounts that it is told to leave as they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rehearsing import TAG, play

from conformance.reference.faults.registry import find_fault
from conformance.reference.faults.seams import wrap
from conformance.reference.tenant import ReferenceTenant
from conformance.rehearsal.directory import invent
from conformance.rehearsal.escrow import Waiting, prospects, quarantined
from conformance.rehearsal.findings import Kind
from conformance.rehearsal.page import render
from conformance.rehearsal.scope import read_scope
from conformance.spec.errors import ScimError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.tenant.exchange import Exchange

FAILED = datetime(2026, 11, 21, 22, 15, tzinfo=UTC)
NOT_MOVED = "department NOT EQUALS Treasury AND department NOT EQUALS Internal Audit"


def waiting(label: str, code: str, minutes: int = 0) -> Waiting:
    """Return an object that failed first so many minutes later than others, and last an hour after that."""
    first = FAILED + timedelta(minutes=minutes)
    return Waiting(label, code, first.timestamp(), (first + timedelta(hours=1)).timestamp())


def test_what_fails_is_tried_again_at_the_documented_times_and_given_up_after_28_days():
    (prospect,) = prospects([waiting("b", "EntryConflict", 5), waiting("a", "")])
    assert [retry - FAILED for retry in prospect.retries] == [timedelta(hours=hours) for hours in (6, 12, 24)]
    assert prospect.given_up == FAILED + timedelta(days=28)
    assert str(prospect) == (
        "Entra would try 2 objects again 6, 12 and 24 hours after the first failure (22 Nov 04:15, 22 Nov 10:15, "
        "22 Nov 22:15 UTC), then every 24 hours; what still fails on 19 Dec 2026 it would give up, and "
        "disable the job: b, a."
    )


@pytest.mark.parametrize("code", ["InternalServerError", "Timeout", "WebExceptionProtocolError"])
def test_what_an_outage_failed_is_tried_again_in_the_next_cycle(code: str):
    outage, other = prospects([waiting("a", "EntryConflict"), *(waiting(f"u{n}", code) for n in range(5))])
    assert (outage.count, outage.retries, outage.given_up) == (5, [FAILED + timedelta(minutes=100)], None)
    assert str(outage) == (
        "Entra would try 5 objects again in the next cycle, after 40 minutes (21 Nov 23:55 UTC): u0, u1, u2 and 2 more."
    )
    assert other.objects == ["a"]


def test_a_job_that_stays_in_quarantine_is_disabled_after_four_weeks():
    assert "on 19 Dec 2026, after four weeks, Entra would disable it" in quarantined(FAILED)


def test_the_reports_say_what_entra_would_do_about_what_fails_to_the_end():
    tenant = ReferenceTenant(token="t")
    find_fault("groups-have-no-other-schemas").plant(tenant)
    restarted: list[datetime] = []

    def note(title: str, *_: int) -> None:
        if title == "Restart that breaks the links" and not restarted:
            restarted.append(datetime.now(UTC))

    outcome = play("entra", tenant=tenant, on_progress=note)
    (prospect,) = outcome.escrow
    assert (prospect.count, len(prospect.objects)) == (1, 1)  # the other group is deleted in the last cycle
    # A restart empties the escrow, so that the first failure after it counts.
    assert prospect.retries[0] - timedelta(hours=6) > restarted[0]
    assert outcome.to_dict()["escrow"][0]["count"] == 1
    assert str(prospect) in outcome.remarks
    assert "Entra would try 1 object again" in render(outcome)


def test_the_first_failure_counts_however_often_it_is_tried_again():
    tenant = ReferenceTenant(token="t")
    cycles: dict[str, datetime] = {}

    def stumble(original: Callable[..., Any], request: Any) -> Any:
        if request.method == "PATCH" and b'"True"' in request.body:
            raise ScimError("Out of order", status=409)
        return original(request)

    wrap(tenant.rules, "authenticate", stumble)
    outcome = play("entra", tenant=tenant, on_progress=lambda title, *_: cycles.setdefault(title, datetime.now(UTC)))
    (prospect,) = outcome.escrow
    rematch, enabled = list(cycles.values())[-4:-2]
    assert rematch < prospect.retries[0] - timedelta(hours=6) < enabled


def test_a_quarantine_tells_when_the_job_would_be_disabled():
    tenant = ReferenceTenant(token="t")
    find_fault("nobody-is-not-found").plant(tenant)
    outcome = play("entra", tenant=tenant)
    assert outcome.quarantine
    assert "once a day" in outcome.remarks[-1]


def test_an_outage_that_lasts_is_told_apart():
    tenant = ReferenceTenant(token="t")

    def stumble(original: Callable[..., Any], request: Any) -> Any:
        if request.method == "POST" and "Groups" in request.segments:
            raise ScimError("Out of order", status=500)
        return original(request)

    wrap(tenant.rules, "authenticate", stumble)
    assert [(p.count, p.given_up) for p in play("entra", tenant=tenant).escrow] == [(1, None)]


@pytest.mark.parametrize("profile", ["entra", "okta"])
def test_nothing_waits_where_nothing_failed(profile: str):
    outcome = play(profile)
    assert (outcome.escrow, outcome.remarks) == ((), [])


def disabled(exchanges: list[Exchange]) -> int:
    return sum(exchange.name == "disable user" for exchange in exchanges)


@pytest.mark.parametrize("filters", [[], [NOT_MOVED]])
def test_accounts_that_fall_out_of_scope_are_left_as_they_are(filters: list[str]):
    sent: dict[bool, list[Exchange]] = {}
    for skip in (False, True):
        sent[skip] = []
        directory = invent(TAG, users=40, groups=2, members_per_group=39, seed="s")
        outcome = play(
            "entra",
            directory=directory,
            scope=read_scope(filters),
            announce=sent[skip].append,
            skip_out_of_scope_deletions=skip,
        )
        assert [finding.cause for finding in outcome.wrong] == []
        notes = [finding for finding in outcome.findings if "SkipOutOfScopeDeletions" in finding.cause]
        assert bool(notes) is skip
        assert all(finding.kind is Kind.NOTE for finding in notes)
    assert 0 < disabled(sent[True]) < disabled(sent[False])


def test_accounts_that_are_spared_do_not_count_as_deletions():
    def told(*, skip: bool) -> int:
        outcome = play("entra", users=40, deletion_threshold=2, skip_out_of_scope_deletions=skip)
        return sum("threshold" in finding.cause for finding in outcome.findings)

    assert (told(skip=False), told(skip=True)) == (1, 0)
