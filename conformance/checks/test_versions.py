"""The version segment of the Tenant URL: another one, or none (RFC 7644 §3.13, RFC 7643 §2.4)."""

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS, asked, body, done
from conformance.checks.selection import scim_type
from conformance.probes.evidence import Evidence
from conformance.probes.query import lists
from conformance.spec.paths import lookup
from conformance.tenant.exchange import Exchange

_NO_VERSION = "the Tenant URL does not end in a version segment"
_NO_REFERENCE = "the Tenant URL has no version segment, or the tenant serves no $ref of members"


def _asked(discovery_parts: Evidence, versions: Evidence, name: str) -> Exchange:
    """Return the answer to a query which the tenant, asked in its own version, carries out."""
    answer = asked(versions, name, _NO_VERSION)
    done(discovery_parts["endpoint:User"])
    return answer


@for_types("User")
@requirement("RFC7644-3.13-03")
def test_unknown_version_is_not_served(discovery_parts: Evidence, versions: Evidence) -> None:
    """A request for a version that the tenant does not speak is not answered in another one."""
    assert not lists(_asked(discovery_parts, versions, "unknown")), "a query in version 99 is answered with a list"


@for_types("User")
@requirement("RFC7644-3.12-39")
def test_unknown_version_answers_400(discovery_parts: Evidence, versions: Evidence) -> None:
    """A request for a version that the tenant does not speak is refused with 400 and scimType invalidVers."""
    answer = _asked(discovery_parts, versions, "unknown")
    assert answer.status == 400
    assert scim_type(answer) == "invalidVers"


@for_types("User")
@requirement("RFC7644-3.13-04")
def test_no_version_is_the_newest(discovery_parts: Evidence, versions: Evidence) -> None:
    """A request without a version segment is carried out."""
    assert _asked(discovery_parts, versions, "without").ok


@for_types("Group")
@requirement("RFC7643-2.4-09")
def test_reference_needs_no_version(versionless_reference: Evidence) -> None:
    """A $ref without the version segment leads to the same member as one with it."""
    members = lookup(body(asked(versionless_reference, "as written", _NO_REFERENCE)), "members.value")
    versionless = asked(versionless_reference, "versionless", _NO_REFERENCE)
    assert versionless.status in SUCCESS
    assert lookup(body(versionless), "members.value") == members
