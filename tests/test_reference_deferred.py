"""The reference tenant over HTTP: writes whose answer comes before their outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.reference.serve import running
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.spec.prefer import preferences
from conformance.spec.schema import USER

if TYPE_CHECKING:
    from collections.abc import Iterator

ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with (
        running(ReferenceTenant()) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {DEFAULT_TOKEN}"}) as client,
    ):
        yield client


def user(name: str) -> dict[str, object]:
    return {"schemas": [USER], "userName": name}


def test_a_deferred_write_answers_202_and_takes_effect(client: httpx.Client):
    response = client.post("/Users", json=user("deferred"), headers={**ASYNC, "Accept": "image/png"})
    assert (response.status_code, response.content) == (202, b"")
    assert response.headers["preference-applied"] == "respond-async"
    assert response.headers["set-txn"]
    location = response.headers["location"]
    assert client.get(location).json()["userName"] == "deferred"
    gone = client.delete(location, headers=ASYNC)
    assert gone.status_code == 202
    assert gone.headers["set-txn"] != response.headers["set-txn"]
    assert client.get(location).status_code == 404


@pytest.mark.parametrize("prefer", ["respond-async, wait=5", "return=minimal", "wait=0"])
def test_other_wishes_change_nothing(client: httpx.Client, prefer: str):
    assert client.post("/Users", json=user(f"named {prefer}"), headers={"Prefer": prefer}).status_code == 201


def test_failures_and_bulk_jobs_are_not_deferred(client: httpx.Client):
    assert client.post("/Users", json={}, headers=ASYNC).status_code == 400
    operations = [{"method": "DELETE", "path": "/Users/unknown"}]
    job = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    assert client.post("/Bulk", json=job, headers=ASYNC).status_code == 200
    assert client.get("/Users", headers={**ASYNC, "Accept": "image/png"}).status_code == 406


def test_preferences_are_read_in_any_letter_case():
    assert preferences('Respond-Async; x=1, WAIT="10", wait=20') == {"respond-async": "", "wait": "10"}
    assert preferences(None) == {}
