"""From record to resource: what clients wrote together with what the tenant knows (RFC 7643 §3.1, §4.1.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance.reference.references import Target, memberships
from conformance.reference.specimens import assigned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.reference.storage import Record, Store
    from conformance.spec.schema import BoundAttribute, ResourceType
    from conformance.spec.service import Service

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(milliseconds: int) -> str:
    """Write a point in time as a dateTime in UTC with three decimals."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


class Directory:
    """Makes whole resources of records. What it adds is worked out anew each time, so it is never stale."""

    def __init__(self, service: Service, store: Store) -> None:
        names = [resource_type.name for resource_type in service.resource_types]
        self._endpoints = {t.name: t.endpoint for t in service.resource_types}
        self._memberships = {t.name: memberships(t, names) for t in service.resource_types}
        self._assigned = {t.name: list(_assigned(t)) for t in service.resource_types}
        self._store = store

    def location(self, record: Record, base: str) -> str:
        """Return the absolute URI of a resource below the Tenant URL."""
        return f"{base}{self._endpoints[record.type]}/{quote(record.id, safe='')}"

    def resource(self, record: Record, base: str) -> dict[str, Any]:
        """Return everything there is to say of a resource, secrets included, except ``meta.version``."""
        attributes = record.attributes
        for reference in self._store.references[record.type]:
            attributes = reference.shown(attributes, partial(self._target, base=base))
        resource = {"schemas": list(attributes["schemas"]), "id": record.id, **attributes}
        groups = list(self._groups(record, base))
        if groups:
            resource["groups"] = groups
        for bound in self._assigned[record.type]:
            value = {bound.attribute.name: assigned(bound.attribute, record.id)}
            resource |= {bound.urn: resource.get(bound.urn, {}) | value} if bound.urn else value
        resource["meta"] = {
            "resourceType": record.type,
            "created": timestamp(record.created),
            "lastModified": timestamp(record.modified),
            "location": self.location(record, base),
        }
        return resource

    def _target(self, identifier: str, *, base: str) -> Target | None:
        record = self._store.get(identifier)
        if record is None:
            return None
        return Target(record.id, record.type, self.location(record, base), record.attributes.get("displayName"))

    def _groups(self, record: Record, base: str) -> Iterator[dict[str, Any]]:
        """Yield the groups that list the resource, then those that it is in through them."""
        membership = self._memberships[record.type]
        if membership is None:
            return
        seen: set[str] = set()
        layer, how = [record.id], "direct"
        while layer:
            found = {group.id for member in layer for group in self._store.referrers("members", member)}
            layer = sorted(found - seen)
            seen |= found
            for identifier in layer:
                target = self._target(identifier, base=base)
                if target and target.type in membership.types:
                    yield {**membership.element(target), "type": how}
            how = "indirect"


def _assigned(resource_type: ResourceType) -> Iterator[BoundAttribute]:
    """Yield the readOnly attributes that say nothing of other resources: each resource has a value of its own."""
    for bound in resource_type.attributes(subs=False):
        if bound.attribute.mutability == "readOnly" and bound.attribute.sub("$ref") is None:
            yield bound
