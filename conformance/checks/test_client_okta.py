"""What Okta and OneLogin need of a tenant's users, beyond the RFCs: bound by the profile of each client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS, done
from conformance.checks.patching import state

if TYPE_CHECKING:
    from conformance.probes.evidence import Evidence

pytestmark = for_types("User")


@requirement("OKTA-01")
def test_okta_creates_with_a_password(okta_user: Evidence) -> None:
    """A create with a password and empty groups is answered with the user, without the password."""
    created = okta_user.created
    assert created.status in SUCCESS
    assert created.resource.get("userName") == created.request.json["userName"]
    assert "password" not in created.resource


@requirement("OKTA-05")
def test_okta_finds_the_deactivated_user(okta_user: Evidence) -> None:
    """After a replace without path of active, the user is found by userName and is inactive."""
    assert state(okta_user, "deactivated").get("active") is False
    assert [user.get("active") for user in okta_user.inactive.resources] == [False]


@requirement("OKTA-06")
def test_okta_looks_up_before_it_creates(okta_user: Evidence) -> None:
    """A look-up by userName with startIndex and count finds exactly that user, and nobody before it exists."""
    nobody = okta_user.nobody
    assert nobody.status in (200, 404)
    assert nobody.status == 404 or nobody.resources == []
    assert okta_user.found.found == {str(done(okta_user.created).resource.get("id"))}


@requirement("OKTA-07")
def test_okta_puts_back_what_it_read(okta_user: Evidence) -> None:
    """A user that was read and put back with another displayName has that name afterwards."""
    put = okta_user.put_back
    assert put.status in SUCCESS
    assert done(okta_user["put_back read"]).resource.get("displayName") == put.request.json["displayName"]


@requirement("ONELOGIN-01")
def test_onelogin_creates_from_texts(onelogin_user: Evidence) -> None:
    """A create whose id is null and whose active is a text is accepted, and the user is active."""
    assert onelogin_user.created.status in SUCCESS
    assert onelogin_user.created.resource.get("active") in (True, None)
