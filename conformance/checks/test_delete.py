"""Deleting resources (RFC 7644 §3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import requirement
from conformance.checks.given import SUCCESS, asked, done, listed, offered
from conformance.spec.messages import ERROR
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence

_NO_GROUPS = "the tenant does not serve both User and Group"
_NO_PATCH = "the tenant does not offer PATCH"
_METHODS = {
    "get": "RFC7644-3.6-01",
    "put": "RFC7644-3.6-02",
    "patch": "RFC7644-3.6-03",
    "delete_again": "RFC7644-3.6-04",
}
_QUERIES = {"listed": "RFC7644-3.6-05", "found": "RFC7644-3.6-06", "searched": "RFC7644-3.6-07"}
_NO_NAME = "the resource type has no attribute by which to look for a resource"


@requirement("RFC7644-3.6-09")
def test_delete_answers_204(deleted: Evidence) -> None:
    """A DELETE answers 204."""
    assert deleted.deleted.status == 204


@requirement("RFC7644-3.6-10")
def test_delete_returns_no_body(deleted: Evidence) -> None:
    """The answer to a DELETE has no body."""
    assert done(deleted.deleted).answered.body == ""


@pytest.mark.parametrize("method", list(_METHODS))
@requirement(lambda method: _METHODS[method])
def test_deleted_resource_answers_404(deleted: Evidence, method: str) -> None:
    """GET, PUT, PATCH and DELETE of a deleted resource answer 404."""
    done(deleted.deleted)
    assert offered(asked(deleted, method, _NO_PATCH)).status == 404


@requirement("RFC7644-3.6-11")
def test_404_of_a_deleted_resource_is_a_scim_error(deleted: Evidence) -> None:
    """The 404 of a deleted resource has a SCIM error body with status "404"."""
    done(deleted.deleted)
    if deleted.get.status != 404:
        return
    assert deleted.get.resource.get("schemas") == [ERROR]
    assert str(deleted.get.resource.get("status")) == "404"


@pytest.mark.parametrize("query", list(_QUERIES))
@requirement(lambda query: _QUERIES[query])
def test_deleted_resource_is_in_no_list(deleted: Evidence, query: str) -> None:
    """A deleted resource is found by no list, filter or search."""
    gone = str(done(deleted.created).resource.get("id"))
    done(deleted.deleted)
    assert gone not in listed(asked(deleted, query, _NO_NAME)).found, "the query returns the deleted resource"


@requirement("RFC7644-3.6-05")
def test_deleted_resource_is_not_counted(deleted: Evidence, verdict: Remarks) -> None:
    """A deleted resource does not count in totalResults."""
    done(deleted.deleted)
    query = listed(asked(deleted, "found", _NO_NAME))
    if str(done(deleted.bystander).resource.get("id")) in query.found:
        verdict.not_applicable("the tenant ignores the filter, which another check judges")
    assert query.resource.get("totalResults") == 0


@requirement("RFC7644-3.6-08")
def test_name_of_a_deleted_resource_can_be_used_again(deleted: Evidence) -> None:
    """A create with the values of a deleted resource does not fail with 409."""
    done(deleted.deleted)
    assert deleted.created_again.status != 409
    assert deleted.created_again.status in SUCCESS


@requirement("RFC7643-3.1-09")
def test_id_of_a_deleted_resource_is_not_given_out_again(deleted: Evidence) -> None:
    """The id of a deleted resource does not become the id of another one."""
    done(deleted.deleted)
    assert done(deleted.created_again).resource.get("id") != done(deleted.created).resource.get("id")


@requirement("RFC7644-3.6-12")
def test_delete_of_an_unknown_id_answers_404(mistakes: Evidence) -> None:
    """A DELETE of an id that never existed answers 404."""
    assert mistakes.delete_unknown.status == 404


@requirement("RFC7644-3.6-13")
def test_delete_removes_no_other_resource(deleted: Evidence) -> None:
    """A DELETE removes the addressed resource and no other."""
    done(deleted.deleted)
    assert deleted.bystander_after.status in SUCCESS


@requirement("RFC7644-3.6-13")
def test_deleting_a_group_leaves_its_members(bereaved: Evidence) -> None:
    """Deleting a group leaves the accounts of its members."""
    done(asked(bereaved, "first_group_deleted", _NO_GROUPS))
    assert bereaved.user_after.status in SUCCESS


@requirement("RFC7644-3.6-15")
def test_deleted_group_is_no_group_of_its_members(bereaved: Evidence) -> None:
    """After a group was deleted, its members no longer show it in groups."""
    done(asked(bereaved, "first_group_deleted", _NO_GROUPS))
    gone = done(bereaved.first_group).resource.get("id")
    assert gone not in (lookup(done(bereaved.user_after).resource, "groups.value") or [])


@requirement("RFC7644-3.6-14")
def test_group_of_a_deleted_user_is_noted(bereaved: Evidence, verdict: Remarks) -> None:
    """After a user was deleted, groups may or may not list that user as a member."""
    done(asked(bereaved, "user_deleted", _NO_GROUPS))
    gone = done(bereaved.user).resource.get("id")
    if gone in (lookup(done(bereaved.second_group_after).resource, "members.value") or []):
        verdict.note("a group goes on listing a user who was deleted")
