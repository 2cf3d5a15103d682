"""Bulk jobs (RFC 7644 §3.7): reading, ordering, bulkIds."""

import pytest

from conformance.spec.bulk import plan, read, references, resolve, resolve_path
from conformance.spec.errors import ScimError
from conformance.spec.messages import BULK_REQUEST
from conformance.spec.schema import ENTERPRISE_USER


def post(bulk_id, *refers, path="/Groups"):
    members = [{"type": "User", "value": f"bulkId:{r}"} for r in refers]
    return {"method": "POST", "path": path, "bulkId": bulk_id, "data": {"displayName": bulk_id, "members": members}}


def job(*operations, **more):
    return read({"schemas": [BULK_REQUEST], "Operations": list(operations), **more})


def order(*operations):
    return [(s.operation.bulk_id or s.operation.method, sorted(s.deferred)) for s in plan(job(*operations).operations)]


def test_operations_as_sent():
    made = job({"method": "patch", "path": "/Users/1", "version": 'W/"1"', "data": {}}, failOnErrors=2)
    (operation,) = made.operations
    assert made.fail_on_errors == 2
    assert (operation.index, operation.method, operation.path) == (0, "PATCH", "/Users/1")
    assert (operation.version, operation.data, operation.error) == ('W/"1"', {}, None)


@pytest.mark.parametrize(
    ("operation", "detail"),
    [
        ({"path": "/Users", "bulkId": "a", "data": {}}, "method"),
        ({"method": "GET", "path": "/Users"}, "method"),
        ({"method": "DELETE"}, "path"),
        ({"method": "POST", "path": "/Users", "data": {}}, "bulkId"),
        ({"method": "POST", "path": "/Users", "bulkId": "a"}, "data"),
        ({"method": "PUT", "path": "/Users/1", "data": "x"}, "data"),
        ("nonsense", "method"),
    ],
)
def test_a_malformed_operation_fails_alone(operation, detail):
    bad, good = job(operation, {"method": "DELETE", "path": "/Users/1"}).operations
    assert detail in bad.error.detail
    assert bad.error.status == 400
    assert good.error is None


def test_a_bulk_id_names_one_resource():
    first, second = job(post("a"), post("a")).operations
    assert first.error is None
    assert "twice" in second.error.detail


@pytest.mark.parametrize(
    ("body", "status", "scim_type"),
    [
        ([], 400, "invalidSyntax"),
        ({"schemas": [BULK_REQUEST]}, 400, "invalidSyntax"),
        ({"schemas": [BULK_REQUEST], "Operations": []}, 400, "invalidSyntax"),
        ({"Operations": [post("a")]}, 400, "invalidSyntax"),
        ({"schemas": BULK_REQUEST, "Operations": [post("a")]}, 400, "invalidSyntax"),
        ({"schemas": ["urn:example:other"], "Operations": [post("a")]}, 400, "invalidSyntax"),
        ({"schemas": [BULK_REQUEST], "Operations": {"a": 1}}, 400, "invalidSyntax"),
        ({"schemas": [BULK_REQUEST], "Operations": [post("a")], "failOnErrors": True}, 400, "invalidValue"),
        ({"schemas": [BULK_REQUEST], "Operations": [post("a")], "failOnErrors": 0}, 400, "invalidValue"),
        ({"schemas": [BULK_REQUEST], "Operations": [post("a")], "failOnErrors": "1"}, 400, "invalidValue"),
        ({"schemas": [BULK_REQUEST], "Operations": [post("a"), post("b"), post("c")]}, 413, None),
    ],
)
def test_a_message_that_is_no_job(body, status, scim_type):
    with pytest.raises(ScimError) as caught:
        read(body, max_operations=2)
    assert (caught.value.status, caught.value.scim_type) == (status, scim_type)


def test_a_job_at_its_limits():
    made = read({"schemas": [BULK_REQUEST], "Operations": [post("a"), post("b")], "failOnErrors": 1}, max_operations=2)
    assert (len(made.operations), made.fail_on_errors) == (2, 1)


def test_the_limit_is_named():
    with pytest.raises(ScimError, match=r"maxOperations \(1\)"):
        read({"schemas": [BULK_REQUEST], "Operations": [post("a"), post("b")]}, max_operations=1)


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([post("a"), post("b", "a")], [("a", []), ("b", [])]),
        ([post("b", "a"), post("a")], [("a", []), ("b", [])]),
        ([post("c", "b"), post("b", "a"), post("x"), post("a")], [("a", []), ("b", []), ("c", []), ("x", [])]),
        # the circle of §3.7.1
        ([post("qwerty", "ytrewq"), post("ytrewq", "qwerty")], [("ytrewq", ["qwerty"]), ("qwerty", [])]),
        ([post("a", "a")], [("a", ["a"])]),
        ([post("a", "none")], [("a", [])]),
        ([post("a", "b"), {"method": "PUT", "path": "/Groups/1", "bulkId": "b", "data": {}}], [("a", []), ("b", [])]),
        ([post("a", "b"), {"method": "POST", "path": "/Groups", "bulkId": "b"}], [("a", []), ("b", [])]),
        ([{"method": "DELETE", "path": "/Users/bulkId:a"}, post("a")], [("a", []), ("DELETE", [])]),
    ],
)
def test_what_creates_comes_before_what_refers(operations, expected):
    assert order(*operations) == expected


def test_a_long_chain_is_ordered():
    chain = [post(str(i), str(i + 1)) for i in range(3000)] + [post("3000")]
    assert [name for name, _ in order(*chain)] == [str(i) for i in range(3000, -1, -1)]


def test_references_are_replaced_in_extensions_too():
    data = {ENTERPRISE_USER: {"manager": {"value": "bulkId:q"}}, "members": [{"value": "bulkId:q"}, {"value": "x"}]}
    (operation,) = job({"method": "PUT", "path": "/Users/1", "data": data}).operations
    assert references(operation) == ["q"]
    assert resolve(data, {"q": "92b7"}) == {
        ENTERPRISE_USER: {"manager": {"value": "92b7"}},
        "members": [{"value": "92b7"}, {"value": "x"}],
    }
    assert data["members"][0] == {"value": "bulkId:q"}


def test_deferred_references_are_left_out():
    data = {
        ENTERPRISE_USER: {"manager": {"value": "bulkId:q"}, "division": "D"},
        "members": [{"value": "bulkId:q", "type": "User"}],
    }
    assert resolve(data, {}, frozenset("q")) == {ENTERPRISE_USER: {"division": "D"}}
    assert resolve(data, {"q": "1"}, frozenset("q"))["members"] == [{"value": "1", "type": "User"}]


def test_an_unknown_bulk_id_is_a_conflict():
    with pytest.raises(ScimError) as caught:
        resolve({"members": [{"value": "bulkId:none"}]}, {})
    assert caught.value.status == 409
    with pytest.raises(ScimError):
        resolve_path("/Users/bulkId:none", {})


def test_a_bulk_id_in_a_path():
    assert resolve_path("/Users/bulkId:q", {"q": "1"}) == "/Users/1"
    assert resolve_path("/Users/2", {}) == "/Users/2"
    assert resolve_path("/Users/bulkId:q", {"q": "a/b %"}) == "/Users/a%2Fb%20%25"
