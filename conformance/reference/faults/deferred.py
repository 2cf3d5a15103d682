"""Faults of asynchronous writes (RFC 9967 §2.5.1.1, §3)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    drop_header,
    on_answer,
    set_body,
    set_error,
    set_header,
    wrap,
)
from conformance.reference.messages import media_type_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

_ACCEPTED = 202


def _wishes(request: Request, _: Response) -> bool:
    return request.headers.get("prefer") == "respond-async"


for _method in ("POST", "PUT", "PATCH", "DELETE"):
    register(
        f"{_method.lower()}_refuses_to_be_deferred",
        ("RFC9967-2.5.1.1-01",),
        f"A {_method} that prefers an asynchronous answer is refused.",
        partial(on_answer, change=set_error(400), method=_method, where=_wishes),
    )

for _name, _breaks, _description, _change in (
    ("accepted_write_has_a_body", "RFC9967-2.5.1.1-02", "A 202 has a body.", set_body({"status": "pending"})),
    ("accepted_write_has_no_location", "RFC9967-2.5.1.1-05", "A 202 has no Location.", drop_header("Location")),
    (
        "applied_preference_goes_unsaid",
        "RFC9967-2.5.1.1-06",
        "A 202 has no Preference-Applied.",
        drop_header("Preference-Applied"),
    ),
    ("accepted_write_has_no_transaction", "RFC9967-3-01", "A 202 has no Set-Txn.", drop_header("Set-Txn")),
    ("transactions_are_all_one", "RFC9967-3-01", "Each 202 has the same Set-Txn.", set_header("Set-Txn", "1")),
):
    register(
        _name,
        (_breaks,),
        _description,
        partial(on_answer, change=_change, status=_ACCEPTED),
    )


@fault("RFC9967-2.5.1.1-03")
def deferred_write_heeds_accept(tenant: ReferenceTenant) -> None:
    """An asynchronous write with an Accept header that names no JSON gets 406."""

    def where(request: Request, _: Response) -> bool:
        return media_type_for(request.headers.get("accept")) is None

    on_answer(tenant, set_error(406), status=_ACCEPTED, where=where)


@fault("RFC9967-2.5.1.1-04")
def wait_is_ignored(tenant: ReferenceTenant) -> None:
    """A write with respond-async is answered 202 at once, however long the client would wait."""

    def defers(original: Callable[[Request], bool], request: Request) -> bool:
        return original(request) or "respond-async" in request.headers.get("prefer", "")

    wrap(tenant.rules, "defers", defers)


@fault("RFC9967-2.5.1.1-07")
def deferred_replace_is_lost(tenant: ReferenceTenant) -> None:
    """A PUT that is accepted with 202 is never carried out."""

    def guarded(original: Callable[..., Response], handle: Any, request: Request) -> Response:
        lost = request.method == "PUT" and tenant.rules.defers(request)
        read = replace(request, method="GET", headers={**request.headers, "accept": "*/*"})
        return original(handle, read if lost else request)

    wrap(tenant, "_guarded", guarded)
