"""Faults of tenants that do not serve their schemas, though they are right in all else (RFC 7644 §4).

They serve users and groups alone, since of a custom resource type nobody could know what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import declare, wrap
from conformance.reference.messages import not_found
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

# What one provider keeps, and the groups in which a user is.
_FEW = {
    "User": (
        *("userName", "displayName", "active", "name", "name.givenName", "name.familyName", "emails", "emails.value"),
        *("emails.type", f"{ENTERPRISE_USER}:department", "groups", "groups.value", "groups.$ref", "groups.display"),
    ),
    "Group": ("displayName", "members", "members.value", "members.$ref"),
}


@fault("RFC7644-4-03")
def schemas_are_not_served(tenant: ReferenceTenant) -> None:
    """There is nothing at /Schemas."""
    declare(tenant, resource_types=tuple(t for t in tenant.service.resource_types if t.name in _FEW))

    def read(original: Callable[[Request], Response], request: Request) -> Response:
        if request.segments[0] == "Schemas":
            raise not_found("The endpoint")
        return original(request)

    wrap(tenant.discovery, "read", read)


@fault("RFC7644-4-03")
def little_is_kept_and_no_schema_says_so(tenant: ReferenceTenant) -> None:
    """There is nothing at /Schemas, and a dozen of the RFC's attributes are kept, which nothing says."""
    kept = [t.narrowed(lambda b: b.path in _FEW.get(b.resource_type.name, ())) for t in tenant.service.resource_types]
    declare(tenant, change_password=False, resource_types=tuple(kept))
    schemas_are_not_served(tenant)
