"""Single resources: create, read, replace, patch, delete (RFC 7644 §3.3, §3.4.1, §3.5, §3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.messages import Request, Response, not_found, not_supported
from conformance.spec.projection import names

if TYPE_CHECKING:
    from conformance.reference.rules import Rules
    from conformance.reference.storage import Record
    from conformance.spec.schema import ResourceType


def create(rules: Rules, resource_type: ResourceType, request: Request) -> Response:
    """Answer POST to the endpoint of a resource type."""
    _check_projection(rules, request)
    body = rules.read(request)
    record = add(rules, resource_type, body)
    response = _answer(rules, resource_type, request, record, body)
    response.status = 201
    return response


def add(rules: Rules, resource_type: ResourceType, body: object) -> Record:
    """Keep a new resource. Raises ScimError."""
    record = rules.first_state(resource_type, rules.accept(body, resource_type))
    rules.store.insert(record)
    return record


def read(rules: Rules, resource_type: ResourceType, identifier: str, request: Request) -> Response:
    """Answer GET of a resource, with 304 when the client has it already (§3.14)."""
    _check_projection(rules, request)
    record = _find(rules, resource_type, identifier)
    if rules.unchanged(request, record):
        return Response(304, headers={"ETag": rules.version(record)})
    return _answer(rules, resource_type, request, record)


def put(rules: Rules, resource_type: ResourceType, identifier: str, request: Request) -> Response:
    """Answer PUT: the body takes the place of what clients wrote before."""
    _check_projection(rules, request)
    record = _find(rules, resource_type, identifier)
    rules.check_precondition(request, record)
    body = rules.read(request)
    record = _keep(rules, record, rules.accept(body, resource_type, record))
    return _answer(rules, resource_type, request, record, body)


def patch(rules: Rules, resource_type: ResourceType, identifier: str, request: Request) -> Response:
    """Answer PATCH."""
    if not rules.service.patch:
        raise not_supported("PATCH")
    _check_projection(rules, request)
    record = _find(rules, resource_type, identifier)
    rules.check_precondition(request, record)
    attributes = rules.apply_patch(rules.read(request), resource_type, record, request.base)
    changed = {name: value for name, value in attributes.items() if value != record.attributes.get(name)}
    return _answer(rules, resource_type, request, _keep(rules, record, attributes), changed)


def delete(rules: Rules, resource_type: ResourceType, identifier: str, request: Request) -> Response:
    """Answer DELETE; other resources stop referring to what is gone."""
    record = _find(rules, resource_type, identifier)
    rules.check_precondition(request, record)
    others: dict[str, Record] = {}
    for type_name, references in rules.store.references.items():
        for reference in references:
            for other in rules.store.referrers(reference.name, record.id):
                if other.type == type_name and other.id != record.id:
                    current = others.get(other.id, other)
                    others[other.id] = rules.next_state(current, reference.without(current.attributes, record.id))
    rules.store.delete(record, list(others.values()))
    return Response(204)


def _find(rules: Rules, resource_type: ResourceType, identifier: str) -> Record:
    record = rules.store.get(identifier, resource_type.name)
    if record is None:
        raise not_found(f"{resource_type.name} {identifier!r}")
    return record


def _keep(rules: Rules, record: Record, attributes: dict[str, Any]) -> Record:
    changed = rules.next_state(record, attributes)
    if changed is not record:
        rules.store.replace(changed)
    return changed


def _check_projection(rules: Rules, request: Request) -> None:
    rules.check_projection(*_projection(request))


def _projection(request: Request) -> tuple[list[str], list[str]]:
    parameters = request.parameters
    return names(parameters.get("attributes")), names(parameters.get("excludedAttributes"))


def _answer(
    rules: Rules, resource_type: ResourceType, request: Request, record: Record, written: object = None
) -> Response:
    resource = rules.represent(record, request.base)
    document = rules.project(resource, resource_type, *_projection(request), written)
    headers = {"Location": rules.location(record, request.base)}
    if rules.service.etag:
        headers["ETag"] = rules.version(record)
    return Response(200, document, headers)
