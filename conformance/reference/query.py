"""Many resources: lists, filters, sorting, pages, ``/.search`` (RFC 7644 §3.4.2, §3.4.3; RFC 9865)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.reference.cursors import Result
from conformance.reference.messages import Request, Response
from conformance.spec.errors import invalid_syntax, invalid_value
from conformance.spec.messages import LIST_RESPONSE, SEARCH_REQUEST
from conformance.spec.pagination import number
from conformance.spec.paths import AttrPath, PathError, lookup
from conformance.spec.projection import names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.reference.rules import Rules
    from conformance.reference.storage import Record
    from conformance.spec.schema import BoundAttribute, ResourceType


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks for, in the URL or in a SearchRequest; None where it does not say."""

    filter: str | None = None
    sort_by: str | None = None
    ascending: bool = True
    start_index: int | None = None
    count: int | None = None
    cursor: str | None = None
    attributes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @classmethod
    def of_url(cls, parameters: Mapping[str, str]) -> Query:
        """Read query parameters; unknown ones are ignored (§3.4.2). Raises ScimError invalidValue."""
        return cls(
            filter=parameters.get("filter"),
            sort_by=parameters.get("sortBy"),
            ascending=_ascending(parameters.get("sortOrder")),
            start_index=number("startIndex", parameters.get("startIndex")),
            count=number("count", parameters.get("count")),
            cursor=parameters.get("cursor"),
            attributes=tuple(names(parameters.get("attributes"))),
            excluded=tuple(names(parameters.get("excludedAttributes"))),
        )

    @classmethod
    def of_message(cls, body: object) -> Query:
        """Read a SearchRequest (§3.4.3). Raises ScimError: invalidSyntax, invalidValue."""
        schemas = lookup(body, "schemas")
        if not isinstance(schemas, list) or SEARCH_REQUEST not in schemas:
            raise invalid_syntax(f"The body must be an object whose schemas name {SEARCH_REQUEST}")
        return cls(
            filter=_text(body, "filter"),
            sort_by=_text(body, "sortBy"),
            ascending=_ascending(_text(body, "sortOrder")),
            start_index=_integer(body, "startIndex"),
            count=_integer(body, "count"),
            cursor=_text(body, "cursor"),
            attributes=_texts(body, "attributes"),
            excluded=_texts(body, "excludedAttributes"),
        )


class Finder:
    """Answers queries over one resource type or all of them."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._types = {resource_type.name: resource_type for resource_type in rules.service.resource_types}

    def query(self, resource_type: ResourceType | None, request: Request) -> Response:
        """Answer GET of an endpoint, or of the server root where there is no resource type."""
        return self._answer(Query.of_url(request.parameters), resource_type, request)

    def search(self, resource_type: ResourceType | None, request: Request) -> Response:
        """Answer POST to ``/.search``, of an endpoint or of the server root."""
        return self._answer(Query.of_message(self._rules.read(request)), resource_type, request)

    def _answer(self, query: Query, resource_type: ResourceType | None, request: Request) -> Response:
        rules = self._rules
        rules.check_projection(query.attributes, query.excluded)
        asked = _Asked(query, resource_type, tuple(self._types.values()), request.base)
        document, records = self._by_cursor(asked) if self._pages_by_cursor(query) else self._by_index(asked)
        shown = [
            rules.project(rules.represent(r, request.base), self._types[r.type], query.attributes, query.excluded)
            for r in records
        ]
        return Response(200, {"schemas": [LIST_RESPONSE], **document, "itemsPerPage": len(shown), "Resources": shown})

    def _pages_by_cursor(self, query: Query) -> bool:
        """Return whether the answer is paged by cursor: where asked for, or by default (RFC 9865 §2.4)."""
        pagination = self._rules.service.pagination
        if not pagination.cursor or not pagination.index:
            return pagination.cursor
        if query.cursor is not None and query.start_index is not None:
            raise invalid_value("cursor and startIndex exclude each other")
        return query.cursor is not None or (query.start_index is None and pagination.default_method == "cursor")

    def _by_index(self, asked: _Asked) -> tuple[dict[str, Any], Sequence[Record]]:
        records = self._select(asked)
        part = self._rules.window(len(records), asked.query.start_index, asked.query.count)
        document = {"totalResults": len(records), "startIndex": part.start_index}
        return document, records[part.offset : part.stop]

    def _by_cursor(self, asked: _Asked) -> tuple[dict[str, Any], Sequence[Record]]:
        """Return a page of a result that stays the same for as long as its cursors are followed."""
        query, store = asked.query, self._rules.store
        if query.cursor:
            result = self._rules.cursors.follow(query.cursor, asked.identity, query.count)
        else:
            result = Result(tuple(record.id for record in self._select(asked)), asked.identity, query.count)
        size, total = self._rules.page_size(result.count), len(result.ids)
        document: dict[str, Any] = {"totalResults": total}
        stop = result.offset + size
        if size and stop < total:
            document["nextCursor"] = self._rules.cursors.open(result, stop)
        if result.offset:
            document["previousCursor"] = self._rules.cursors.open(result, max(0, result.offset - size))
        records = (store.get(identifier) for identifier in result.ids[result.offset : stop])
        return document, [record for record in records if record]

    def _select(self, asked: _Asked) -> list[Record]:
        """Return all records that a query finds, in its order."""
        rules, query = self._rules, asked.query
        if query.filter is None:
            found = [record for resource_type in asked.types for record in rules.store.all(resource_type.name)]
        else:
            node = rules.read_filter(query.filter, asked.types, everywhere=asked.resource_type is None)
            found = [
                record
                for resource_type in asked.types
                for record in rules.candidates(node, resource_type)
                if rules.matches(node, rules.represent(record, asked.base), resource_type)
            ]
        return self._sorted(found, asked) if query.sort_by and rules.service.sort else found

    def _sorted(self, records: list[Record], asked: _Asked) -> list[Record]:
        """Order by the first type that has the attribute; one that no type has, or that is secret, orders nothing."""
        path = asked.query.sort_by or ""
        for resource_type in asked.types:
            bound = _bound(path, resource_type)
            if bound and bound.attribute.returned != "never":
                resources = [self._rules.represent(record, asked.base) for record in records]
                ordered = self._rules.sort(
                    resources, path, ascending=asked.query.ascending, resource_type=resource_type
                )
                by_id = {record.id: record for record in records}
                return [by_id[resource["id"]] for resource in ordered]
        return records


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query and where it was put: at a resource type, or at the root, which stands for every type."""

    query: Query
    resource_type: ResourceType | None
    all_types: tuple[ResourceType, ...]
    base: str

    @property
    def types(self) -> tuple[ResourceType, ...]:
        return (self.resource_type,) if self.resource_type else self.all_types

    @property
    def identity(self) -> tuple[object, ...]:
        """What must stay the same while cursors are followed."""
        endpoint = self.resource_type.endpoint if self.resource_type else ""
        return endpoint, self.query.filter, self.query.sort_by, self.query.ascending


def _bound(path: str, resource_type: ResourceType) -> BoundAttribute | None:
    try:
        parsed = AttrPath.parse(path)
    except PathError:
        return None
    return resource_type.find(parsed.dotted, parsed.urn)


def _ascending(order: str | None) -> bool:
    if order is None or order.lower() in {"ascending", "descending"}:
        return order is None or order.lower() == "ascending"
    raise invalid_value(f"sortOrder must be ascending or descending, not {order[:40]!r}")


def _text(body: object, name: str) -> str | None:
    value = lookup(body, name)
    if value is None or isinstance(value, str):
        return value
    raise invalid_syntax(f"{name} must be a string")


def _integer(body: object, name: str) -> int | None:
    value = lookup(body, name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise invalid_value(f"{name} must be an integer")


def _texts(body: object, name: str) -> tuple[str, ...]:
    value = lookup(body, name)
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise invalid_syntax(f"{name} must be an array of attribute names")
