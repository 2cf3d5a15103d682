"""Versions of resources and requests under conditions (RFC 7644 §3.14; RFC 7643 §3.1, meta.version)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import requirement
from conformance.checks.given import SUCCESS, asked, body, done, listed
from conformance.checks.verdict import NotApplicable
from conformance.probes.etag import tag_of, wrote
from conformance.probes.evidence import Blocked
from conformance.spec.etag import opaque
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

_CURRENT = {"PUT": "RFC7644-3.14-13", "PATCH": "RFC7644-3.14-15", "DELETE": "RFC7644-3.14-18"}
_OUTDATED = {"PUT": "RFC7644-3.14-14", "PATCH": "RFC7644-3.14-16", "DELETE": "RFC7644-3.14-17"}
_NO_PATCH = "the tenant declares PATCH unsupported"
_NO_FILTER = "the tenant declares filter unsupported, so the list cannot be kept short"
_methods = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
_changes = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def _header(exchange: Exchange) -> str:
    """Return the ETag header of an answer. Raises NotApplicable where there is none, which another check judges."""
    tag = done(exchange).header("etag")
    if not tag:
        raise NotApplicable("the answer has no ETag header, which another check judges")
    return tag


def _version(exchange: Exchange) -> str:
    """Return meta.version of an answer. Raises NotApplicable where there is none, which another check judges."""
    version = lookup(body(exchange), "meta.version")
    if version is None:
        raise NotApplicable("the answer has no meta.version, which another check judges")
    return str(version)


def _in_list(versioned: Evidence) -> Exchange:
    """Return the list that holds the resource alone. Raises NotApplicable where the tenant finds anything else."""
    exchange = done(listed(asked(versioned, "listed", _NO_FILTER)))
    if len(exchange.resources) != 1:
        raise NotApplicable("the filter did not find the one resource, which another check judges")
    return exchange


def _before(conditional: Evidence) -> Exchange:
    """Return the answer that showed the version of the new resource: that to the create, or else to a read."""
    return conditional["fetched" if "fetched" in conditional else "created"]


def _outdated(conditional: Evidence, name: str) -> Exchange:
    """Return a request with an outdated version. Raises Blocked where the change has brought no other version."""
    exchange = asked(conditional, name, _NO_PATCH)
    if tag_of(_before(conditional)) == tag_of(conditional.current):
        raise Blocked("the version did not change with the resource, so no version is outdated", conditional.current)
    return exchange


# Where versions stand


@requirement("RFC7644-3.14-01")
def test_kind_of_entity_tags(versioned: Evidence, verdict: Remarks) -> None:
    """Entity-tags may be weak or strong."""
    verdict.note(f"the tenant uses {'weak' if _header(versioned.fetched).startswith('W/') else 'strong'} entity-tags")


@requirement("RFC7644-3.14-02")
@pytest.mark.parametrize("answer", ["created", "fetched", "projected"])
def test_answer_with_a_resource_has_an_etag(versioned: Evidence, answer: str) -> None:
    """The answer to a create and to a read has the ETag header."""
    assert done(versioned[answer]).header("etag"), "the answer has no ETag header"


@requirement("RFC7644-3.14-02")
@_changes
def test_answer_to_a_change_has_an_etag(conditional: Evidence, method: str) -> None:
    """An answer to PUT or PATCH that holds the resource has the ETag header."""
    changed = asked(conditional, "changed", _NO_PATCH)
    body(changed)
    assert changed.header("etag"), f"the answer to the {method} has no ETag header"


@requirement("RFC7644-3.14-03")
def test_resource_that_is_read_has_its_version(versioned: Evidence) -> None:
    """A resource that is read has its entity-tag in meta.version."""
    assert lookup(done(versioned.fetched).resource, "meta.version"), "the resource has no meta.version"


@requirement("RFC7644-3.14-03")
def test_resource_in_a_list_has_its_version(versioned: Evidence) -> None:
    """A resource in a list has in meta.version the entity-tag that a read of it has."""
    tag = _header(versioned.fetched)
    if _header(versioned.fetched_again) != tag:
        raise Blocked("the version changes although the resource does not", versioned.fetched_again)
    assert lookup(_in_list(versioned).resources[0], "meta.version") == tag


@requirement("RFC7644-3.14-04")
def test_create_tells_the_version_twice(versioned: Evidence) -> None:
    """The answer to a create has the entity-tag in the ETag header and in meta.version."""
    assert done(versioned.created).header("etag"), "the answer to the create has no ETag header"
    assert lookup(body(versioned.created), "meta.version"), "the answer to the create has no meta.version"


@requirement("RFC7643-3.1-31")
@pytest.mark.parametrize("answer", ["created", "fetched"])
def test_version_is_the_entity_tag(versioned: Evidence, answer: str) -> None:
    """In the answer to a create and to a read, meta.version is the text of the ETag header."""
    assert _version(versioned[answer]) == _header(versioned[answer])


@requirement("RFC7643-3.1-31")
@_changes
def test_version_after_a_change_is_the_entity_tag(conditional: Evidence, method: str) -> None:
    """In the answer to PUT and PATCH, meta.version is the text of the ETag header."""
    changed = asked(conditional, "changed", _NO_PATCH)
    assert _version(changed) == _header(changed), f"the answer to the {method} names two versions"


@requirement("RFC7644-3.14-06")
@pytest.mark.parametrize("answer", ["created", "fetched"])
def test_entity_tag_is_well_formed(versioned: Evidence, answer: str) -> None:
    """The ETag header is a text in double quotes, after W/ where it is weak."""
    tag = _header(versioned[answer])
    assert opaque(tag) is not None, f'ETag is {tag}, neither "…" nor W/"…"'


@requirement("RFC7643-3.1-33")
def test_version_is_well_formed(versioned: Evidence) -> None:
    """A meta.version is a text in double quotes, after W/ where it is weak."""
    version = _version(versioned.fetched)
    assert opaque(version) is not None, f'meta.version is {version}, neither "…" nor W/"…"'


# When versions change


@requirement("RFC7644-3.14-07")
@pytest.mark.parametrize("answer", ["created", "fetched_again"])
def test_entity_tag_stays_with_an_unchanged_resource(versioned: Evidence, answer: str) -> None:
    """The answer to a create and every read of the new resource have the same entity-tag."""
    assert _header(versioned[answer]) == _header(versioned.fetched)


@requirement("RFC7644-3.14-07")
def test_entity_tag_is_that_of_the_whole_resource(versioned: Evidence, verdict: Remarks) -> None:
    """A read with attributes has the entity-tag that the whole resource has."""
    if _header(versioned.projected) != _header(versioned.fetched):
        # HTTP lets each representation have a tag; SCIM's example asks for a part by the tag of the whole.
        verdict.warn("a part of the resource has a version of its own, which fits no other request")


@requirement("RFC7644-3.14-05")
@pytest.mark.parametrize("method", ["PUT"])
def test_replace_answers_with_the_new_entity_tag(conditional: Evidence, method: str) -> None:
    """The answer to a PUT that changes the resource has the entity-tag that a read then has."""
    assert _header(conditional.changed) == _header(conditional.current), f"the {method} names another version"


@requirement("RFC7644-3.14-08")
@_changes
def test_entity_tag_changes_with_the_resource(conditional: Evidence, method: str) -> None:
    """After PUT or PATCH has changed the resource, a read has another entity-tag than before."""
    done(asked(conditional, "changed", _NO_PATCH))
    assert _header(conditional.current) != _header(_before(conditional)), f"the {method} left the version as it was"


# If-None-Match


@requirement("RFC7644-3.14-09")
def test_unchanged_resource_is_not_sent_again(versioned: Evidence, verdict: Remarks) -> None:
    """A GET with the current entity-tag in If-None-Match is answered with 304, which repeats the tag."""
    assert versioned.unchanged.status == 304
    if not versioned.unchanged.header("etag"):
        verdict.warn("the 304 has no ETag header, though the 200 in its place has one (RFC 9110 §15.4.5)")


@requirement("RFC7644-3.14-09")
def test_any_of_several_entity_tags_counts(versioned: Evidence) -> None:
    """A GET whose If-None-Match lists the current entity-tag after another one is answered with 304."""
    if versioned.unchanged.status != 304:
        raise Blocked("the tenant does not answer 304 to the entity-tag alone", versioned.unchanged)
    assert versioned.one_of_several.status == 304


@requirement("RFC7644-3.14-10")
def test_304_has_no_body(versioned: Evidence) -> None:
    """A 304 has no body."""
    if versioned.unchanged.status != 304:
        raise Blocked("the tenant does not answer 304, which another check judges", versioned.unchanged)
    assert versioned.unchanged.answered.body == ""


@requirement("RFC7644-3.14-12")
def test_weak_entity_tag_matches(versioned: Evidence) -> None:
    """If-None-Match compares weakly: the tag with W/ in front, as given out or put there on the way, brings a 304."""
    _header(versioned.fetched)
    weak = versioned["weakened" if "weakened" in versioned else "unchanged"]
    assert weak.status == 304


@requirement("RFC7644-3.14-11")
@_changes
def test_changed_resource_is_sent_again(
    conditional: Evidence, resource_type: ResourceType, method: str, verdict: Remarks
) -> None:
    """A GET with an outdated entity-tag in If-None-Match is answered with 200 and the current resource."""
    reread = _outdated(conditional, "reread")
    assert reread.status in SUCCESS
    if not wrote(conditional.current, resource_type, "changed"):
        verdict.not_applicable(f"the tenant does not show what the {method} changed, which another check judges")
    assert wrote(reread, resource_type, "changed"), f"the resource is not as it was after the {method}"


# If-Match


@requirement(lambda method: _CURRENT[method])
@_methods
def test_write_with_the_current_entity_tag_succeeds(conditional: Evidence, method: str) -> None:
    """A PUT, PATCH or DELETE with the current entity-tag in If-Match succeeds."""
    matching = asked(conditional, "matching", _NO_PATCH)
    assert matching.status in SUCCESS, f"the {method} was refused"


@requirement(_CURRENT["DELETE"])
@pytest.mark.parametrize("method", ["DELETE"])
def test_delete_with_the_current_entity_tag_takes_effect(conditional: Evidence, method: str) -> None:
    """A resource deleted with its current entity-tag in If-Match is gone."""
    done(conditional.matching)
    assert not conditional.after.ok, f"the resource is still there after the {method}"


@requirement(lambda method: _CURRENT[method])
@_changes
def test_write_with_several_entity_tags_succeeds(conditional: Evidence, method: str) -> None:
    """A PUT or PATCH whose If-Match lists the current entity-tag after another one succeeds."""
    done(asked(conditional, "matching", _NO_PATCH))
    assert conditional.one_of_several.status in SUCCESS, f"the {method} was refused"


@requirement(lambda method: _OUTDATED[method])
@_methods
def test_write_with_an_outdated_entity_tag_fails(conditional: Evidence, method: str, verdict: Remarks) -> None:
    """A PUT, PATCH or DELETE with an outdated entity-tag in If-Match answers 412."""
    outdated = _outdated(conditional, "outdated")
    assert not outdated.ok, f"the {method} was carried out"
    if outdated.status == 409:
        verdict.warn("the tenant answers 409, where HTTP has 412 Precondition Failed")
    else:
        assert outdated.status == 412


@requirement(lambda method: _OUTDATED[method])
@_methods
def test_write_with_an_outdated_entity_tag_has_no_effect(
    conditional: Evidence, resource_type: ResourceType, method: str
) -> None:
    """A PUT, PATCH or DELETE with an outdated entity-tag in If-Match leaves the resource as it was."""
    _outdated(conditional, "outdated")
    assert conditional.untouched.status in SUCCESS, f"the resource is gone after the {method}"
    assert not wrote(conditional.untouched, resource_type, "outdated"), f"the {method} was carried out"


@requirement("RFC7643-3.1-32")
@_changes
def test_entity_tags_are_case_exact(conditional: Evidence, method: str) -> None:
    """An If-Match with the current entity-tag in another letter case does not match."""
    if _outdated(conditional, "outdated").ok:
        raise Blocked(f"the tenant ignores If-Match of a {method}, which another check judges", conditional.outdated)
    assert asked(conditional, "recased", "the tenant's entity-tags have no letters").refused, f"the {method} succeeded"


@requirement("RFC7644-3.14-19")
@_changes
def test_asterisk_matches_whatever_there_is(conditional: Evidence, method: str) -> None:
    """A PUT or PATCH with If-Match: * to a resource that exists succeeds."""
    asked(conditional, "matching", _NO_PATCH)
    assert conditional.any.status in SUCCESS, f"the {method} was refused"


@requirement("RFC7644-3.14-20")
@_changes
@pytest.mark.parametrize("write", ["changed", "plain"])
def test_if_match_is_not_demanded(conditional: Evidence, method: str, write: str) -> None:
    """A PUT or PATCH without If-Match is accepted, before one with it and after."""
    status = asked(conditional, write, _NO_PATCH).status
    assert status not in {409, 412, 428}, f"the tenant demands a condition of the {method}"
