"""``/Me``, the alias of whoever the credentials belong to (RFC 7644 §3.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.checks.declare import requirement
from conformance.checks.given import SUCCESS, done
from conformance.checks.verdict import NotApplicable
from conformance.probes.me import is_alias, meta_location, redirects

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.tenant.exchange import Exchange

_DENIED = (401, 403)


def _direct(exchange: Exchange) -> Exchange:
    """Return an answer to /Me itself. Raises NotApplicable where the tenant redirects or knows nobody by the token."""
    if not exchange.ok:
        raise NotApplicable(f"the tenant does not answer /Me itself: {exchange.status}")
    return exchange


def _subject(exchange: Exchange) -> dict[str, Any]:
    """Return the resource that /Me answers with. Raises NotApplicable where it has no id, which one check judges."""
    resource = _direct(exchange).resource
    if not resource.get("id"):
        raise NotApplicable("the answer is no resource, which another check judges")
    return resource


def _named(me: Evidence, location: str, verdict: Remarks) -> Exchange | None:
    """Return the read of what a location names; None, with a warning, where it leads out of the tenant."""
    name = "located" if location == me.asked.header("location") or "meta_located" not in me else "meta_located"
    if name not in me and me.stopped is None:
        verdict.warn(f"{location} is on another host or path than the Tenant URL: it was not followed")
        return None
    return me[name]


def _expect_subject(me: Evidence, location: Any, verdict: Remarks) -> None:
    """Raise AssertionError unless the location leads to the resource that /Me returned."""
    identifier = _subject(me.asked)["id"]
    if not location or is_alias(location):
        verdict.not_applicable("no location of a resource is told, which another check judges")
    read = _named(me, location, verdict)
    if read is None:
        return
    if read.status not in SUCCESS:
        raise AssertionError(f"{location} answers {read.status}")
    if read.resource.get("id") != identifier:
        raise AssertionError(f"{location} leads to {read.resource.get('id')!r}, not to {identifier!r}")


@requirement("RFC7644-3.11-01")
def test_me_that_is_not_offered_answers_501(me: Evidence, verdict: Remarks) -> None:
    """A tenant without /Me, or with credentials that belong to nobody in it, answers 501."""
    if me.asked.ok or redirects(me.asked):
        verdict.not_applicable("the tenant offers /Me")
    if me.asked.status in _DENIED:
        verdict.note(f"the tenant answers {me.asked.status}: it may offer /Me to other credentials")
    else:
        assert me.asked.status == 501


@requirement("RFC7644-3.11-02")
def test_me_redirects_with_308(me: Evidence) -> None:
    """A redirect of /Me is a 308, with a Location that leads to a resource of the tenant."""
    if not redirects(me.asked):
        raise NotApplicable("the tenant does not redirect /Me")
    assert me.asked.status == 308
    assert me.asked.header("location"), "the redirect has no Location"
    assert "located" in me, f"the redirect leads out of the tenant: {me.asked.header('location')}"
    assert me.located.status in SUCCESS
    assert me.located.resource.get("id"), "what the redirect leads to is no resource"


@requirement("RFC7644-3.11-03")
def test_me_is_answered_with_a_resource(me: Evidence, verdict: Remarks) -> None:
    """Where /Me is answered directly, the answer is a resource."""
    answer = _direct(me.asked)
    assert isinstance(answer.resource.get("schemas"), list), "the answer is no resource: it has no schemas"
    verdict.note("the tenant answers /Me itself, without a redirect")


@requirement("RFC7644-3.11-04")
def test_me_tells_the_location(me: Evidence) -> None:
    """An answer to /Me has a Location header that is not /Me."""
    location = _direct(me.asked).header("location")
    assert location, "the answer has no Location header"
    assert not is_alias(location), f"Location is {location}: the alias, not the resource"


@requirement("RFC7644-3.11-04")
def test_location_of_me_leads_to_the_subject(me: Evidence, verdict: Remarks) -> None:
    """A GET on the Location that /Me tells returns the resource that /Me returned."""
    _expect_subject(me, me.asked.header("location"), verdict)


@requirement("RFC7644-3.11-06")
def test_me_shows_the_location(me: Evidence) -> None:
    """The resource in an answer to /Me has a meta.location that is not /Me."""
    _subject(me.asked)
    location = meta_location(me.asked)
    assert location, "the resource has no meta.location"
    assert not is_alias(location), f"meta.location is {location}: the alias, not the resource"


@requirement("RFC7644-3.11-06")
def test_meta_location_of_me_leads_to_the_subject(me: Evidence, verdict: Remarks) -> None:
    """A GET on the meta.location that /Me shows returns the resource that /Me returned."""
    _expect_subject(me, meta_location(me.asked), verdict)


@requirement("RFC7644-3.11-05")
def test_me_is_a_resource(me: Evidence) -> None:
    """What /Me answers with is a single resource with an id."""
    assert _direct(me.asked).resource.get("id"), "the answer has no id: it is nobody's resource"


@requirement("RFC7644-3.11-05")
def test_me_stays_the_same(me_beside_others: Evidence) -> None:
    """With the same credentials /Me leads to the same resource after another user was created."""
    if "before" not in me_beside_others and me_beside_others.stopped is None:
        raise NotApplicable("the tenant does not serve User")
    before = _subject(me_beside_others.before)["id"]
    assert done(me_beside_others.after).resource.get("id") == before


@requirement("RFC7644-3.11-05")
def test_me_is_nobody_without_credentials(me: Evidence) -> None:
    """Without credentials /Me does not lead to anybody."""
    _subject(me.asked)
    if not any(name.lower() == "authorization" for name, _ in me.asked.request.headers):
        raise NotApplicable("the run has no credentials to leave out")
    assert me.anonymous.refused, "somebody's resource was returned to a client without credentials"
