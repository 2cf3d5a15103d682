"""The reference tenant over HTTP: discovery, credentials, media types, errors, /Me."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.reference.serve import running
from conformance.reference.specimens import LABEL, SPECIMEN, with_specimens
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.spec.json_schema import validator
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER
from conformance.spec.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

SCIM = "application/scim+json"
AUTHORIZED = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(ReferenceTenant(seed_users=2)) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers=AUTHORIZED) as client:
        yield client


@pytest.fixture(scope="module")
def anonymous(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url) as client:
        yield client


def assert_error(response: httpx.Response, status: int, scim_type: str | None = None) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == SCIM
    document: dict[str, Any] = response.json()
    validator("error").validate(document)
    assert document["status"] == str(status)
    assert document.get("scimType") == scim_type
    assert document["detail"]
    return document


def test_discovery_is_public_and_describes_the_service(url: str, anonymous: httpx.Client):
    documents = [anonymous.get(path).json() for path in ("/ServiceProviderConfig", "/ResourceTypes", "/Schemas")]
    config, types, schemas = documents
    validator("service-provider-config").validate(config)
    read = Service.from_documents(config, types["Resources"], schemas["Resources"])
    assert read == with_specimens("few")
    assert config["meta"] == {"resourceType": "ServiceProviderConfig", "location": f"{url}/ServiceProviderConfig"}
    assert types["totalResults"] == types["itemsPerPage"] == 3
    assert [schema["id"] for schema in schemas["Resources"]] == [USER, ENTERPRISE_USER, GROUP, SPECIMEN, LABEL]


@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes"])
def test_each_discovery_entry_is_at_its_location(client: httpx.Client, path: str):
    for entry in client.get(path).json()["Resources"]:
        assert client.get(entry["meta"]["location"]).json() == entry
        assert client.get(entry["meta"]["location"].replace(":2.0:", "%3A2.0%3A")).json() == entry
    assert_error(client.get(f"{path}/unknown"), 404)


@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"])
def test_discovery_ignores_paging_and_refuses_filters_and_writes(client: httpx.Client, path: str):
    plain = client.get(path).json()
    assert client.get(path, params={"startIndex": 2, "count": 1, "sortBy": "id", "attributes": "id"}).json() == plain
    assert_error(client.get(path, params={"filter": 'id eq "User"'}), 403)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refused = client.request(method, path, json={})
        assert_error(refused, 405)
        assert refused.headers["allow"] == "GET"


@pytest.mark.parametrize("value", [None, "Bearer", "Bearer wrong", f"Basic {DEFAULT_TOKEN}", "Bearer ünknown"])
def test_everything_else_needs_the_token(anonymous: httpx.Client, value: str | None):
    headers = {"Authorization": value.encode()} if value else {}
    for method, path in [("GET", "/Users"), ("POST", "/Bulk"), ("GET", "/nothing"), ("POST", "/Schemas")]:
        refused = anonymous.request(method, path, headers=headers)
        assert_error(refused, 401)
        assert refused.headers["www-authenticate"].startswith("Bearer realm=")


def test_the_name_of_the_scheme_is_in_any_letter_case(anonymous: httpx.Client):
    assert anonymous.get("/Users", headers={"Authorization": f"bearer {DEFAULT_TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        (None, SCIM),
        (SCIM, SCIM),
        ("*/*", SCIM),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", SCIM),
        ("application/json, */*;q=0.5", "application/json"),
        (f"application/json;q=0.4, {SCIM};q=0.9", SCIM),
        ("text/html, application/*;q=0.1", SCIM),
    ],
)
def test_accept_chooses_the_media_type(client: httpx.Client, accept: str | None, answer: str):
    request = client.build_request("GET", "/Users", headers={"Accept": accept or ""})
    if accept is None:
        del request.headers["accept"]
    response = client.send(request)
    assert response.status_code == 200
    assert response.headers["content-type"] == answer


@pytest.mark.parametrize("accept", ["text/html", f"{SCIM};q=0", "application/scim+json;q=x"])
def test_other_media_types_are_not_acceptable(client: httpx.Client, accept: str):
    assert_error(client.get("/Users", headers={"Accept": accept}), 406)


@pytest.mark.parametrize("sent", ["application/json", SCIM, f"{SCIM}; charset=utf-8", f'{SCIM};charset="UTF-8"'])
def test_bodies_in_json_are_read(client: httpx.Client, sent: str):
    response = client.post("/Users", content=b'{"schemas":["x"]}', headers={"Content-Type": sent})
    assert_error(response, 400, "invalidSyntax")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml"},
        {"Content-Type": f"{SCIM}; charset=latin-1"},
        {"Content-Type": SCIM, "Content-Encoding": "gzip"},
    ],
)
def test_other_bodies_are_not_read(client: httpx.Client, headers: dict[str, str]):
    assert_error(client.post("/Users", content=b"{}", headers=headers), 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"schemas": NaN}',
        b'{"a": 1' + b"0" * 5000 + b"}",
        b'{"userName": "\xff"}',
        '{"userName": "a"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_a_json_object_is_invalid_syntax(client: httpx.Client, body: bytes):
    for method, path in [("POST", "/Users"), ("POST", "/Users/.search"), ("POST", "/Bulk"), ("PUT", "/Me")]:
        assert_error(client.request(method, path, content=body, headers={"Content-Type": SCIM}), 400, "invalidSyntax")


def test_a_body_beyond_all_bounds_is_refused(client: httpx.Client):
    assert_error(client.post("/Users", content=b" " * 20_000_000, headers={"Content-Type": SCIM}), 413)
    assert client.get("/Users").status_code == 200


def test_unknown_endpoints_are_not_found(client: httpx.Client):
    for path in ("/nothing", "/users", "/Users/a/b", "/Users//x", "/Schemas/a/b", "/ServiceProviderConfig/x"):
        assert_error(client.get(path), 404)


def test_methods_an_endpoint_lacks_are_named(client: httpx.Client):
    for method, path, allow in [
        ("DELETE", "/Users", "GET, POST"),
        ("PUT", "/Groups", "GET, POST"),
        ("POST", "/", "GET"),
        ("GET", "/Bulk", "POST"),
        ("GET", "/Users/.search", "POST"),
        ("POST", "/Users/1", "GET, PUT, PATCH, DELETE"),
        ("OPTIONS", "/Users", "GET, POST"),
    ]:
        refused = client.request(method, path)
        assert_error(refused, 405)
        assert refused.headers["allow"] == allow


def test_head_is_get_without_the_body(client: httpx.Client):
    assert client.head("/Users").status_code == 200
    assert client.head("/Users").content == b""
    assert client.head("/Users/unknown").status_code == 404


def test_the_version_is_v2_or_left_out(url: str, client: httpx.Client):
    assert_error(client.get(f"{url[:-1]}3/Users"), 400, "invalidVers")
    assert_error(client.get(f"{url[:-1]}1/Users"), 400, "invalidVers")
    unversioned = client.get(f"{url[:-3]}/Users").json()
    assert unversioned["Resources"][0]["meta"]["location"].startswith(f"{url}/Users/")
    assert_error(client.get(url.replace("/scim", "/other") + "/Users"), 404)


def test_queries_are_decoded_once(client: httpx.Client):
    spellings = ["userName+eq+%22user00001%40example.com%22", "userName%20eq%20%22USER00001%40EXAMPLE.COM%22"]
    for spelling in spellings:
        assert client.get(f"/Users?filter={spelling}").json()["totalResults"] == 1
    assert client.get("/Users?filter=userName%20eq%20%22user%252B%22").json()["totalResults"] == 0
    assert_error(client.get("/Users?filter=%FF"), 400, "invalidValue")
    assert client.get("/Users?unknown=1&count=1").status_code == 200


def test_locations_follow_the_host_that_was_asked(client: httpx.Client):
    listed = client.get("/Users", headers={"Host": "idp.example:8443"}).json()
    assert listed["Resources"][0]["meta"]["location"].startswith("http://idp.example:8443/scim/v2/Users/")


def test_me_is_an_alias_of_the_users_own_resource(client: httpx.Client):
    response = client.get("/Me")
    me = response.json()
    assert me["userName"] == "user00001@example.com"
    assert response.headers["location"] == me["meta"]["location"]
    assert client.get(me["meta"]["location"]).json() == me
    operations = [{"op": "replace", "path": "title", "value": "Owner"}]
    patch = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}
    assert client.patch("/Me", json=patch, params={"attributes": "title"}).json()["title"] == "Owner"
    assert client.get(me["meta"]["location"]).json()["title"] == "Owner"
    assert_error(client.post("/Me", json={}), 405)


def test_me_of_a_token_without_a_user_is_not_implemented():
    with running(ReferenceTenant()) as url:
        assert_error(httpx.get(f"{url}/Me", headers=AUTHORIZED), 501)
