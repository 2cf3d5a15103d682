"""The reference tenant over HTTP: bulk jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.reference.serve import running
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.reference.variants import find_variant
from conformance.spec.json_schema import validator
from conformance.spec.messages import BULK_REQUEST, PATCH_OP
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER
from conformance.spec.service import BulkSupport, Service

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    limits = BulkSupport(supported=True, max_operations=12, max_payload_size=5000)
    tenant = ReferenceTenant(replace(Service.default(), bulk=limits))
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    with running(tenant) as url, httpx.Client(base_url=url, headers=headers) as client:
        yield client


@pytest.fixture
def client(server: httpx.Client) -> httpx.Client:
    """The client of a tenant that is empty."""
    for resource in server.get("/").json()["Resources"]:
        server.delete(resource["meta"]["location"])
    return server


def send(client: httpx.Client, *operations: Any, **members: Any) -> httpx.Response:
    return client.post("/Bulk", json={"schemas": [BULK_REQUEST], "Operations": list(operations), **members})


def run(client: httpx.Client, *operations: Any, **members: Any) -> list[dict[str, Any]]:
    response = send(client, *operations, **members)
    assert response.status_code == 200, response.text
    validator("bulk-response").validate(response.json())
    return response.json()["Operations"]


def post(bulk_id: str, path: str = "/Users", **data: Any) -> dict[str, Any]:
    schema = {"/Users": USER, "/Groups": GROUP}[path]
    name = {"userName": bulk_id} if schema == USER else {"displayName": bulk_id}
    return {"method": "POST", "path": path, "bulkId": bulk_id, "data": {"schemas": [schema], **name, **data}}


def test_each_operation_acts_as_its_single_request_would(client: httpx.Client):
    (created,) = run(client, post("a"))
    assert (created["method"], created["bulkId"], created["status"]) == ("POST", "a", "201")
    location = created["location"]
    assert client.get(location).headers["etag"] == created["version"]
    path = location.removeprefix(str(client.base_url).rstrip("/"))
    title = {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "T"}]}
    results = run(
        client,
        {"method": "put", "path": path, "data": {"schemas": [USER], "userName": "b"}, "version": created["version"]},
        {"method": "PATCH", "path": path, "data": title},
        {"method": "PATCH", "path": path, "data": title, "version": created["version"]},
        post("b"),
        post("c", userName=None),
        {"method": "DELETE", "path": path},
        {"method": "DELETE", "path": path},
    )
    assert [result["status"] for result in results] == ["200", "200", "412", "409", "400", "204", "404"]
    assert ["location" in result for result in results] == [True, True, True, False, False, True, True]
    assert {result["location"] for result in results if "location" in result} == {location}
    assert [result["response"]["status"] for result in results if "response" in result] == ["412", "409", "400", "404"]
    assert results[3]["response"]["scimType"] == "uniqueness"
    assert client.get("/Users").json()["totalResults"] == 0


def test_bulk_ids_are_resolved_everywhere(client: httpx.Client):
    manager = {ENTERPRISE_USER: {"manager": {"value": "bulkId:boss"}}}
    add = {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:boss"}]}]}
    results = run(
        client,
        post("report", schemas=[USER, ENTERPRISE_USER], **manager),
        post("team", "/Groups", members=[{"value": "bulkId:report"}]),
        {"method": "PATCH", "path": "/Groups/bulkId:team", "data": add},
        post("boss"),
    )
    assert [result["status"] for result in results] == ["201", "201", "200", "201"]
    assert results[2]["location"] == results[1]["location"]
    ids = [result["location"].rpartition("/")[2] for result in results]
    assert client.get(results[0]["location"]).json()[ENTERPRISE_USER]["manager"]["value"] == ids[3]
    members = client.get(results[1]["location"]).json()["members"]
    assert {member["value"] for member in members} == {ids[0], ids[3]}


def test_a_resource_of_the_job_can_be_deleted_in_it(client: httpx.Client):
    created, deleted = run(client, post("a"), {"method": "DELETE", "path": "/Users/bulkId:a"})
    assert (deleted["status"], deleted["location"]) == ("204", created["location"])
    assert client.get(created["location"]).status_code == 404


def test_circles_are_resolved(client: httpx.Client):
    results = run(
        client,
        post("a", "/Groups", members=[{"value": "bulkId:b"}]),
        post("b", "/Groups", members=[{"value": "bulkId:a"}]),
    )
    assert [result["status"] for result in results] == ["201", "201"]
    documents = [client.get(result["location"]).json() for result in results]
    assert [document["members"][0]["value"] for document in documents] == [d["id"] for d in reversed(documents)]
    assert [document["meta"]["version"] for document in documents] == [result["version"] for result in results]


def test_a_broken_circle_leaves_nothing_half_done(client: httpx.Client):
    results = run(
        client,
        post("a", "/Groups", members=[{"value": "bulkId:b"}]),
        post("b", "/Groups", members=[{"value": "bulkId:a"}], displayName=None),
        post("c", "/Groups", members=[{"value": "bulkId:nobody"}]),
    )
    assert [result["status"][0] for result in results] == ["4", "4", "4"]
    assert client.get("/Groups").json()["totalResults"] == 0


def test_fail_on_errors_stops_the_job(client: httpx.Client):
    bad = {"method": "DELETE", "path": "/Users/unknown"}
    assert [r["status"] for r in run(client, post("a"), bad, post("b"), failOnErrors=1)] == ["201", "404"]
    assert [r["status"] for r in run(client, bad, post("b"), bad, post("c"), failOnErrors=2)] == ["404", "201", "404"]
    assert client.get("/Users").json()["totalResults"] == 2
    assert send(client, post("d"), failOnErrors=0).json()["scimType"] == "invalidValue"


@pytest.mark.parametrize(
    "operation",
    [
        {"method": "GET", "path": "/Users"},
        {"path": "/Users", "bulkId": "a", "data": {}},
        {"method": "POST", "bulkId": "a", "data": {}},
        {"method": "POST", "path": "/Users", "data": {"schemas": [USER], "userName": "a"}},
        {"method": "POST", "path": "/Users", "bulkId": "a"},
        {"method": "POST", "path": "/Users/.search", "bulkId": "a", "data": {}},
        {"method": "POST", "path": "/Bulk", "bulkId": "a", "data": {}},
        {"method": "POST", "path": "/Users/1", "bulkId": "a", "data": {"schemas": [USER], "userName": "a"}},
        {"method": "PUT", "path": "/Users", "data": {"schemas": [USER], "userName": "a"}},
        {"method": "DELETE", "path": "/Users"},
        {"method": "DELETE", "path": "/Schemas/x"},
        "no object",
    ],
)
def test_operations_that_make_no_sense_fail_alone(client: httpx.Client, operation: Any):
    failed, created = send(client, operation, post("b")).json()["Operations"]
    assert failed["status"][0] == "4"
    assert failed["response"]["detail"]
    assert created["status"] == "201"


def test_limits_are_told(client: httpx.Client):
    assert len(run(client, *(post(f"u{n}") for n in range(12)))) == 12
    for too_much, limit in [([post(f"v{n}") for n in range(13)], "12"), ([post("v", title="x" * 5000)], "5000")]:
        response = send(client, *too_much)
        assert response.status_code == 413
        assert limit in response.json()["detail"]
    assert client.get("/Users").json()["totalResults"] == 12


@pytest.mark.parametrize("body", [{}, {"schemas": [BULK_REQUEST]}, {"schemas": [BULK_REQUEST], "Operations": []}])
def test_a_bulk_request_names_itself_and_its_operations(client: httpx.Client, body: dict[str, Any]):
    response = client.post("/Bulk", json=body)
    assert (response.status_code, response.json()["scimType"]) == (400, "invalidSyntax")


def test_ids_that_a_uri_has_to_encode_are_resolved():
    tenant = ReferenceTenant()
    find_variant("ids-beyond-ascii").plant(tenant)
    with running(tenant) as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {DEFAULT_TOKEN}"}) as c:
        user = {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"schemas": [USER], "userName": "dora"}}
        members = [{"value": "bulkId:u"}]
        group = {"schemas": [GROUP], "displayName": "all", "members": members}
        made, listed, gone = run(
            c,
            user,
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": group},
            {"method": "DELETE", "path": "/Users/bulkId:u"},
        )
        assert (made["status"], listed["status"], gone["status"]) == ("201", "201", "204")
        assert "%C3%A9" in made["location"]
        assert gone["location"] == made["location"]
        assert c.get(made["location"]).status_code == 404
