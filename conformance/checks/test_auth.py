"""Who may ask (RFC 7644 §2) and what stays secret (RFC 7643 §4.1.1, §9; RFC 7644 §7)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from conformance.checks.declare import for_attributes, for_types, requirement
from conformance.checks.given import SUCCESS, asked, done, kept, listed, offered
from conformance.checks.values import kept_as
from conformance.checks.verdict import NotApplicable
from conformance.probes import choose
from conformance.probes.evidence import Blocked
from conformance.spec.messages import ERROR
from conformance.spec.paths import lookup
from conformance.tenant.redaction import REDACTED

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute, ResourceType
    from conformance.tenant.exchange import Exchange

_NO_HANDSHAKE = "the Tenant URL is not one of HTTPS, or the TLS library here no longer speaks this version"
_NO_CHANGE = "the tenant does not offer this way to change a password"
_STACK_TRACE = re.compile(
    r"Traceback \(most recent call last\)|\bat [\w.$<>]+\([\w$]+\.(?:java|kt|scala):\d+\)"
    r"|\bat [\w.$<> ]+\(?/[^\s)]+\.[cm]?[jt]s:\d+|\bin [A-Z]:\\[^\s]+:line \d+|\.rb:\d+:in `|goroutine \d+ \["
)
_QUESTIONS = ["read", "create", "replace", "delete"]


@for_types("User")
@requirement("RFC7644-2-02", "RFC7644-3.12-16")
def test_a_query_with_wrong_credentials_is_refused(onlookers: Evidence, discovery: Evidence) -> None:
    """A query with invalid credentials answers 401."""
    _needs_credentials(onlookers, "list", discovery)
    assert _stranger(onlookers, "wrong_list", discovery).status == 401


@for_types("User")
@requirement("RFC7644-3.12-16")
def test_a_query_without_credentials_is_refused(onlookers: Evidence, discovery: Evidence) -> None:
    """A query without credentials answers 401."""
    assert _stranger(onlookers, "anonymous_list", discovery).status == 401


@for_types("User")
@pytest.mark.parametrize("question", _QUESTIONS)
@requirement("RFC7644-2-02", "RFC7644-3.12-16")
def test_wrong_credentials_are_refused(strangers: Evidence, discovery: Evidence, question: str) -> None:
    """A request with invalid credentials answers 401."""
    _needs_credentials(strangers, question, discovery)
    assert _stranger(strangers, f"wrong_{question}", discovery).status == 401


@for_types("User")
@pytest.mark.parametrize("question", _QUESTIONS)
@requirement("RFC7644-3.12-16")
def test_missing_credentials_are_refused(strangers: Evidence, discovery: Evidence, question: str) -> None:
    """A request without credentials answers 401."""
    assert _stranger(strangers, f"anonymous_{question}", discovery).status == 401


@for_types("User")
@pytest.mark.parametrize("who", ["wrong", "anonymous"])
@requirement("RFC7644-2-02")
def test_strangers_change_nothing(
    strangers: Evidence, discovery: Evidence, resource_type: ResourceType, who: str
) -> None:
    """A PUT and a DELETE without valid credentials leave the resource as it was."""
    _needs_credentials(strangers, "replace", discovery)
    _needs_credentials(strangers, "delete", discovery)
    text = choose.text(resource_type).name
    sent = lookup(_stranger(strangers, f"{who}_replace", discovery).request.json, text)
    assert lookup(done(strangers[f"after_{who}"]).resource, text) != sent
    assert strangers[f"after_{who}_delete"].status in SUCCESS


@for_types("User")
@pytest.mark.parametrize("who", ["wrong", "anonymous"])
@requirement("RFC7644-2-01")
def test_401_names_the_accepted_schemes(onlookers: Evidence, discovery: Evidence, who: str) -> None:
    """A 401 has a WWW-Authenticate header that names the accepted authentication schemes."""
    exchange = _refused(onlookers, f"{who}_list", discovery)
    assert exchange.header("www-authenticate"), "the 401 has no WWW-Authenticate header"


@for_types("User")
@pytest.mark.parametrize("who", ["wrong", "anonymous"])
@requirement("RFC7644-3.12-02")
def test_401_has_a_scim_error_body(onlookers: Evidence, discovery: Evidence, who: str, verdict: Remarks) -> None:
    """A 401 has a SCIM error in JSON as its body."""
    exchange = _refused(onlookers, f"{who}_list", discovery)
    if not exchange.answered.body.strip():
        verdict.warn("the 401 has no body; perhaps a gateway answers in front of the tenant")
        return
    assert exchange.resource.get("schemas") == [ERROR]
    assert str(exchange.resource.get("status")) == "401"


@for_types("User")
@requirement("RFC7644-2.2-01")
def test_anonymous_requests_are_noted(
    onlookers: Evidence, strangers: Evidence, discovery: Evidence, verdict: Remarks
) -> None:
    """A provider may accept anonymous requests."""
    evidence = {"list": onlookers, **dict.fromkeys(_QUESTIONS, strangers)}
    accepted = [question for question, e in evidence.items() if _stranger(e, f"anonymous_{question}", discovery).ok]
    if accepted:
        verdict.note(f"the tenant accepts these requests for a user without credentials: {', '.join(accepted)}")


@for_types("User")
@requirement("RFC7644-7.6-01")
def test_anonymous_creates_are_limited(strangers: Evidence, discovery: Evidence, verdict: Remarks) -> None:
    """A provider that accepts anonymous creates may store the new users as inactive."""
    exchange = _stranger(strangers, "anonymous_create", discovery)
    if not exchange.ok:
        verdict.not_applicable("the tenant creates no user without credentials")
    verdict.note(f"a user created without credentials has active {lookup(exchange.resource, 'active')}")


@requirement("RFC7644-7.2-01", "RFC7642-4-01", "RFC7644-7.4-03")
def test_transport_is_secured(discovery: Evidence) -> None:
    """A deployed tenant is reached over TLS."""
    url = urlsplit(discovery.config.request.url)
    if _is_local(url.hostname or ""):
        raise NotApplicable("the tenant runs on this machine or in a private network")
    assert url.scheme == "https"


@requirement("RFC7644-7.2-02")
def test_tls_1_2_is_accepted(handshakes: Evidence) -> None:
    """A client that speaks TLS 1.2 can connect."""
    shaken = asked(handshakes, "TLS 1.2", _NO_HANDSHAKE)
    if not shaken.ok and not any(exchange.ok for exchange in handshakes):
        raise Blocked(f"no version of TLS leads to the host from here: {shaken.error}", shaken)
    assert shaken.ok, f"a connection with TLS 1.2 fails: {shaken.error}"


@requirement("RFC7644-7.2-03")
@pytest.mark.parametrize("version", ["TLS 1.0", "TLS 1.1"])
def test_old_tls_is_refused(handshakes: Evidence, version: str) -> None:
    """A client that speaks no version of TLS newer than 1.1 cannot connect."""
    assert not asked(handshakes, version, _NO_HANDSHAKE).ok, f"a connection with {version} succeeds"


def _password(bound: BoundAttribute) -> bool:
    return bound.attribute.name == "password" and bound.parent is None and not bound.urn


_ANSWERS = {
    "created": "RFC7643-4.1.1-26",
    "fetched": "RFC7643-4.1.1-27",
    "listed": "RFC7643-4.1.1-28",
    "searched": "RFC7643-4.1.1-28",
    "asked": "RFC7643-4.1.1-29",
    "replaced": "RFC7643-4.1.1-30",
    "replaced_without": "RFC7643-4.1.1-30",
    "patched": "RFC7643-4.1.1-31",
}


@for_types("User")
@for_attributes(_password)
@pytest.mark.parametrize("name", list(_ANSWERS))
@requirement(lambda name: _ANSWERS[name])
def test_password_is_in_no_answer(secret: Evidence, attribute: BoundAttribute, name: str) -> None:
    """The password is absent, clear or hashed, from every kind of answer."""
    exchange = asked(secret, name, _NO_CHANGE)
    if name in {"listed", "searched"} and not listed(exchange).found:
        raise NotApplicable("the query did not find the user, which another check judges")
    content = done(exchange).answered.body
    writes = [n for n in ("created", "replaced") if n in secret]
    sent = [n for n in writes if _sent_password(secret, n, attribute) in content]
    assert sent == [], "the answer contains the password in clear"
    if content.strip():
        resources = exchange.resources if name in {"listed", "searched"} else [exchange.resource]
        assert [r for r in resources if any(k.lower() == attribute.name for k in r)] == []


@for_types("User")
@for_attributes(_password)
@requirement("RFC7643-4.1.1-34")
def test_create_with_a_password_is_accepted(secret: Evidence, created: Evidence, attribute: BoundAttribute) -> None:
    """A POST of a User that contains a password is accepted."""
    done(created.created)
    assert secret.created.status in SUCCESS, f"a create with {attribute.name}"


@for_types("User")
@for_attributes(_password)
@pytest.mark.parametrize("name", ["replaced", "patched"])
@requirement("RFC7643-4.1.1-35", "RFC7644-3.5.1-05")
def test_password_can_be_changed(secret: Evidence, attribute: BoundAttribute, name: str) -> None:
    """Where changePassword is supported, a PUT or PATCH that sets the password is accepted."""
    assert offered(asked(secret, name, _NO_CHANGE)).status in SUCCESS, f"a change of {attribute.name}"


@for_types("User")
@for_attributes(_password)
@requirement("RFC7643-4.1.1-36")
def test_password_policy_is_noted(secret: Evidence, attribute: BoundAttribute, verdict: Remarks) -> None:
    """A password set by a client is checked against the provider's password policy."""
    accepted = "accepts" if secret.weak.ok else "refuses"
    verdict.note(f"the tenant {accepted} a user whose {attribute.name} is a single letter")


@for_types("User")
@for_attributes(_password)
@requirement("RFC7643-4.1.1-27")
def test_password_cannot_be_guessed_by_filters(secret: Evidence, attribute: BoundAttribute) -> None:
    """A filter on the beginning of the password finds nobody."""
    user = done(secret.created).resource.get("id")
    revealed = listed(secret.guessed).found - listed(secret.guessed_wrongly).found
    assert user not in revealed, f"a filter reveals how the {attribute.name} begins"


@for_types("User")
@for_attributes(_password)
@requirement("RFC7644-7.5.2-01")
def test_filter_on_a_password_is_refused(secret: Evidence, attribute: BoundAttribute, verdict: Remarks) -> None:
    """A GET whose filter holds sensitive information answers 403."""
    if secret.compared.status != 403:
        verdict.note(f"a filter on {attribute.name} answers {secret.compared.status}, where 403 is advised")


@for_types("User")
@for_attributes(_password)
@requirement("RFC7644-7.5.2-02", "RFC7644-3.12-40")
def test_refusal_of_a_sensitive_filter_is_noted(secret: Evidence, attribute: BoundAttribute, verdict: Remarks) -> None:
    """The 403 to a sensitive filter may carry scimType sensitive."""
    if secret.compared.status != 403:
        verdict.not_applicable(f"the tenant does not refuse a filter on {attribute.name} with 403")
    verdict.note(f"the 403 to a sensitive filter has scimType {secret.compared.resource.get('scimType')}")


@for_types("User")
@for_attributes(_password)
@requirement("RFC7644-3.12-43")
def test_errors_reveal_no_password(secret: Evidence, attribute: BoundAttribute) -> None:
    """The refusal of a create does not repeat the password that was in it."""
    if not secret.refused.refused:
        raise NotApplicable("a second create with the same values was not refused, which another check judges")
    password = _sent_password(secret, "created", attribute)
    assert password not in secret.refused.answered.body, "the error contains the password"


@requirement("RFC7644-3.12-43")
def test_errors_reveal_no_token(mistakes: Evidence) -> None:
    """Error bodies do not contain the access token."""
    telling = [e.name for e in mistakes if not e.ok and e.response and REDACTED in e.answered.body]
    assert telling == [], "these errors contain the credentials of the request"


@requirement("RFC7644-3.12-43")
def test_errors_reveal_no_stack_trace(mistakes: Evidence) -> None:
    """Error bodies contain no stack trace."""
    telling = [e.name for e in mistakes if not e.ok and e.response and _STACK_TRACE.search(e.answered.body)]
    assert telling == [], "these errors contain a stack trace"


@requirement("RFC7644-7.7-01", "RFC7643-9.2-02")
def test_injection_stays_plain_text(injected: Evidence, resource_type: ResourceType) -> None:
    """A text that means something to databases, pages and templates is refused, or kept sign by sign."""
    if injected.created.refused:
        return
    text = choose.text(resource_type)
    given = lookup(injected.created.request.json, text.name)
    assert kept_as(text, given, kept(lookup(done(injected.fetched).resource, text.name), text.name)) == given


@requirement("RFC7644-7.7-01", "RFC7643-9.2-02")
def test_injection_in_a_filter_finds_nobody(injected: Evidence) -> None:
    """A filter whose value contains database syntax finds nobody."""
    query = listed(asked(injected, "tautology", "the tenant offers no filters, or nothing to filter by"))
    assert query.found == set()


def _stranger(evidence: Evidence, name: str, discovery: Evidence) -> Exchange:
    if "authorization" not in {key.lower() for key, _ in discovery.config.request.headers}:
        raise NotApplicable("the run sends no Authorization header that could be left out")
    return evidence[name]


def _needs_credentials(evidence: Evidence, question: str, discovery: Evidence) -> None:
    if _stranger(evidence, f"anonymous_{question}", discovery).ok:
        raise NotApplicable("the tenant accepts this request without any credentials")


def _refused(evidence: Evidence, name: str, discovery: Evidence) -> Exchange:
    exchange = _stranger(evidence, name, discovery)
    if exchange.status != 401:
        raise NotApplicable("the status is not 401, which another check judges")
    return exchange


def _sent_password(secret: Evidence, name: str, attribute: BoundAttribute) -> str:
    return str(lookup(secret[name].request.json, attribute.name))


def _is_local(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".localhost", ".internal", ".test"))
    return address.is_private or address.is_loopback
