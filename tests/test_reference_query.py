"""The reference tenant over HTTP: filters, sorting, pages, cursors, projection, searching by POST."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.reference.serve import running
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.spec.json_schema import validator
from conformance.spec.messages import SEARCH_REQUEST
from conformance.spec.pagination import is_cursor
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER
from conformance.spec.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTHORIZED = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
SEEDED = 250


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running(ReferenceTenant(seed_users=SEEDED)) as url, httpx.Client(base_url=url, headers=AUTHORIZED) as client:
        for name in ("Alpha", "beta"):
            client.post("/Groups", json={"schemas": [GROUP], "displayName": name}).raise_for_status()
        yield client


def query(client: httpx.Client, path: str = "/Users", **parameters: Any) -> dict[str, Any]:
    response = client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    validator("list-response").validate(document)
    assert document["itemsPerPage"] == len(document["Resources"])
    return document


def search(client: httpx.Client, path: str = "/Users/.search", **members: Any) -> httpx.Response:
    return client.post(path, json={"schemas": [SEARCH_REQUEST], **members})


def names(document: dict[str, Any]) -> list[str]:
    return [resource.get("userName") or resource["displayName"] for resource in document["Resources"]]


def kind(response: httpx.Response) -> tuple[int, str | None]:
    return response.status_code, response.json().get("scimType")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('USERNAME EQ "User00007@EXAMPLE.com"', 1),
        ('userName eq "user0000"', 0),
        ('userName sw "user0001"', 10),
        ('not (userName sw "user000") and active eq true', SEEDED - 99),
        ('emails[type eq "work" and value ew "42@example.com"]', 3),
        (f'{ENTERPRISE_USER}:employeeNumber eq "00042" or urn:ietf:params:scim:schemas:core:2.0:User:title pr', 1),
        (f'schemas eq "{ENTERPRISE_USER}"', SEEDED),
        ('userName eq "user00001@example.com" and active eq false', 0),
        ('name.familyName eq "novák"', 20),
    ],
)
def test_filters_find_what_matches(client: httpx.Client, text: str, found: int):
    assert query(client, filter=text, count=1)["totalResults"] == found


def test_identifiers_are_found_by_index_and_by_scan_alike(client: httpx.Client):
    (resource,) = query(client, filter='userName eq "user00003@example.com"')["Resources"]
    for text in (f'id eq "{resource["id"]}"', f'displayName eq "{resource["displayName"]}" and id pr'):
        assert resource in query(client, filter=text)["Resources"]
        assert query(client, filter=text)["totalResults"] == query(client, filter=f"not (not ({text}))")["totalResults"]
    assert query(client, filter=f'id eq "{resource["id"].upper()}"')["totalResults"] == 0


@pytest.mark.parametrize("text", ["", "userName", 'userName zz "a"', 'unknown eq "a"', "active gt true", "(" * 5000])
def test_bad_filters_are_refused(client: httpx.Client, text: str):
    assert kind(client.get("/Users", params={"filter": text})) == (400, "invalidFilter")
    assert kind(search(client, filter=text)) == (400, "invalidFilter")


def test_sorting_orders_all_pages(client: httpx.Client):
    first = query(client, sortBy="userName", sortOrder="descending", count=3)
    second = query(client, sortBy="userName", sortOrder="descending", count=3, startIndex=4)
    assert names(first) + names(second) == [f"user{n:05}@example.com" for n in range(SEEDED, SEEDED - 6, -1)]
    assert names(query(client, "/Groups", sortBy="displayName")) == ["Alpha", "beta"]
    assert names(query(client, sortBy="unknown", count=2)) == names(query(client, sortBy="password", count=2))
    assert kind(client.get("/Users", params={"sortBy": "userName", "sortOrder": "up"})) == (400, "invalidValue")


def test_index_pages_visit_every_resource_once(client: httpx.Client):
    seen: list[str] = []
    while len(seen) < SEEDED:
        page = query(client, startIndex=len(seen) + 1, count=60, attributes="userName")
        assert (page["totalResults"], page["startIndex"]) == (SEEDED, len(seen) + 1)
        seen += names(page)
    assert len(set(seen)) == SEEDED


@pytest.mark.parametrize(
    ("parameters", "start", "size"),
    [
        ({}, 1, 100),
        ({"startIndex": 0, "count": 2}, 1, 2),
        ({"startIndex": -5, "count": -1}, 1, 0),
        ({"count": 0}, 1, 0),
        ({"count": 100_000}, 1, 200),
        ({"startIndex": SEEDED, "count": 5}, SEEDED, 1),
        ({"startIndex": 9999}, 9999, 0),
    ],
)
def test_odd_pages(client: httpx.Client, parameters: dict[str, int], start: int, size: int):
    for page in (query(client, **parameters), search(client, **parameters).json()):
        assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (SEEDED, start, size)


def test_paging_parameters_must_be_integers(client: httpx.Client):
    for parameters in ({"count": "abc"}, {"startIndex": "1.5"}, {"count": ""}):
        assert kind(client.get("/Users", params=parameters)) == (400, "invalidValue")
        assert kind(search(client, **parameters)) == (400, "invalidValue")


def test_cursors_visit_every_resource_once_and_lead_back(client: httpx.Client):
    page = query(client, cursor="", count=100, sortBy="userName")
    assert "previousCursor" not in page
    assert "startIndex" not in page
    pages = [page]
    while "nextCursor" in pages[-1]:
        assert is_cursor(pages[-1]["nextCursor"])
        pages.append(query(client, cursor=pages[-1]["nextCursor"], count=100, sortBy="userName"))
    assert [p["itemsPerPage"] for p in pages] == [100, 100, 50]
    assert {p["totalResults"] for p in pages} == {SEEDED}
    assert [n for p in pages for n in names(p)] == [f"user{n:05}@example.com" for n in range(1, SEEDED + 1)]
    back = query(client, cursor=pages[1]["previousCursor"], count=100, sortBy="userName")
    assert names(back) == names(pages[0])
    assert "previousCursor" not in back


def test_a_cursor_holds_its_result_still(client: httpx.Client):
    page = query(client, "/Groups", cursor="", count=1)
    created = client.post("/Groups", json={"schemas": [GROUP], "displayName": "gamma"})
    rest = query(client, "/Groups", cursor=page["nextCursor"], count=1)
    client.delete(created.headers["location"])
    assert names(page) + names(rest) == ["Alpha", "beta"]
    assert "nextCursor" not in rest


def test_cursors_that_do_not_fit_are_refused(client: httpx.Client):
    cursor = query(client, cursor="", count=5, filter="userName pr")["nextCursor"]
    same = {"cursor": cursor, "filter": "userName pr"}
    assert query(client, **same)["itemsPerPage"] == 5
    assert kind(client.get("/Users", params={**same, "count": 6})) == (400, "invalidCount")
    assert kind(client.get("/Users", params={**same, "filter": "id pr"})) == (400, "invalidCursor")
    assert kind(client.get("/Groups", params=same)) == (400, "invalidCursor")
    assert kind(client.get("/Users", params={"cursor": "forged"})) == (400, "invalidCursor")
    assert kind(client.get("/Users", params={"cursor": "", "startIndex": 1})) == (400, "invalidValue")
    assert kind(search(client, cursor="forged")) == (400, "invalidCursor")
    assert query(client, cursor="", count=0) == {**query(client, cursor="", count=-1), "totalResults": SEEDED}


def test_cursors_expire():
    service = Service.default()
    service = replace(service, pagination=replace(service.pagination, cursor_timeout=1, default_method="cursor"))
    with (
        running(ReferenceTenant(service, seed_users=3)) as url,
        httpx.Client(base_url=url, headers=AUTHORIZED) as client,
    ):
        by_default = query(client, count=1)
        assert query(client, count=1, startIndex=1).get("nextCursor") is None
        time.sleep(1.1)
        assert kind(client.get("/Users", params={"cursor": by_default["nextCursor"]})) == (400, "expiredCursor")


def test_search_is_the_same_query_by_post(client: httpx.Client):
    asked = {"filter": 'userName sw "user0000"', "sortBy": "userName", "sortOrder": "descending", "count": 4}
    by_get = query(client, **asked, attributes=f"userName,{ENTERPRISE_USER}:department")
    by_post = search(client, **asked, attributes=["userName", f"{ENTERPRISE_USER}:department"])
    assert by_post.status_code == 200
    assert by_post.json() == by_get
    assert set(by_get["Resources"][0]) == {"schemas", "id", "userName", ENTERPRISE_USER}
    first = search(client, cursor="", count=200).json()
    assert search(client, cursor=first["nextCursor"], count=200).json()["itemsPerPage"] == 50


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"schemas": [USER]},
        {"schemas": SEARCH_REQUEST},
        {"schemas": [SEARCH_REQUEST], "filter": 1},
        {"schemas": [SEARCH_REQUEST], "attributes": "userName"},
        {"schemas": [SEARCH_REQUEST], "attributes": [1]},
    ],
)
def test_search_needs_a_search_request(client: httpx.Client, body: dict[str, Any]):
    assert kind(client.post("/Users/.search", json=body)) == (400, "invalidSyntax")


def test_the_root_covers_all_types(client: httpx.Client):
    assert query(client, "/", count=1)["totalResults"] == SEEDED + 2
    text = '(meta.resourceType eq "Group" and displayName sw "a") or userName eq "user00001@example.com"'
    assert names(query(client, "/", filter=text)) == ["user00001@example.com", "Alpha"]
    by_post = search(client, "/.search", filter='meta.resourceType eq "Group"', sortBy="displayName", count=1)
    assert names(by_post.json()) == ["Alpha"]
    assert names(search(client, "/Groups/.search", filter='displayName eq "BETA"').json()) == ["beta"]
    assert kind(client.get("/", params={"filter": "displayName"})) == (400, "invalidFilter")


def test_projection_shows_what_was_asked_for(client: httpx.Client):
    (some,) = query(client, filter='userName eq "user00001@example.com"')["Resources"]
    path = f"/Users/{some['id']}"
    assert client.get(path, params={"attributes": "NAME.givenName, emails.value"}).json() == {
        "schemas": some["schemas"],
        "id": some["id"],
        "name": {"givenName": some["name"]["givenName"]},
        "emails": [{"value": some["emails"][0]["value"]}],
    }
    rest = client.get(path, params={"excludedAttributes": "id,emails,name.givenName,meta"}).json()
    assert rest["id"] == some["id"]
    assert rest["name"] == {"familyName": some["name"]["familyName"]}
    assert not {"emails", "meta"} & set(rest)
    both = {"attributes": "userName", "excludedAttributes": "name"}
    assert kind(client.get(path, params=both)) == kind(client.get("/Users", params=both)) == (400, "invalidValue")
    body = {"schemas": [USER], "userName": "projected", "title": "T"}
    created = client.post("/Users", json=body, params={"attributes": "title"}).json()
    assert set(created) == {"schemas", "id", "title"}
    assert client.delete(f"/Users/{created['id']}").status_code == 204
