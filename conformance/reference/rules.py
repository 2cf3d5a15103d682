"""Every decision the reference tenant takes, one method for each.

Handlers ask here and nowhere else, so a tenant that is wrong in one thing is this one with one method replaced.
"""

from __future__ import annotations

import hmac
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference import passwords
from conformance.reference.cursors import Cursors
from conformance.reference.messages import JSON, SCIM, Refused, Request, Response, media_type_for, not_supported
from conformance.reference.representation import Directory
from conformance.reference.storage import Record
from conformance.spec import bulk, etag, matching, pagination, patch, projection, sorting, validation
from conformance.spec.errors import ScimError, invalid_value, mutability
from conformance.spec.filter import And, Comparison, Filter, Not, Or, parse
from conformance.spec.paths import AttrPath, lookup
from conformance.spec.prefer import preferences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.reference.storage import Store
    from conformance.spec.schema import ResourceType
    from conformance.spec.service import Service

DISCOVERY = ("ServiceProviderConfig", "ResourceTypes", "Schemas")
_PAGE_SIZE = 100
_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
_MAX_BODY = 4 * 1024 * 1024


class Rules:
    """What the tenant holds right. An instance may have any method replaced."""

    def __init__(self, service: Service, store: Store, token: str) -> None:
        self.service = service
        self.store = store
        self.max_body = max(_MAX_BODY, service.bulk.max_payload_size or 0)
        self._token = token
        self.cursors = Cursors(service.pagination.cursor_timeout)
        self._directory = Directory(service, store)
        self._on_request = {
            t.name: [AttrPath.parse(b.path) for b in t.attributes() if b.attribute.returned == "request"]
            for t in service.resource_types
        }

    # Who asks, and for what

    def is_public(self, method: str, segments: Sequence[str]) -> bool:
        """Return whether a request is answered without credentials: reading discovery is (RFC 7643 §5)."""
        return method in {"GET", "HEAD"} and segments[:1] != [] and segments[0] in DISCOVERY

    def authenticate(self, request: Request) -> None:
        """Raise ScimError 401 for a request that does not carry the bearer token (RFC 7644 §2)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token.encode()):
            return
        challenge = 'Bearer realm="SCIM"' + (', error="invalid_token"' if token else "")
        detail = "The bearer token is not valid" if token else "A bearer token is required"
        raise Refused(detail, status=401, headers={"WWW-Authenticate": challenge})

    def check_accept(self, request: Request) -> None:
        """Raise ScimError 406 for a client that takes neither SCIM's media type nor plain JSON (§3.8)."""
        if media_type_for(request.headers.get("accept")) is None and not self.defers(request):
            raise ScimError(f"The answer is {SCIM} or {JSON}", status=406)

    def defers(self, request: Request) -> bool:
        """Return whether the answer comes before the outcome: on wish, for single writes (RFC 9967 §2.5.1.1).

        A client that says how long it would wait gets the outcome, as every write is done within a second.
        """
        wishes = preferences(request.headers.get("prefer"))
        wished = "respond-async" in wishes and wishes.get("wait", "0") == "0"
        single = request.method in _WRITES and request.segments[-1] not in {"Bulk", ".search"}
        return bool(self.service.supports("async")) and wished and single

    # What is written

    def read(self, request: Request) -> Any:
        """Return the JSON of a request's body. Raises ScimError."""
        return request.json(self.max_body)

    def accept(self, body: object, resource_type: ResourceType, stored: Record | None = None) -> dict[str, Any]:
        """Return what to keep of the body of a POST, or of a PUT over a record (§3.3, §3.5.1). Raises ScimError."""
        before = stored.attributes if stored else None
        attributes = validation.validate(body, resource_type, for_replace_of=before)
        if before is not None and not self.service.change_password:
            # A PUT carries the whole resource: what cannot be changed is passed over in it, as readOnly values are.
            attributes.pop("password", None)
            attributes |= {name: value for name, value in before.items() if name == "password"}
        return self.settle(attributes, resource_type, stored)

    def apply_patch(self, body: object, resource_type: ResourceType, stored: Record, base: str) -> dict[str, Any]:
        """Return what to keep of a record after the operations of a PATCH (§3.5.2). Raises ScimError."""
        operations = self.read_operations(body)
        patched = self.operate(self._directory.resource(stored, base), operations, resource_type)
        return self.settle(validation.validate(patched, resource_type), resource_type, stored)

    def read_operations(self, body: object) -> list[dict[str, Any]]:
        """Return the operations of a PatchOp message. Raises ScimError."""
        return patch.read_operations(body)

    def operate(
        self, resource: dict[str, Any], operations: Sequence[Mapping[str, Any]], resource_type: ResourceType
    ) -> dict[str, Any]:
        """Return a whole resource as it is after all operations. Raises ScimError."""
        return patch.apply(resource, operations, resource_type)

    def settle(self, attributes: dict[str, Any], resource_type: ResourceType, stored: Record | None) -> dict[str, Any]:
        """Bring valid attributes into the kept form: references checked, addresses canonical, secrets hashed."""
        self.settle_references(attributes, resource_type)
        _canonicalise(attributes)
        self.settle_secrets(attributes, resource_type, stored)
        return attributes

    def settle_references(self, attributes: dict[str, Any], resource_type: ResourceType) -> None:
        """Keep one element for each resource referred to. Raises ScimError invalidValue for an id that is none."""
        for reference in self.store.references[resource_type.name]:
            reference.settle(attributes, self.store.type_of)

    def settle_secrets(self, attributes: dict[str, Any], resource_type: ResourceType, stored: Record | None) -> None:
        """Put hashes in the place of writeOnly texts; one that is still the same keeps its hash (RFC 7643 §9.2)."""
        for attribute in resource_type.schema.attributes:
            given = attributes.get(attribute.name)
            kept = stored.attributes.get(attribute.name) if stored else None
            # What must be unique stays as it is: salted hashes of the same text differ.
            secret = attribute.mutability == "writeOnly" and attribute.type == "string"
            if not secret or attribute.uniqueness != "none" or not isinstance(given, str) or given == kept:
                continue
            if isinstance(kept, str) and passwords.agrees(given, kept):
                attributes[attribute.name] = kept
            elif stored and attribute.name == "password" and not self.service.change_password:
                raise mutability("Passwords cannot be changed here")
            else:
                attributes[attribute.name] = passwords.hashed(given)

    def check_precondition(self, request: Request, record: Record) -> None:
        """Raise ScimError 412 when If-Match or If-None-Match forbids to change a record (§3.14)."""
        match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
        if not self.service.etag or match is none_match is None:
            return
        version = self.version(record)
        if not (etag.if_match(match, version) and etag.if_none_match(none_match, version)):
            raise ScimError(f"The version of the resource is {version}", status=412)

    def unchanged(self, request: Request, record: Record) -> bool:
        """Return whether the client has the record already, by If-None-Match."""
        header = request.headers.get("if-none-match")
        return bool(self.service.etag) and not etag.if_none_match(header, self.version(record))

    def first_state(self, resource_type: ResourceType, attributes: dict[str, Any]) -> Record:
        """Return a new record, with an id that no resource has or had."""
        now = self.now()
        return Record(str(uuid.uuid4()), resource_type.name, attributes, created=now, modified=now)

    def next_state(self, record: Record, attributes: dict[str, Any]) -> Record:
        """Return a record with new attributes: itself where nothing changes, so that ``lastModified`` stays."""
        if attributes == record.attributes:
            return record
        # Two changes may fall into one millisecond, yet the later one must show.
        modified = max(self.now(), record.modified + 1)
        return replace(record, attributes=attributes, modified=modified, revision=record.revision + 1)

    def now(self) -> int:
        """Return the time in milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    # What is written in bulk

    def read_job(self, request: Request) -> bulk.Job:
        """Return the operations of a BulkRequest. Raises ScimError: 413 beyond a limit (§3.7.4), 400, 501."""
        support = self.service.bulk
        if not support.supported:
            raise not_supported("Bulk")
        size, limit = len(request.body), support.max_payload_size
        if limit and size > limit:
            raise ScimError(f"The request of {size} bytes exceeds maxPayloadSize ({limit})", status=413)
        return bulk.read(self.read(request), support.max_operations)

    def plan(self, operations: Sequence[bulk.Operation]) -> list[bulk.Step]:
        """Return the operations of a job in the order to carry them out (§3.7.2)."""
        return bulk.plan(operations)

    def resolve(self, data: Any, ids: Mapping[str, str], deferred: frozenset[str] = frozenset()) -> Any:
        """Return an operation's data with ids in the place of bulkIds (§3.7.2). Raises ScimError 409."""
        return bulk.resolve(data, ids, deferred)

    def result(self, operation: bulk.Operation, response: Response, base: str) -> dict[str, Any]:
        """Return what a BulkResponse says of an operation (§3.7.3)."""
        result: dict[str, Any] = {"method": operation.method} if operation.method else {}
        result["status"] = str(response.status)
        if operation.bulk_id:
            result["bulkId"] = operation.bulk_id
        if "ETag" in response.headers:
            result["version"] = response.headers["ETag"]
        if "Location" in response.headers:
            result["location"] = response.headers["Location"]
        elif not (response.failed and operation.method == "POST"):
            result["location"] = f"{base}/{operation.path.strip('/')}"
        if response.failed:
            result["response"] = response.document
        return result

    # What is asked for

    def read_filter(self, text: str, resource_types: Sequence[ResourceType], *, everywhere: bool) -> Filter:
        """Read a filter (§3.4.2.2) over resource types, ``everywhere`` at the root (§3.4.2.1). Raises ScimError."""
        if not self.service.filter.supported:
            raise not_supported("Filtering")
        node = parse(text)
        for resource_type in resource_types:
            for path in _paths(node):
                bound = resource_type.find(path.dotted, path.urn)
                if bound and bound.attribute.returned == "never":
                    raise ScimError(f"{path} must not be searched for", status=403, scim_type="sensitive")
            matching.check(node, resource_type, reject_unknown=not everywhere)
        return node

    def candidates(self, node: Filter, resource_type: ResourceType) -> list[Record]:
        """Return records among which are all that satisfy a filter: few where an index knows them, else all.

        A tenant in which more resources match than should has to have this replaced, too.
        """
        likely = _by_index(node, resource_type, self.store)
        return self.store.all(resource_type.name) if likely is None else likely

    def matches(self, node: Filter, resource: dict[str, Any], resource_type: ResourceType) -> bool:
        """Return whether a whole resource satisfies a filter."""
        return matching.matches(node, resource, resource_type)

    def sort(
        self, resources: list[dict[str, Any]], path: str, *, ascending: bool, resource_type: ResourceType
    ) -> list[dict[str, Any]]:
        """Return whole resources in the order of an attribute (§3.4.2.3)."""
        return sorting.sort(resources, path, ascending=ascending, resource_type=resource_type)

    def page_size(self, count: int | None) -> int:
        """Return how many resources a page holds when ``count`` are asked for (§3.4.2.4)."""
        paging = self.service.pagination
        limits = [limit for limit in (self.service.filter.max_results, paging.max_page_size) if limit]
        size = pagination.page_size(count, default=paging.default_page_size, maximum=min(limits, default=None))
        return _PAGE_SIZE if size is None else size

    def window(self, total: int, start_index: int | None, count: int | None) -> pagination.Window:
        """Return the part of a list that a page shows when paged by index (§3.4.2.4)."""
        return pagination.window(total, start_index, self.page_size(count))

    def check_projection(self, attributes: Sequence[str], excluded: Sequence[str]) -> None:
        """Raise ScimError invalidValue for a choice of attributes that cannot be made (§3.9)."""
        if attributes and excluded:
            raise invalid_value("attributes and excludedAttributes exclude each other")

    # What is answered

    def represent(self, record: Record, base: str) -> dict[str, Any]:
        """Return the whole resource, with what is never returned, too: ``project`` takes that out."""
        resource = self._directory.resource(record, base)
        if self.service.etag:
            resource["meta"]["version"] = self.version(record)
        return resource

    def version(self, record: Record) -> str:
        """Return the entity tag of a record (§3.14): weak, as what is computed may change without it."""
        return f'W/"{record.revision}-{record.modified:x}"'

    def location(self, record: Record, base: str) -> str:
        """Return the permanent URI of a resource, for the Location header."""
        return self._directory.location(record, base)

    def project(
        self,
        resource: dict[str, Any],
        resource_type: ResourceType,
        attributes: Sequence[str] = (),
        excluded: Sequence[str] = (),
        written: object = None,
    ) -> dict[str, Any]:
        """Return what to show of a whole resource (§3.9). ``written`` is what the client sent, in a write.

        What is returned on request only is also shown to the client that just wrote it (RFC 7643 §7).
        """
        shown = projection.project(resource, resource_type, attributes, excluded)
        asked = [str(path) for path in self._on_request[resource_type.name] if lookup(written, path) is not None]
        extra = projection.project(resource, resource_type, asked) if asked else {}
        for name, value in extra.items():
            merge = isinstance(value, dict) and isinstance(shown.get(name), dict)
            shown[name] = {**shown[name], **value} if merge else value
        return shown

    def refuse(self, error: ScimError) -> Response:
        """Return the response for an error (§3.12)."""
        headers = error.headers if isinstance(error, Refused) else {}
        return Response(error.status, error.to_document(), dict(headers))

    def defer(self, request: Request, response: Response) -> Response:
        """Return 202 in the place of the answer to a write."""
        headers = {
            "Location": response.headers.get("Location", request.target),
            "Preference-Applied": "respond-async",
            "Set-Txn": uuid.uuid4().hex,
        }
        return Response(202, headers=headers)

    def finish(self, request: Request, response: Response) -> Response:  # noqa: ARG002
        """Return the response to send, once everything else is settled."""
        return response


def _canonicalise(attributes: dict[str, Any]) -> None:
    """Write the domain of e-mail addresses in lower case (RFC 7643 §4.1.2)."""
    for element in attributes.get("emails", ()):
        local, at, domain = str(element.get("value", "")).rpartition("@")
        if at:
            element["value"] = f"{local}@{domain.lower()}"


def _by_index(node: Filter, resource_type: ResourceType, store: Store) -> list[Record] | None:
    if isinstance(node, And):
        left = _by_index(node.left, resource_type, store)
        return _by_index(node.right, resource_type, store) if left is None else left
    if isinstance(node, Comparison) and node.op == "eq" and isinstance(node.value, str):
        bound = resource_type.find(node.path.dotted, node.path.urn)
        return store.find(bound, node.value) if bound else None
    return None


def _paths(node: Filter) -> Iterator[AttrPath]:
    match node:
        case And(left, right) | Or(left, right):
            yield from _paths(left)
            yield from _paths(right)
        case Not(operand):
            yield from _paths(operand)
        case _:
            yield node.path
