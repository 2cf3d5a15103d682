"""Bulk jobs change what the run created and nothing else, and what they create is known and removed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.probes.ask import Ask
from conformance.probes.bulk import delete, patch, post, put
from conformance.probes.registry import ProbeCall, probes
from conformance.probes.samples import Recipe
from conformance.reference.faults.registry import find_fault
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, DEFAULT_TOKEN, ReferenceTenant
from conformance.spec.messages import BULK_REQUEST, PATCH_OP
from conformance.spec.service import Service
from conformance.tenant.auth import BearerToken
from conformance.tenant.client import Client
from conformance.tenant.ledger import Ledger, NotOurs
from conformance.tenant.url import TenantURL

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS, FOREIGN = "/Users/ours", "/Users/foreign"
USERS = next(t for t in Service.default().resource_types if t.name == "User")


def message(*operations: Any, **members: Any) -> dict[str, Any]:
    return {"schemas": [BULK_REQUEST], "Operations": list(operations), **members}


@contextmanager
def client(tenant: ReferenceTenant | None = None) -> Iterator[Client]:
    transport = InProcess(tenant or ReferenceTenant())
    url = TenantURL.parse(f"http://127.0.0.1{BASE_PATH}")
    found = Client(url, ledger=Ledger(), auth=BearerToken(DEFAULT_TOKEN), transport=transport)
    found.ledger.created(OURS)
    found.ledger.intend("/Users", "conf-1")
    try:
        yield found
    finally:
        found.close()


CREATE = {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "conf-1"}}


@pytest.mark.parametrize(
    "body",
    [
        message(CREATE, put(OURS, {}), patch(OURS), delete(OURS)),
        message(CREATE, delete("/Users/bulkId:a")),
        message({"path": OURS}, {"method": "GET", "path": OURS}),
        message({"method": "POST", "bulkId": "a", "data": {}}),
        message(CREATE | {"path": OURS}),
        {"schemas": [BULK_REQUEST]},
        [],
    ],
)
def test_what_touches_only_our_own_is_sent(body: Any):
    with client() as tenant:
        assert tenant.send("POST", "/Bulk", json=body).response is not None


@pytest.mark.parametrize(
    "body",
    [
        message(delete(FOREIGN)),
        message(delete(OURS), put(FOREIGN, {})),
        message(patch(f"{OURS}/../foreign")),
        message(delete("https://example.com/Users/ours")),
        message(delete("/Users")),
        message(delete("/Me")),
        message({"method": "delete", "path": FOREIGN}),
        message({"METHOD": "DELETE", "Path": FOREIGN}),
        message({"path": FOREIGN}),
        message({"method": "MOVE", "path": FOREIGN}),
        message({"method": "PUT", "data": {"id": "foreign"}}),
        message({"method": "PUT", "path": [FOREIGN]}),
        message(delete("/Users/bulkId:b")),
        message(CREATE, delete("/Users/bulkId:b")),
        message(CREATE, delete("/Users/bulkId:a/../foreign")),
        message(CREATE | {"path": "/Groups"}),
        message(CREATE | {"path": "/Me"}),
        message(CREATE | {"path": "/Bulk", "data": message(delete(FOREIGN))}),
        message(operations=[delete(FOREIGN)]),
        message() | {"Operations": delete(FOREIGN)},
        [message(delete(FOREIGN))],
        {"jobs": {"first": [[delete(FOREIGN)]]}},
        delete(FOREIGN),
    ],
)
@pytest.mark.parametrize("path", ["/Bulk", "/bulk/", "/%42ulk?x=y"])
def test_what_could_touch_others_never_leaves(body: Any, path: str):
    with client() as tenant:
        with pytest.raises(NotOurs):
            tenant.send("POST", path, json=body)
        assert tenant.exchanges == []


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(message(delete(FOREIGN)))[:-1],
        json.dumps(message(delete(FOREIGN))).replace("DELETE", "\\u0044ELETE")[:-1],
        json.dumps(message(delete(FOREIGN))).encode("utf-16"),
        json.dumps(message(delete(FOREIGN))).encode("utf-16-le"),
        b"\x1f\x8b\x08\x00\xff",
        '{"Operations": [{"method": "DELETE", "path": "/Users/foreign", "path": "/Users/ours"}]}',
        '{"Operations": [], "operations": []}',
    ],
)
def test_what_may_be_read_in_two_ways_never_leaves(content: str | bytes):
    with client() as tenant:
        with pytest.raises(NotOurs):
            tenant.send("POST", "/Bulk", content=content)
        assert tenant.exchanges == []


def test_a_malformed_job_that_could_only_create_is_sent():
    with client() as tenant:
        assert tenant.send("POST", "/Bulk", content=json.dumps(message(CREATE))[:-1]).status == 400


# --- what jobs create -------------------------------------------------------------------------------------------------


def asking(tenant: ReferenceTenant, work: Client) -> Ask:
    return Ask(ProbeCall(probes()["bulk_jobs"], (USERS,)), work, tenant.service, Recipe(seed="s", tag="conf-1"))


@pytest.mark.parametrize(
    "fault",
    [
        None,
        "created-results-have-no-location",
        "results-fold-the-bulk-id",
        "bulk-status-is-an-object",
        "results-stand-in-an-object",
        "jobs-without-success-are-refused",
    ],
)
def test_what_a_job_created_is_removed_however_it_is_told(fault: str | None):
    tenant = ReferenceTenant()
    if fault:
        find_fault(fault).plant(tenant)
    with client(tenant) as work:
        ask = asking(tenant, work)
        bodies = [ask.sample.minimal(USERS) for _ in range(2)]
        made = ask.bulk("job", *(post(USERS, f"A-{n}", body) for n, body in enumerate(bodies)))
        assert {path.rpartition("/")[2] for path in made if path} == {r.id for r in tenant.store.all("User")}
        ask.clean_up()
        assert work.ledger.left_behind == [OURS]
    assert tenant.store.all("User") == []


@pytest.mark.parametrize("location", ["/Users/{id}", "Users/{id}", f"{BASE_PATH}/Users/{{id}}"])
def test_a_relative_location_leads_to_what_was_created(location: str):
    tenant = ReferenceTenant()
    told = tenant.rules.result

    def relative(operation: Any, response: Any, base: str) -> dict[str, Any]:
        result = told(operation, response, base)
        return result | {"location": location.format(id=result["location"].rpartition("/")[2])}

    tenant.rules.result = relative  # type: ignore[method-assign]
    with client(tenant) as work:
        ask = asking(tenant, work)
        (made,) = ask.bulk("job", post(USERS, "A-1", ask.sample.minimal(USERS)))
        assert made == f"/Users/{tenant.store.all('User')[0].id}"
        assert len(work.exchanges) == 1


@pytest.mark.parametrize("location", ["/Users/../Groups/1", "https://example.com/Users/1", "/Users/", "/Groups/1", 7])
def test_a_location_that_leads_elsewhere_makes_nothing_ours(location: object):
    tenant = ReferenceTenant()
    told = tenant.rules.result
    tenant.rules.result = lambda *given: told(*given) | {"location": location}  # type: ignore[method-assign]
    with client(tenant) as work:
        ask = asking(tenant, work)
        (made,) = ask.bulk("job", post(USERS, "A-1", ask.sample.minimal(USERS)))
        assert made == f"/Users/{tenant.store.all('User')[0].id}", "it was not found by its marker"
        assert work.ledger.left_behind == [made, OURS]


def test_what_was_created_in_spite_of_a_refusal_is_adopted():
    tenant = ReferenceTenant(replace(Service.default(), bulk=replace(Service.default().bulk, max_operations=1)))
    find_fault("too-large-jobs-begin").plant(tenant)
    with client(tenant) as work:
        ask = asking(tenant, work)
        body = ask.sample.minimal(USERS)
        assert ask.bulk("job", post(USERS, "A-1", body), {"method": "GET", "path": OURS}) == [None, None]
        ask.adopt("stored", USERS, "userName")
        ask.clean_up()
    assert tenant.store.all("User") == []


def test_others_are_not_adopted():
    tenant = ReferenceTenant(seed_users=3)
    tenant.rules.read_filter = lambda *_, **__: None  # type: ignore[method-assign, assignment, return-value]
    tenant.rules.candidates = lambda *_: tenant.store.all("User")  # type: ignore[method-assign]
    tenant.rules.matches = lambda *_: True  # type: ignore[method-assign]
    with client(tenant) as work:
        ask = asking(tenant, work)
        ask.adopt("stored", USERS, "userName")
        assert len(ask.evidence.stored.resources) == 3
        assert work.ledger.left_behind == [OURS]


def test_a_patch_message_has_no_operations_of_a_job():
    with client() as tenant, pytest.raises(NotOurs):
        tenant.send("POST", "/Bulk", json={"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": "title"}]})
