"""The reference tenant over HTTP: single resources, versions, references between them, clients' habits."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.reference.serve import running
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.spec.messages import PATCH_OP
from conformance.spec.representation import problems
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER, Attribute, ResourceType, Schema, SchemaExtension
from conformance.spec.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

DEVICE = "urn:example:schemas:Device"
LABELS = "urn:example:schemas:Labels"
_NUMBERS = itertools.count(1)


def _service() -> Service:
    """The default service and a resource type of our own, with an extension and every unusual characteristic."""
    owner = Attribute(
        "owner",
        type="complex",
        sub_attributes=(Attribute("value"), Attribute("$ref", type="reference", reference_types=("User",))),
    )
    device = Schema(
        DEVICE,
        "Device",
        attributes=(
            Attribute("serial", required=True, mutability="immutable", uniqueness="global", case_exact=True),
            Attribute("pin", mutability="writeOnly", returned="never"),
            Attribute("notes", returned="request"),
            Attribute("weight", type="decimal"),
            owner,
        ),
    )
    labels = Schema(
        LABELS, "Labels", attributes=(Attribute("tag", multi_valued=True), Attribute("hint", returned="request"))
    )
    device_type = ResourceType("Device", "/Devices", device, extensions=(SchemaExtension(labels),))
    default = Service.default()
    return replace(default, resource_types=(*default.resource_types, device_type))


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    with running(ReferenceTenant(_service())) as url, httpx.Client(base_url=url, headers=headers) as client:
        yield client


def user(**attributes: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": f"name{next(_NUMBERS)}", **attributes}


def create(client: httpx.Client, body: dict[str, Any], endpoint: str = "/Users") -> dict[str, Any]:
    response = client.post(endpoint, json=body)
    assert response.status_code == 201, response.text
    return response.json()


def group(client: httpx.Client, *members: dict[str, Any], name: str = "Group") -> dict[str, Any]:
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": m["id"]} for m in members]}
    return create(client, body, "/Groups")


def patch(
    client: httpx.Client, resource: dict[str, Any], *operations: dict[str, Any], **options: Any
) -> httpx.Response:
    body = {"schemas": [PATCH_OP], "Operations": list(operations)}
    return client.patch(resource["meta"]["location"], json=body, **options)


def fetch(client: httpx.Client, resource: dict[str, Any]) -> dict[str, Any]:
    response = client.get(resource["meta"]["location"])
    assert response.status_code == 200
    return response.json()


def kind(response: httpx.Response) -> tuple[int, str | None]:
    return response.status_code, response.json().get("scimType")


def test_create_answers_with_the_resource_and_where_it_is(client: httpx.Client):
    response = client.post("/Users", json=user(id="mine", meta={"created": "2001-01-01T00:00:00Z"}, groups=[]))
    created = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == created["meta"]["location"] == f"{client.base_url}Users/{created['id']}"
    assert response.headers["etag"] == created["meta"]["version"]
    assert created["id"] != "mine"
    assert created["meta"]["created"] == created["meta"]["lastModified"] > "2020"
    assert fetch(client, created) == created
    assert problems(created, Service.default().resource_types[0]) == []


@pytest.mark.parametrize("other", ["Anna.B", "anna.b", "\uff21nna.b", "ANNA.B"])
def test_user_names_are_unique_after_preparation(client: httpx.Client, other: str):
    first = create(client, {"schemas": [USER], "userName": "anna.B"})
    second = create(client, user())
    assert kind(client.post("/Users", json={"schemas": [USER], "userName": other})) == (409, "uniqueness")
    assert kind(client.put(f"/Users/{second['id']}", json=user(userName=other))) == (409, "uniqueness")
    assert kind(patch(client, second, {"op": "replace", "path": "userName", "value": other})) == (409, "uniqueness")
    assert fetch(client, second) == second
    assert client.put(f"/Users/{first['id']}", json={"schemas": [USER], "userName": other}).status_code == 200
    assert client.delete(f"/Users/{first['id']}").status_code == 204


def test_composed_and_decomposed_names_are_the_same(client: httpx.Client):
    create(client, user(userName="zoë"))
    assert kind(client.post("/Users", json=user(userName="zoe\u0308"))) == (409, "uniqueness")
    assert client.get("/Users", params={"filter": 'userName eq "ZOE\u0308"'}).json()["totalResults"] == 1


def test_replace_takes_the_place_of_what_clients_wrote(client: httpx.Client):
    created = create(client, user(title="A", emails=[{"value": "a@EXAMPLE.com"}, {"value": "b@example.com"}]))
    assert created["emails"][0]["value"] == "a@example.com"
    body = {**created, "title": None, "emails": [{"value": "c@example.com"}], "nickName": "N", "id": "x", "groups": [1]}
    response = client.put(f"/Users/{created['id']}", json=body)
    replaced = response.json()
    assert response.status_code == 200
    assert replaced == fetch(client, created)
    assert "title" not in replaced
    assert replaced["emails"] == [{"value": "c@example.com"}]
    assert replaced["meta"]["created"] == created["meta"]["created"]
    assert replaced["meta"]["lastModified"] > created["meta"]["lastModified"]
    assert replaced["meta"]["version"] != created["meta"]["version"]


def test_a_refused_write_changes_nothing(client: httpx.Client):
    created = create(client, user())
    path = f"/Users/{created['id']}"
    assert kind(client.put(path, json={"schemas": [USER]})) == (400, "invalidValue")
    assert kind(client.put(path, json=user(userName=" "))) == (400, "invalidValue")
    assert kind(client.put(path, json=user(), params={"attributes": "id", "excludedAttributes": "name"}))[0] == 400
    assert kind(patch(client, created, {"op": "add", "path": "title", "value": "T"}, {"op": "remove"}))[0] == 400
    assert fetch(client, created) == created
    total = client.get("/Users").json()["totalResults"]
    assert client.post("/Users", json=user(), params={"attributes": "id", "excludedAttributes": "x"}).status_code == 400
    assert client.get("/Users").json()["totalResults"] == total


def test_writes_that_change_nothing_leave_the_version(client: httpx.Client):
    created = create(client, user(password="secret", emails=[{"value": "a@b.example", "primary": True}]))
    assert client.put(f"/Users/{created['id']}", json={**created, "password": "secret"}).json() == created
    same = {"op": "add", "path": "emails", "value": [{"value": "a@b.example", "primary": True}]}
    assert (
        patch(client, created, same, {"op": "replace", "path": "userName", "value": created["userName"]}).json()
        == created
    )
    assert fetch(client, created) == created


def test_deleted_resources_are_gone_and_free_their_names(client: httpx.Client):
    created = create(client, user())
    location = created["meta"]["location"]
    response = client.delete(location)
    assert (response.status_code, response.content) == (204, b"")
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert client.request(method, location, json={}).status_code == 404
    query = {"filter": f'userName eq "{created["userName"]}"'}
    assert client.get("/Users", params=query).json()["totalResults"] == 0
    assert create(client, user(userName=created["userName"]))["id"] != created["id"]


def test_resources_are_found_under_their_own_type_and_exact_id_only(client: httpx.Client):
    created = create(client, user())
    assert client.get(f"/Groups/{created['id']}").status_code == 404
    assert client.get(f"/Users/{created['id'].upper()}").status_code == 404


def test_versions_guard_writes_and_spare_reads(client: httpx.Client):
    created = create(client, user())
    path, old = f"/Users/{created['id']}", created["meta"]["version"]
    unchanged = client.get(path, headers={"If-None-Match": old})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", old)
    changed = client.put(path, json=user(), headers={"If-Match": old})
    new = changed.headers["etag"]
    assert changed.status_code == 200
    assert new == changed.json()["meta"]["version"] != old
    assert client.get(path, headers={"If-None-Match": old}).status_code == 200
    operation = {"op": "add", "path": "title", "value": "T"}
    stale = {"If-Match": old}
    assert client.put(path, json=user(), headers=stale).status_code == 412
    assert patch(client, created, operation, headers=stale).status_code == 412
    assert client.delete(path, headers=stale).status_code == 412
    assert client.get(path).headers["etag"] == new
    assert patch(client, created, operation, headers={"If-Match": f'"x", {new}'}).status_code == 200
    assert client.delete(path, headers={"If-Match": "*"}).status_code == 204


def test_passwords_are_kept_as_hashes_and_never_shown(client: httpx.Client):
    response = client.post("/Users", json=user(password="Tr0ub4dor"), params={"attributes": "password,userName"})
    created = response.json()
    path = f"/Users/{created['id']}"
    seen = [response, client.get(path), client.get(path, params={"attributes": "password"}), client.get("/Users")]
    seen.append(client.put(path, json=user(password="Tr0ub4dor2")))
    seen.append(
        client.patch(
            path, json={"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "password", "value": "Tr0ub4dor3"}]}
        )
    )
    for answer in seen:
        assert answer.is_success
        assert "password" not in answer.text
        assert "Tr0ub4dor" not in answer.text
        assert "scrypt" not in answer.text
    wrong = client.post("/Users", json=user(password=4711))
    assert kind(wrong) == (400, "invalidValue")
    assert "4711" not in wrong.text
    assert kind(client.get("/Users", params={"filter": 'password sw "Tr0"'})) == (403, "sensitive")


def test_members_are_resources_held_once(client: httpx.Client):
    one, two = create(client, user(displayName="One")), create(client, user())
    team = group(client, one, one, two)
    assert team["members"] == [{"value": u["id"], "$ref": u["meta"]["location"], "type": "User"} for u in (one, two)]
    again = {"op": "add", "path": "members", "value": [{"value": one["id"], "type": "User"}, {"value": two["id"]}]}
    assert patch(client, team, again).json() == team
    assert client.put(f"/Groups/{team['id']}", json=team).json() == team
    unknown = {"op": "add", "path": "members", "value": [{"value": "unknown"}]}
    assert kind(patch(client, team, unknown)) == (400, "invalidValue")
    assert kind(
        client.post("/Groups", json={"schemas": [GROUP], "displayName": "G", "members": [{"type": "User"}]})
    ) == (
        400,
        "invalidValue",
    )
    assert fetch(client, team) == team


def test_groups_of_users_follow_memberships_direct_and_through_others(client: httpx.Client):
    member = create(client, user(groups=[{"value": "x"}]))
    inner = group(client, member, name="Inner")
    outer = group(client, inner, name="Outer")
    circle = {"op": "add", "path": "members", "value": [{"value": outer["id"]}]}
    assert patch(client, inner, circle).status_code == 200
    shown = fetch(client, member)
    assert [(g["value"], g["type"], g["display"]) for g in shown["groups"]] == [
        (inner["id"], "direct", "Inner"),
        (outer["id"], "indirect", "Outer"),
    ]
    assert shown["groups"][0]["$ref"] == inner["meta"]["location"]
    assert shown["meta"]["lastModified"] == member["meta"]["lastModified"]
    query = {"filter": f'groups.value eq "{outer["id"]}"'}
    assert [r["id"] for r in client.get("/Users", params=query).json()["Resources"]] == [member["id"]]
    assert kind(patch(client, member, {"op": "remove", "path": "groups"})) == (400, "mutability")
    patch(client, inner, {"op": "remove", "path": f'members[value eq "{member["id"]}"]'})
    assert "groups" not in fetch(client, member)


def test_deleting_a_resource_takes_it_out_of_others(client: httpx.Client):
    boss, other = create(client, user(displayName="Boss")), create(client, user())
    team = group(client, boss, other)
    extension = {"manager": {"value": boss["id"], "displayName": "ignored"}}
    report = create(client, user(schemas=[USER, ENTERPRISE_USER], **{ENTERPRISE_USER: extension}))
    assert report[ENTERPRISE_USER]["manager"] == {
        "value": boss["id"],
        "$ref": boss["meta"]["location"],
        "displayName": "Boss",
    }
    client.delete(boss["meta"]["location"])
    after = fetch(client, team)
    assert [member["value"] for member in after["members"]] == [other["id"]]
    assert after["meta"]["version"] != team["meta"]["version"]
    freed = fetch(client, report)
    assert ENTERPRISE_USER not in freed
    assert freed["schemas"] == [USER]


def test_an_unknown_manager_is_refused(client: httpx.Client):
    body = user(schemas=[USER, ENTERPRISE_USER], **{ENTERPRISE_USER: {"manager": {"value": "unknown"}}})
    assert kind(client.post("/Users", json=body)) == (400, "invalidValue")


def test_patch_answers_with_the_whole_resource_or_what_was_asked_for(client: httpx.Client):
    created = create(client, user(title="A"))
    whole = patch(client, created, {"op": "replace", "value": {"title": "B"}})
    assert whole.status_code == 200
    assert whole.json() == fetch(client, created)
    part = patch(client, created, {"op": "remove", "path": "title"}, params={"attributes": "userName"})
    assert part.json() == {"schemas": [USER], "id": created["id"], "userName": created["userName"]}


def test_resource_types_of_ones_own_work_by_data_alone(client: httpx.Client):
    owner = create(client, user())
    body = {
        "schemas": [DEVICE],
        "serial": "S1",
        "pin": "1234",
        "notes": "n",
        "weight": 1.5,
        "owner": {"value": owner["id"]},
        LABELS: {"tag": ["a", "b"], "hint": "h"},
    }
    device = create(client, body, "/Devices")
    assert device["schemas"] == [DEVICE, LABELS]
    assert device["owner"] == {"value": owner["id"], "$ref": owner["meta"]["location"]}
    assert (device["notes"], device[LABELS]) == ("n", {"tag": ["a", "b"], "hint": "h"})
    assert "pin" not in device
    read = fetch(client, device)
    assert "notes" not in read
    assert read[LABELS] == {"tag": ["a", "b"]}
    path = f"/Devices/{device['id']}"
    assert client.get(path, params={"attributes": f"notes,{LABELS}:hint"}).json()[LABELS] == {"hint": "h"}
    assert kind(client.post("/Devices", json={**body, "serial": "S1"})) == (409, "uniqueness")
    assert kind(client.put(path, json={**body, "serial": "S2"})) == (400, "mutability")
    assert set(client.put(path, json={"schemas": [DEVICE], "serial": "S1"}).json()) == {
        "schemas",
        "id",
        "serial",
        "meta",
    }
    assert client.get("/Devices", params={"filter": f'{LABELS}:tag eq "a"'}).json()["totalResults"] == 0


def test_what_entra_sends_works(client: httpx.Client):
    boss = create(client, user())
    created = create(
        client,
        {
            "schemas": [USER, ENTERPRISE_USER],
            "externalId": "nvance",
            "userName": "nora.vance@fabrikam.example",
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": "nora.vance@fabrikam.example"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "Nora Vance", "familyName": "Vance", "givenName": "Nora"},
            "roles": [],
        },
    )
    manager = f"{ENTERPRISE_USER}:manager"
    response = patch(
        client,
        created,
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "n.vance@fabrikam.example"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+15550107"},
        {"op": "Add", "path": f"{ENTERPRISE_USER}:department", "value": "Treasury"},
        {"op": "Add", "path": manager, "value": boss["id"]},
        {"op": "Replace", "path": "active", "value": "False"},
    )
    changed = response.json()
    assert response.status_code == 200
    assert changed["emails"] == [{"primary": True, "type": "work", "value": "n.vance@fabrikam.example"}]
    assert changed["phoneNumbers"] == [{"type": "mobile", "value": "+15550107"}]
    assert changed[ENTERPRISE_USER]["department"] == "Treasury"
    assert changed[ENTERPRISE_USER]["manager"]["value"] == boss["id"]
    assert changed["active"] is False
    cleared = patch(client, created, {"op": "replace", "path": manager, "value": ""})
    assert "manager" not in cleared.json()[ENTERPRISE_USER]
    dotted = patch(client, created, {"op": "replace", "value": {"name.givenName": "N.", "active": True}})
    assert dotted.json()["name"] == {"formatted": "Nora Vance", "familyName": "Vance", "givenName": "N."}
    marker = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
    team = create(client, {"schemas": [GROUP, marker], "displayName": "Finance-RO"}, "/Groups")
    assert team["schemas"] == [GROUP]
    reference = [{"$ref": None, "value": created["id"]}]
    assert len(patch(client, team, {"op": "Add", "path": "members", "value": reference}).json()["members"]) == 1
    query = {"filter": 'displayName eq "finance-ro"', "excludedAttributes": "members"}
    assert "members" not in client.get("/Groups", params=query).json()["Resources"][0]
    query = {"filter": f'id eq "{team["id"]}" and members eq "{created["id"]}"', "attributes": "id"}
    assert client.get("/Groups", params=query).json()["totalResults"] == 1
    assert "members" not in patch(client, team, {"op": "Remove", "path": "members", "value": reference}).json()
