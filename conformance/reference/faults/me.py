"""Faults of ``/Me`` (RFC 7644 §3.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    at,
    change_value,
    drop_header,
    each_resource,
    on_answer,
    set_body,
    set_error,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Change = Callable[[Request, Response], None]

_SUBJECT = "RFC7644-3.11-05"


def _on_me(tenant: ReferenceTenant, change: Change) -> None:
    on_answer(tenant, change, method="GET", status=200, where=at("Me"))


@fault("RFC7644-3.11-01")
def me_is_not_found(tenant: ReferenceTenant) -> None:
    """A tenant that does not offer /Me answers 404 there."""
    on_answer(tenant, set_error(404), where=at("Me"))


def _redirect(status: int, path: str = "") -> Callable[[ReferenceTenant], None]:
    def change(request: Request, response: Response) -> None:
        response.status, response.document = status, None
        if path:
            response.headers["Location"] = f"{request.base}{path}"

    return lambda tenant: _on_me(tenant, change)


register(
    "me_redirects_with_302",
    ("RFC7644-3.11-02",),
    "/Me redirects with 302, after which PATCH may be GET.",
    _redirect(302),
)
register(
    "me_redirects_to_nowhere",
    ("RFC7644-3.11-02",),
    "/Me redirects with 308 to a path where nothing is.",
    _redirect(308, "/Users/nobody"),
)


@fault("RFC7644-3.11-03", _SUBJECT)
def me_is_a_list(tenant: ReferenceTenant) -> None:
    """/Me answers with an empty object instead of a resource."""
    _on_me(tenant, set_body({}))


@fault("RFC7644-3.11-03")
def me_has_no_schemas(tenant: ReferenceTenant) -> None:
    """The resource in an answer to /Me has no schemas."""
    _on_me(tenant, each_resource(lambda user: user.pop("schemas", None)))


@fault("RFC7644-3.11-04")
def me_tells_no_location(tenant: ReferenceTenant) -> None:
    """An answer to /Me has no Location header."""
    _on_me(tenant, drop_header("Location"))


@fault("RFC7644-3.11-04")
def me_tells_its_own_location(tenant: ReferenceTenant) -> None:
    """The Location header of an answer to /Me is that of the alias."""

    def change(request: Request, response: Response) -> None:
        response.headers["Location"] = f"{request.base}/Me"

    _on_me(tenant, change)


@fault("RFC7644-3.11-04")
def me_tells_a_location_by_name(tenant: ReferenceTenant) -> None:
    """The Location header of an answer to /Me ends in a user name, under which nothing is to be read."""

    def change(request: Request, response: Response) -> None:
        response.headers["Location"] = f"{request.base}/Users/{(response.document or {})['userName']}"

    _on_me(tenant, change)


@fault("RFC7644-3.11-06")
def me_shows_its_own_location(tenant: ReferenceTenant) -> None:
    """The meta.location in an answer to /Me is that of the alias."""
    alias = each_resource(
        lambda user: change_value(user, "meta.location", lambda uri: f"{uri.rpartition('/Users/')[0]}/Me")
    )
    _on_me(tenant, alias)


@fault("RFC7644-3.11-06")
def me_shows_a_stale_location(tenant: ReferenceTenant) -> None:
    """The meta.location in an answer to /Me leads to a path where nothing is."""
    _on_me(tenant, each_resource(lambda user: change_value(user, "meta.location", lambda uri: f"{uri}0")))


@fault(_SUBJECT)
def me_is_the_latest_user(tenant: ReferenceTenant) -> None:
    """/Me leads to the user that was created last, whoever asks."""

    def subject(original: Callable[[], tuple[ResourceType, Any]]) -> tuple[ResourceType, Any]:
        user_type, _ = original()
        return user_type, tenant.store.all(user_type.name)[-1]

    wrap(tenant, "_me", subject)


@fault(_SUBJECT)
def me_answers_anybody(tenant: ReferenceTenant) -> None:
    """/Me asks for no credentials and shows the first user to everyone."""

    def is_public(original: Callable[..., bool], method: str, segments: Any) -> bool:
        return (method == "GET" and tuple(segments) == ("Me",)) or original(method, segments)

    wrap(tenant.rules, "is_public", is_public)
