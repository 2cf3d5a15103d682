"""The reference tenant as a thing to run: its database, missing features, serving, and replacing one rule."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.reference.database import DatabaseError
from conformance.reference.serve import running
from conformance.reference.tenant import DEFAULT_TOKEN, OPTIONAL, ReferenceTenant
from conformance.spec.messages import BULK_REQUEST, PATCH_OP, SEARCH_REQUEST
from conformance.spec.schema import GROUP, USER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def served(tenant: ReferenceTenant) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    with running(tenant) as url, httpx.Client(base_url=url, headers=headers) as client:
        yield client


def test_a_database_outlives_the_process(tmp_path: Path):
    path = tmp_path / "tenant.db"
    with served(ReferenceTenant(database=path, seed_users=2)) as client:
        first, second = client.get("/Users").json()["Resources"]
        members = [{"value": first["id"]}, {"value": second["id"]}]
        body = {"schemas": [GROUP], "displayName": "G", "members": members}
        group = client.post("/Groups", json=body).headers["location"].rpartition("/")[2]
        third = client.post("/Users", json={"schemas": [USER], "userName": "third", "password": "p"}).json()
        client.put(f"/Users/{third['id']}", json={"schemas": [USER], "userName": "3rd"})
        client.delete(f"/Users/{second['id']}")
        before = client.get("/", params={"excludedAttributes": "meta.location,members,groups"}).json()
    with served(ReferenceTenant(database=path, seed_users=2)) as client:
        assert client.get("/", params={"excludedAttributes": "meta.location,members,groups"}).json() == before
        (member,) = client.get(f"/Groups/{group}").json()["members"]
        assert member["value"] == first["id"]
        assert client.get(f"/Users/{first['id']}").json()["groups"][0]["value"] == group
        assert client.post("/Users", json={"schemas": [USER], "userName": "3RD"}).status_code == 409
        assert client.get("/Me").json()["id"] == first["id"]


def _other_application(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")


def _damaged(path: Path) -> None:
    ReferenceTenant(database=path, seed_users=200).close()
    content = bytearray(path.read_bytes())
    content[4096:40960] = b"\xff" * (40960 - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize("spoil", [_other_application, _damaged, lambda path: path.write_text("not a database" * 99)])
def test_a_file_that_is_no_database_of_ours_is_left_alone(tmp_path: Path, spoil: Any):
    path = tmp_path / "tenant.db"
    spoil(path)
    content = path.read_bytes()
    with pytest.raises(DatabaseError, match=r"tenant\.db") as raised:
        ReferenceTenant(database=path)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("feature", sorted(OPTIONAL))
def test_features_can_be_missing(feature: str):
    tenant = ReferenceTenant(without={feature}, seed_users=2)
    with served(tenant) as client:
        config = client.get("/ServiceProviderConfig").json()
        declared = {name for name, value in config.items() if isinstance(value, dict) and value.get("supported")}
        declared |= {"cursor"} & {name for name, value in config["pagination"].items() if value is True}
        declared |= {"async"} if "securityEvents" in config else set()
        assert declared == OPTIONAL - {feature, "me", "search"}
        user = client.get("/Users").json()["Resources"][0]
        path = f"/Users/{user['id']}"
        bulk = {"schemas": [BULK_REQUEST], "Operations": [{"method": "DELETE", "path": "/Users/unknown"}]}
        title = {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "T"}]}
        statuses = {
            "bulk": client.post("/Bulk", json=bulk).status_code,
            "filter": client.get("/Users", params={"filter": "userName pr"}).status_code,
            "patch": client.patch(path, json=title).status_code,
            "me": client.get("/Me").status_code,
            "search": client.post("/Users/.search", json={"schemas": [SEARCH_REQUEST]}).status_code,
            "sort": client.get("/Users", params={"sortBy": "userName"}).status_code,
        }
        harmless = {"async", "changePassword", "cursor", "etag", "sort"}
        assert {n: s for n, s in statuses.items() if s != 200} == ({} if feature in harmless else {feature: 501})
        backwards = client.get("/Users", params={"sortBy": "userName", "sortOrder": "descending"}).json()["Resources"]
        assert (backwards[0]["userName"] == "user00001@example.com") is (feature == "sort")
        assert ("nextCursor" in client.get("/Users", params={"cursor": "", "count": 1}).json()) is (feature != "cursor")
        deferred = client.put(path, json=user, headers={"Prefer": "respond-async"})
        assert deferred.status_code == (200 if feature == "async" else 202)
        response = client.get(path, headers={"If-Match": '"x"', "If-None-Match": "*"})
        assert ("etag" in response.headers) is (response.status_code == 304) is (feature != "etag")
        assert client.delete(path, headers={"If-Match": '"x"'}).status_code == (204 if feature == "etag" else 412)


def test_passwords_that_cannot_be_changed_are_passed_over_by_put_and_refused_by_patch():
    with served(ReferenceTenant(without={"changePassword"})) as client:
        body = {"schemas": [USER], "userName": "u", "password": "first"}
        created = client.post("/Users", json=body).json()
        path = f"/Users/{created['id']}"
        for password in ("second", None):
            assert client.put(path, json={**body, "password": password}).json() == created
        change = [{"op": "replace", "path": "password", "value": "second"}]
        refused = client.patch(path, json={"schemas": [PATCH_OP], "Operations": change})
        assert (refused.status_code, refused.json()["scimType"]) == (400, "mutability")


def test_an_unknown_feature_is_a_mistake():
    with pytest.raises(ValueError, match="teleport"):
        ReferenceTenant(without={"teleport"})


def test_requests_wait_side_by_side():
    with served(ReferenceTenant(latency=0.2)) as client, ThreadPoolExecutor(8) as pool:
        client.get("/Users")
        start = time.perf_counter()
        statuses = list(pool.map(lambda _: client.get("/Users").status_code, range(8)))
    assert statuses == [200] * 8
    assert time.perf_counter() - start < 0.8


def test_parallel_creates_keep_names_unique():
    with served(ReferenceTenant()) as client, ThreadPoolExecutor(8) as pool:
        body = {"schemas": [USER], "userName": "same"}
        statuses = sorted(pool.map(lambda _: client.post("/Users", json=body).status_code, range(16)))
    assert statuses == [201] + [409] * 15


def test_ten_thousand_users_are_found_by_name_at_once():
    with served(ReferenceTenant(seed_users=10_000)) as client:
        took = []
        for _ in range(10):
            start = time.perf_counter()
            found = client.get("/Users", params={"filter": 'userName eq "USER09999@example.com"'}).json()
            took.append(time.perf_counter() - start)
            assert found["totalResults"] == 1
    assert min(took) < 0.02


def test_a_port_in_use_is_told():
    with running(ReferenceTenant()) as url:
        second = running(ReferenceTenant(), port=httpx.URL(url).port or 0)
        with pytest.raises(OSError, match="in use"):
            second.__enter__()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_quietly_on_a_signal(number: signal.Signals):
    code = "from conformance.reference.serve import serve; from conformance.reference.tenant import ReferenceTenant; "
    code += "serve(ReferenceTenant(), announce=lambda url: print(url, flush=True)); print('done')"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    with httpx.Client() as client:
        assert client.get(f"{url}/ServiceProviderConfig").status_code == 200
        os.kill(process.pid, number)
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "done\n", "")


def test_a_client_that_does_not_finish_is_let_go(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("conformance.reference.transport._BODY_TIMEOUT", 0.1)
    head = b"POST /scim/v2/Users HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"
    with served(ReferenceTenant()) as client:
        address = ("127.0.0.1", client.base_url.port or 0)
        with socket.create_connection(address) as connection:
            connection.sendall(head)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        with socket.create_connection(address) as connection:
            connection.sendall(head)
        assert client.get("/Users").status_code == 200
    assert received.startswith(b"HTTP/1.1 408")
    assert b'"status":"408"' in received


@pytest.mark.parametrize("begun", [b"", b"GET /scim/v2/Users HTTP/1.1\r\nHost: h\r\nX-Slow: "])
def test_headers_that_do_not_arrive_in_time_end_the_connection(begun: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("conformance.serving._HEADER_TIMEOUT", 0.1)
    with served(ReferenceTenant()) as client:
        with socket.create_connection(("127.0.0.1", client.base_url.port or 0), timeout=10) as connection:
            connection.sendall(begun)
            assert connection.recv(65536) == b""
        assert client.get("/Users").status_code == 200


def test_a_request_without_a_host_is_answered():
    with running(ReferenceTenant(seed_users=1)) as url:
        address = ("127.0.0.1", httpx.URL(url).port or 0)
        with socket.create_connection(address) as connection:
            connection.sendall(b"GET /scim/v2/ResourceTypes HTTP/1.0\r\n\r\n")
            received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert f'"location":"{url}/ResourceTypes/User"'.encode() in received


def test_one_rule_of_one_tenant_can_be_replaced():
    tenant = ReferenceTenant(seed_users=3)
    right = tenant.rules.project
    tenant.rules.project = lambda *args, **kwargs: {**right(*args, **kwargs), "extra": True}  # type: ignore[method-assign]
    with served(tenant) as client, served(ReferenceTenant(seed_users=1)) as other:
        assert all(resource["extra"] for resource in client.get("/Users").json()["Resources"])
        assert "extra" not in other.get("/Users").json()["Resources"][0]


def test_a_fault_of_the_tenant_itself_is_an_error_without_its_details(caplog: pytest.LogCaptureFixture):
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    tenant = ReferenceTenant(seed_users=1)
    tenant.rules.represent = broken  # type: ignore[method-assign,assignment]
    with served(tenant) as client:
        response = client.get("/Users")
    assert response.status_code == 500
    assert response.json()["status"] == "500"
    assert "secret" not in response.text
    assert "secret detail" in caplog.text
