"""Writes whose answer may come before their outcome: Prefer: respond-async (RFC 9967 §2.5.1.1, §3)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS, asked, done, listed
from conformance.checks.verdict import Remarks
from conformance.probes import choose
from conformance.probes.deferred import WAIT
from conformance.probes.evidence import Evidence
from conformance.spec.paths import lookup
from conformance.spec.prefer import preferences
from conformance.spec.schema import ResourceType
from conformance.tenant.exchange import Exchange

pytestmark = for_types("User")
_WRITES = ("create", "replace", "patch", "delete")
each_write = pytest.mark.parametrize("write", _WRITES)


def _accepted(deferred: Evidence, write: str, verdict: Remarks) -> Exchange:
    """Return a 202. Ends the check where the tenant had the outcome at once, and answered with that."""
    answer = asked(deferred, write, "the tenant does not offer PATCH")
    if answer.status != 202:
        verdict.not_applicable(f"the tenant answers {answer.status}, not 202")
    return answer


@each_write
@requirement("RFC9967-2.5.1.1-01")
def test_preference_does_no_harm(deferred: Evidence, write: str) -> None:
    """A write that prefers an asynchronous answer succeeds or is accepted with 202."""
    done(deferred.changed)
    assert asked(deferred, write, "the tenant does not offer PATCH").status in SUCCESS


@each_write
@requirement("RFC9967-2.5.1.1-02")
def test_accepted_write_has_no_body(deferred: Evidence, write: str, verdict: Remarks) -> None:
    """The 202 to an asynchronous write has no body."""
    assert _accepted(deferred, write, verdict).answered.body.strip() == ""


@requirement("RFC9967-2.5.1.1-03")
def test_accept_is_ignored(deferred: Evidence, verdict: Remarks) -> None:
    """An asynchronous write is accepted whatever its Accept header says."""
    _accepted(deferred, "replace", verdict)
    assert deferred["any accept"].status in SUCCESS


@requirement("RFC9967-2.5.1.1-04")
def test_wait_is_honoured(deferred: Evidence) -> None:
    """With wait, a write is answered 202 no sooner than after so many seconds."""
    waiting = deferred["waiting"]
    assert waiting.status != 202 or waiting.elapsed >= WAIT, f"the tenant answers 202 before {WAIT} seconds are over"


@each_write
@requirement("RFC9967-2.5.1.1-05")
def test_accepted_write_has_a_location(deferred: Evidence, write: str, verdict: Remarks) -> None:
    """The 202 to an asynchronous write has a Location."""
    assert _accepted(deferred, write, verdict).header("location"), "there is no Location"


@each_write
@requirement("RFC9967-2.5.1.1-06")
def test_applied_preference_is_named(deferred: Evidence, write: str, verdict: Remarks) -> None:
    """The 202 to an asynchronous write has Preference-Applied: respond-async."""
    applied = preferences(_accepted(deferred, write, verdict).header("preference-applied"))
    assert "respond-async" in sorted(applied)


@each_write
@requirement("RFC9967-2.5.1.1-07")
def test_accepted_write_takes_effect(
    deferred: Evidence, resource_type: ResourceType, write: str, verdict: Remarks
) -> None:
    """What was accepted with 202 has taken effect soon after."""
    _accepted(deferred, write, verdict)
    asked(deferred, f"after {write} 1", "without filters there is no telling what became of it")
    last = deferred.named(f"after {write} ")[-1]
    if write == "create":
        listed(last)
    if not _shows(last, deferred[write], write, resource_type):
        verdict.warn("the write was accepted, yet does not show after some seconds; no time limit is defined")


@each_write
@requirement("RFC9967-3-01")
def test_accepted_write_has_a_transaction(deferred: Evidence, write: str, verdict: Remarks) -> None:
    """The 202 to an asynchronous write has a Set-Txn header with a value of its own."""
    accepted = _accepted(deferred, write, verdict)
    if accepted.answered.body.strip():
        verdict.not_applicable("the answer has a body, which another check judges")
    transaction = accepted.header("set-txn")
    assert transaction, "there is no Set-Txn"
    others = [deferred[name].header("set-txn") for name in _WRITES if name in deferred and name != write]
    assert transaction not in others


def _shows(read: Exchange, write: Exchange, name: str, resource_type: ResourceType) -> bool:
    """Whether a read shows what a write was to bring about."""
    if name == "delete":
        return read.refused
    if not read.ok:
        return False
    if name == "create":
        naming = choose.naming(resource_type)
        key = naming.name if naming else "id"
        sent = str(lookup(write.request.json, key)).lower()
        return any(str(lookup(resource, key)).lower() == sent for resource in read.resources)
    text = choose.text(resource_type).name
    sent = write.request.json["Operations"][0]["value"] if name == "patch" else lookup(write.request.json, text)
    return bool(lookup(read.resource, text) == sent)
