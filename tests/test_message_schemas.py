"""The JSON Schemas of the protocol's messages."""

from typing import Any

import pytest

from conformance.spec.json_schema import (
    validator,
)
from conformance.spec.schema import (
    USER,
)

MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"


def without(document: dict[str, Any], *names: str):
    return {name: value for name, value in document.items() if name not in names}


def message(name: str, **members: object):
    return {"schemas": [MESSAGES + name], **members}


FAILED = {"method": "POST", "bulkId": "q", "status": "400", "response": message("Error", status="400")}
SUCCEEDED = {"method": "PUT", "location": "https://example.com/v2/Users/1", "version": 'W/"1"', "status": "200"}
POSTED = {"method": "POST", "path": "/Users", "bulkId": "q", "data": {"userName": "Alice"}}
CREATED = {"method": "POST", "bulkId": "q", "location": "https://example.com/v2/Users/1", "status": {"code": "201"}}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("list-response", message("ListResponse", totalResults=0)),
        ("list-response", message("ListResponse", totalResults=0, Resources=[])),
        ("list-response", message("ListResponse", totalResults=0, Resources=None)),
        ("list-response", message("ListResponse", totalResults=1, Resources=[{"id": "1"}])),
        ("list-response", message("ListResponse", totalResults=100, itemsPerPage=0)),
        ("list-response", message("ListResponse", totalResults=9, startIndex=1, itemsPerPage=1, Resources=[{}])),
        ("list-response", message("ListResponse", nextCursor="VZUTiyhEQJ94IR", Resources=[{}])),
        ("list-response", message("ListResponse", previousCursor="ze7L30kMiiLX6x", Resources=[{}])),
        ("error", message("Error", status="404")),
        ("error", message("Error", status="409", scimType="uniqueness", detail="Taken.")),
        ("error", message("Error", status="400", scimType="aKeywordOfOurOwn", detail=None)),
        ("patch-op", message("PatchOp", Operations=[{"op": "add", "path": "members", "value": [{"value": "1"}]}])),
        ("patch-op", message("PatchOp", Operations=[{"op": "remove", "path": "nickName"}])),
        ("patch-op", message("PatchOp", Operations=[{"op": "replace", "value": {"active": False}}])),
        ("patch-op", message("PatchOp", Operations=[{"op": "replace", "path": "active", "value": None}])),
        ("bulk-request", message("BulkRequest", failOnErrors=1, Operations=[POSTED])),
        ("bulk-request", message("BulkRequest", Operations=[{"method": "DELETE", "path": "/Users/1", "version": "x"}])),
        ("bulk-response", message("BulkResponse", Operations=[SUCCEEDED, FAILED, CREATED])),
        ("bulk-response", message("BulkResponse", Operations=[])),
        ("search-request", message("SearchRequest")),
        ("search-request", message("SearchRequest", attributes=["userName"], filter="id pr", startIndex=1, count=10)),
        ("search-request", message("SearchRequest", cursor="", sortBy="userName", sortOrder="descending", count=-1)),
    ],
)
def test_messages_of_the_rfcs_are_valid(name: str, document: dict[str, Any]):
    assert [error.message for error in validator(name).iter_errors(document)] == []


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("list-response", {"totalResults": 0}),
        ("list-response", message("ListResponse", Resources=[{}])),
        ("list-response", message("ListResponse", totalResults="1", Resources=[{}])),
        ("list-response", message("ListResponse", totalResults=-1, Resources=[])),
        ("list-response", message("ListResponse", totalResults=1)),
        ("list-response", message("ListResponse", totalResults=1, Resources=None)),
        ("list-response", message("ListResponse", totalResults=1, Resources={"id": "1"})),
        ("list-response", message("ListResponse", totalResults=1, startIndex=0, Resources=[{}])),
        ("list-response", message("ListResponse", totalResults=1, nextCursor="a+/=", Resources=[{}])),
        ("error", message("Error", detail="No status.")),
        ("error", message("Error", status=404)),
        ("error", message("Error", status="Not Found")),
        ("error", {"schemas": [USER], "status": "404"}),
        ("patch-op", message("PatchOp")),
        ("patch-op", message("PatchOp", Operations=[])),
        ("patch-op", message("PatchOp", Operations=[{"path": "active"}])),
        ("patch-op", message("PatchOp", Operations=[{"op": "move", "path": "active"}])),
        ("patch-op", message("PatchOp", Operations=[{"op": "remove"}])),
        ("patch-op", message("PatchOp", Operations=[{"op": "add", "path": "nickName"}])),
        ("patch-op", message("PatchOp", Operations=[{"op": "replace", "value": "Babs"}])),
        ("bulk-request", message("BulkRequest")),
        ("bulk-request", message("BulkRequest", Operations=[without(POSTED, "bulkId")])),
        ("bulk-request", message("BulkRequest", Operations=[without(POSTED, "path")])),
        ("bulk-request", message("BulkRequest", Operations=[without(POSTED, "data")])),
        ("bulk-request", message("BulkRequest", Operations=[POSTED | {"method": "GET"}])),
        ("bulk-response", message("BulkResponse", failOnErrors=1, Operations=[])),
        ("bulk-response", message("BulkResponse", Operations=[without(SUCCEEDED, "location")])),
        ("bulk-response", message("BulkResponse", Operations=[without(SUCCEEDED, "status")])),
        ("bulk-response", message("BulkResponse", Operations=[SUCCEEDED | {"status": 200}])),
        ("bulk-response", message("BulkResponse", Operations=[SUCCEEDED | {"status": "412"}])),
        ("bulk-response", message("BulkResponse", Operations=[without(FAILED, "response")])),
        ("bulk-response", message("BulkResponse", Operations=[without(FAILED, "bulkId")])),
        ("bulk-response", message("BulkResponse", Operations=[without(CREATED, "location")])),
        ("search-request", {"filter": "id pr"}),
        ("search-request", message("SearchRequest", attributes="userName")),
        ("search-request", message("SearchRequest", sortOrder="up")),
        ("search-request", message("SearchRequest", cursor="a b")),
    ],
)
def test_broken_messages_are_not_valid(name: str, document: dict[str, Any]):
    assert not validator(name).is_valid(document)
