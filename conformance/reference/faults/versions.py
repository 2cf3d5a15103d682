"""Faults of the version segment (RFC 7644 §3.13, RFC 7643 §2.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import on_answer, on_body, set_error, wrap
from conformance.spec.errors import invalid_value
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

_UNKNOWN = "v99"


@fault("RFC7644-3.13-03", "RFC7644-3.12-39")
def any_version_is_served(tenant: ReferenceTenant) -> None:
    """A request in version 99 is answered like one in version 2."""

    def route(original: Callable[[Request], Response], request: Request) -> Response:
        segments = tuple("v2" if segment == _UNKNOWN else segment for segment in request.segments)
        return original(replace(request, segments=segments))

    wrap(tenant, "_route", route)


@fault("RFC7644-3.12-39")
def unknown_version_is_not_found(tenant: ReferenceTenant) -> None:
    """A request in version 99 is answered with 404."""
    on_answer(tenant, set_error(404), where=lambda request, _: _UNKNOWN in request.segments)


@fault("RFC7644-3.13-04")
def version_is_demanded(tenant: ReferenceTenant) -> None:
    """A request without a version segment is answered with 404."""
    on_answer(tenant, set_error(404), where=lambda request, _: request.segments[1:2] == ("Users",))


@fault("RFC7643-2.4-09")
def references_need_a_version(tenant: ReferenceTenant) -> None:
    """A group whose member has a $ref without the version segment is refused."""

    def refuse(body: dict[str, Any]) -> None:
        references = lookup(body, "members.$ref")
        if isinstance(references, list) and not all("/v2/" in str(reference) for reference in references):
            raise invalid_value("The $ref of a member is unknown")

    on_body(tenant, refuse, method="POST", of="Group")
