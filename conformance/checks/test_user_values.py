"""What RFC 7643 §4.1 says in words about values of a User's attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.checks.bound import changeable, stored
from conformance.checks.declare import for_attributes, for_types, requirement
from conformance.checks.given import SUCCESS, done
from conformance.checks.values import as_sent, refused_alone, representations, sent, single_values
from conformance.probes.evidence import Blocked
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute

_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+")
_CLAUSES_OF_TYPES = {"ims.type": ("RFC7643-4.1.2-07",), "photos.type": ("RFC7643-4.1.2-09",)}
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def about(*paths: str) -> Callable[..., Any]:
    """Run a check for these attributes of a User, as far as the tenant serves them."""

    def mark(check: Callable[..., None]) -> Callable[..., None]:
        chosen: pytest.MarkDecorator = for_attributes(lambda bound: bound.urn is None and bound.path in paths)
        marked: Callable[..., None] = for_types("User")(chosen(check))
        return marked

    return mark


def _came(evidence: Evidence, bound: BoundAttribute) -> list[Any]:
    """Return what is read of an attribute that was sent. Raises Blocked where the tenant does not keep it."""
    sent(evidence, "created", bound)
    found = single_values(evidence.fetched.resource, bound)
    if not found:
        raise Blocked(f"the tenant does not keep {bound.path}", evidence.fetched)
    return found


def _taken(evidence: Evidence, bound: BoundAttribute) -> list[Any]:
    """Return what is read of an attribute whose value a tenant is to take. Raises AssertionError where it refused."""
    refusal = refused_alone(evidence, "created", bound)
    if refusal:
        raise AssertionError(f"the tenant refuses {single_values(refusal.request.json, bound)} for {bound.path}")
    return _came(evidence, bound)


@requirement("RFC7643-4.1.1-12")
@about("name")
def test_a_name_comes_as_formatted_or_in_components(
    attribute: BoundAttribute, user_values: Evidence, verdict: Remarks
) -> None:
    """A name that was sent in components is returned as components, as formatted text, or as both."""
    sent(user_values, "created", attribute)
    name = lookup(user_values.fetched.resource, attribute.path)
    shown = [key for key in ("formatted", "givenName", "familyName") if lookup(name, key)]
    assert shown != [], "nothing of the name is returned"
    if "formatted" in shown:
        verdict.note(f"the tenant returns {', '.join(shown)} where only components were sent")


@requirement("RFC7643-4.1.1-13")
@about("name.formatted")
def test_a_formatted_name_agrees_with_its_components(
    attribute: BoundAttribute, user_values: Evidence, verdict: Remarks
) -> None:
    """A formatted name that the tenant makes holds the components from which it is made."""
    formatted = lookup(user_values.fetched.resource, attribute.path)
    if not formatted:
        verdict.not_applicable("the tenant does not make a formatted name")
    for component in ("givenName", "familyName"):
        assert str(lookup(user_values.fetched.resource, f"name.{component}") or "") in str(formatted)


@requirement("RFC7643-4.1.1-16")
@about("nickName")
def test_a_nick_name_is_not_the_user_name(attribute: BoundAttribute, user_values: Evidence) -> None:
    """A User created without nickName is not given its userName for one."""
    user = user_values.fetched.resource
    given = single_values(user, attribute)
    assert user.get("userName") not in given


@requirement("RFC7643-4.1.1-19")
@about("userType")
def test_any_user_type_is_kept(attribute: BoundAttribute, user_values: Evidence, verdict: Remarks) -> None:
    """A userType that is none of the RFC's examples is kept."""
    if attribute.attribute.canonical_values:
        verdict.not_applicable("the tenant's schema suggests values for userType")
    came = _taken(user_values, attribute)
    given = sent(user_values, "created", attribute)
    assert as_sent(attribute, given, came) == given


@requirement("RFC7643-4.1.1-20")
@about("preferredLanguage")
def test_preferred_languages_are_kept_as_accept_language(attribute: BoundAttribute, user_values: Evidence) -> None:
    """A preferredLanguage in the form of an Accept-Language header, weights included, is kept."""
    assert _taken(user_values, attribute) == sent(user_values, "created", attribute)


@requirement("RFC7643-4.1.1-21")
@about("locale")
def test_a_locale_is_a_language_tag(attribute: BoundAttribute, attribute_values: Evidence) -> None:
    """A locale sent as a language tag is returned as one, with hyphens."""
    for locale in _came(attribute_values, attribute):
        assert _LANGUAGE_TAG.fullmatch(str(locale)) is not None, f"{locale!r} is no language tag such as en-US"


@requirement("RFC7643-4.1.1-22")
@about("locale")
def test_a_locale_may_have_underscores(attribute: BoundAttribute, unusual_values: Evidence, verdict: Remarks) -> None:
    """A locale whose parts are separated by an underscore is accepted."""
    _report_unusual(attribute, unusual_values, verdict, "a locale with an underscore")


@requirement("RFC7643-4.1.1-24")
@about("active")
def test_a_user_is_deactivated_and_activated(
    attribute: BoundAttribute, user_values: Evidence, verdict: Remarks
) -> None:
    """A User created with active false is inactive, and active again once a replace says so."""
    if not changeable(attribute):
        verdict.not_applicable(f"clients cannot set {attribute.path} here, by the tenant's schema")
    assert _came(user_values, attribute) == [False]
    done(user_values.activated)
    assert lookup(user_values.active.resource, "active") is True


@requirement("RFC7643-4.1.1-25")
@about("active")
def test_an_inactive_user_stays_visible(attribute: BoundAttribute, user_values: Evidence, verdict: Remarks) -> None:
    """A User with active false can be read and is found in queries."""
    if not changeable(attribute):
        verdict.not_applicable(f"clients cannot set {attribute.path} here, by the tenant's schema")
    assert user_values.fetched.status in SUCCESS
    if _came(user_values, attribute) != [False]:
        raise Blocked("the tenant does not keep active=false", user_values.fetched)
    if user_values.listed.refused:
        verdict.not_applicable(f"the tenant refuses to filter by userName with {user_values.listed.status}")
    assert user_values.fetched.resource.get("id") in user_values.listed.found


@requirement("RFC7643-4.1.2-01")
@about("emails.value")
def test_email_values_are_mailboxes(attribute: BoundAttribute, attribute_values: Evidence, verdict: Remarks) -> None:
    """E-mail addresses are returned in the form of a mailbox."""
    found = [v for r in representations(attribute_values) for v in single_values(r, attribute)]
    if not found:
        verdict.not_applicable("no answer of the tenant holds an e-mail address")
    assert [value for value in found if not _MAILBOX.fullmatch(str(value))] == []


@requirement("RFC7643-4.1.2-02")
@about("emails.value")
def test_the_domain_of_an_email_is_lower_case(attribute: BoundAttribute, user_values: Evidence) -> None:
    """The domain of an e-mail address that was sent in upper case is returned in lower case."""
    domains = [str(value).rpartition("@")[2] for value in _came(user_values, attribute)]
    assert domains == [domain.lower() for domain in domains]


@requirement("RFC7643-4.1.2-04")
@about("phoneNumbers.value")
def test_phone_numbers_in_uri_form_are_accepted(attribute: BoundAttribute, user_values: Evidence) -> None:
    """A phone number in the form tel:+1-201-555-0123 is accepted and keeps its digits."""
    came = _taken(user_values, attribute)
    given = sent(user_values, "created", attribute)
    assert as_sent(attribute, given, came) == given


@requirement("RFC7643-4.1.2-06")
@about("ims.value")
def test_messaging_addresses_are_canonical(attribute: BoundAttribute, user_values: Evidence, verdict: Remarks) -> None:
    """An instant messaging address is returned in lower case and without white space, where the service allows it."""
    changed = [value for value in _came(user_values, attribute) if value != "".join(str(value).split()).lower()]
    if changed:
        verdict.note(f"the tenant returns {changed[0]!r} without bringing it to canonical form")


@requirement("RFC7643-4.1.2-07")
@about("ims.type")
def test_the_messaging_services_of_the_rfc_are_accepted(attribute: BoundAttribute, unusual_values: Evidence) -> None:
    """The instant messaging type “other”, which the text names beside the printed eight, is accepted."""
    assert _taken(unusual_values, attribute) == ["other"]


@requirement("RFC7643-4.1.2-03")
@about("emails.type")
def test_other_email_types_are_taken(attribute: BoundAttribute, unusual_values: Evidence, verdict: Remarks) -> None:
    """An e-mail type beyond work, home and other is taken."""
    _report_unusual(attribute, unusual_values, verdict, "the e-mail type “billing”")


@requirement("RFC7643-4.1.2-05")
@about("phoneNumbers.type")
def test_other_phone_types_are_taken(attribute: BoundAttribute, unusual_values: Evidence, verdict: Remarks) -> None:
    """A phone type beyond those of the RFC is taken."""
    _report_unusual(attribute, unusual_values, verdict, "the phone type “satellite”")


@requirement("RFC7643-2.3.1-02", "RFC7643-7-18")
@about("emails.type", "phoneNumbers.type")
def test_values_beyond_the_suggested_ones_are_taken(
    attribute: BoundAttribute, unusual_values: Evidence, verdict: Remarks
) -> None:
    """A value outside the canonicalValues of the served schema is accepted and kept."""
    if not attribute.attribute.canonical_values:
        verdict.not_applicable("the tenant's schema suggests no values for it")
    _report_unusual(attribute, unusual_values, verdict, f"a value outside the canonicalValues of {attribute.path}")


@requirement(lambda attribute: [*_CLAUSES_OF_TYPES.get(attribute.path, ()), "RFC7643-2.3.1-02"])
@for_attributes(lambda b: b.parent is not None and b.parent.multi_valued and b.attribute.name == "type" and stored(b)
                and bool(b.attribute.canonical_values) and not b.parent.sub("$ref"))  # fmt: skip
def test_each_suggested_value_is_kept(attribute: BoundAttribute, canonical_values: Evidence) -> None:
    """Every value that the served schema suggests is accepted and returned."""
    came = _taken(canonical_values, attribute)
    given = sent(canonical_values, "created", attribute)
    assert as_sent(attribute, given, came) == given


@requirement("RFC7643-4.1.2-11")
@about("addresses.formatted")
def test_addresses_keep_their_lines(attribute: BoundAttribute, user_values: Evidence, verdict: Remarks) -> None:
    """A formatted address with a line break is accepted and returned with it."""
    if "\n" not in str(_came(user_values, attribute)[0]):
        verdict.note("the tenant does not keep the line break")


@requirement("RFC7643-4.1.2-12")
@about("addresses.country")
def test_a_country_is_its_two_letter_code(attribute: BoundAttribute, user_values: Evidence) -> None:
    """The country US is returned as US."""
    assert [str(country).upper() for country in _came(user_values, attribute)] == ["US"]


@requirement(lambda attribute: "RFC7643-4.1.2-22" if attribute.path.startswith("ent") else "RFC7643-4.1.2-23")
@about("entitlements.value", "roles.value")
def test_free_texts_are_taken(attribute: BoundAttribute, user_values: Evidence) -> None:
    """A free text without a type is taken and returned as sent."""
    came = _taken(user_values, attribute)
    given = sent(user_values, "created", attribute)
    assert as_sent(attribute, given, came) == given


def _report_unusual(bound: BoundAttribute, evidence: Evidence, verdict: Remarks, what: str) -> None:
    refusal = refused_alone(evidence, "created", bound)
    if refusal:
        assert refusal.status < 500, f"the tenant fails on {what}"
        verdict.note(f"the tenant refuses {what} with {refusal.status}")
        return
    given = sent(evidence, "created", bound)
    came = single_values(evidence.fetched.resource, bound)
    verdict.note(f"the tenant {'keeps' if as_sent(bound, given, came) == given else 'does not keep'} {what}")
