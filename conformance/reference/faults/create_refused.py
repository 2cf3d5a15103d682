"""Faults of creates that must be refused (RFC 7644 §3.3, RFC 7643 §4.1.1): conflicts, malformed and missing values."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_answer, on_body, set_error, wrap
from conformance.reference.messages import read_json
from conformance.spec.errors import ScimError
from conformance.spec.paths import lookup
from conformance.spec.schema import USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Body = dict[str, Any]


# Names that are in use


@fault("RFC7644-3.3-15", "RFC7643-4.1.1-06", "RFC7644-3.12-20")
def conflicting_create_answers_400(tenant: ReferenceTenant) -> None:
    """A create with a userName that is in use answers 400."""
    on_answer(tenant, set_error(400, "uniqueness"), method="POST", status=409)


@fault("RFC7644-3.3-16", "RFC7643-4.1.1-06", "RFC7644-3.12-29")
def conflicting_create_has_no_scim_type(tenant: ReferenceTenant) -> None:
    """The 409 to a create with a userName that is in use has no scimType."""
    on_answer(tenant, set_error(409), method="POST", status=409)


def _same_case(new: str, held: str) -> bool:
    return unicodedata.normalize("NFKC", new) == unicodedata.normalize("NFKC", held)


def _same_composition(new: str, held: str) -> bool:
    return new.casefold() == held.casefold() or unicodedata.is_normalized("NFC", new)


def _same_width(new: str, held: str) -> bool:
    return unicodedata.normalize("NFC", new).casefold() == unicodedata.normalize("NFC", held).casefold()


_BLIND: dict[str, tuple[tuple[str, ...], str, Callable[[str, str], bool]]] = {
    "letter_case": (("RFC7643-4.1.1-09",), "in another letter case", _same_case),
    "composition": (("RFC7644-5-02",), "in decomposed letters", _same_composition),
    "width": (("RFC7644-5-03",), "in full-width letters", _same_width),
}


def _taken_only(same: Callable[[str, str], bool]) -> Callable[[ReferenceTenant], None]:
    """Return what plants a tenant to which a new userName is taken only where it is the ``same`` as one there is."""

    def plant(tenant: ReferenceTenant) -> None:
        user_type = tenant.service.resource_type("User")
        bound = user_type.find("userName") if user_type else None

        def check(original: Callable[[Record], None], record: Record) -> None:
            name = record.attributes.get("userName")
            if bound and isinstance(name, str) and tenant.store.get(record.id) is None:
                holders = tenant.store.find(bound, name) or []
                if not any(same(name, other.attributes["userName"]) for other in holders):
                    return
            original(record)

        wrap(tenant.store, "check_unique", check)

    return plant


for _name, (_breaks, _how, _same) in _BLIND.items():
    register(
        f"user_names_may_differ_in_{_name}", _breaks, f"A userName that is in use {_how} is free.", _taken_only(_same)
    )


# Bodies that are no resource


def _readable(request: Request, _: Response | None = None) -> bool:
    try:
        read_json(request.body)
    except ScimError:
        return False
    return True


def _searching(request: Request) -> bool:
    return request.segments[-1:] == (".search",)


def _malformed(request: Request, _: Response) -> bool:
    return not _searching(request) and not _readable(request)


def _no_object(request: Request, _: Response) -> bool:
    return not _searching(request) and _readable(request) and not isinstance(read_json(request.body), dict)


@fault("RFC7644-3.3-18")
def malformed_create_answers_422(tenant: ReferenceTenant) -> None:
    """A create whose body is not JSON answers 422."""
    on_answer(tenant, set_error(422), method="POST", status=400, where=_malformed)


@fault("RFC7644-3.3-19")
def create_of_an_array_answers_422(tenant: ReferenceTenant) -> None:
    """A create whose body is JSON but no object answers 422."""
    on_answer(tenant, set_error(422), method="POST", status=400, where=_no_object)


@fault("RFC7644-3.3-17")
def refused_create_leaves_a_resource(tenant: ReferenceTenant) -> None:
    """A create that is refused for one wrong value leaves the rest of the resource behind."""

    def accept(original: Callable[..., Any], body: Any, resource_type: ResourceType, stored: Any = None) -> Any:
        try:
            return original(body, resource_type, stored)
        except ScimError:
            name = lookup(body, "userName")
            if stored is None and isinstance(name, str) and name.strip():
                rest = original({"schemas": [USER], "userName": name}, resource_type)
                tenant.store.insert(tenant.rules.first_state(resource_type, rest))
            raise

    wrap(tenant.rules, "accept", accept)


# Names that are missing


def _named_by_the_tenant(missing: Callable[[Body], bool]) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        def name(body: Body) -> None:
            if missing(body):
                body["userName"] = f"named.by.the.tenant.{tenant.rules.now()}.{id(body)}"

        on_body(tenant, name, method="POST")

    return plant


def _names(body: Body) -> list[Any]:
    return [value for name, value in body.items() if name.lower() == "username"]


def _blank(body: Body) -> bool:
    return any(isinstance(name, str) and not name.strip() for name in _names(body))


_MISSING: dict[str, tuple[tuple[str, ...], str, Callable[[Body], bool]]] = {
    "is_missing": (("RFC7643-4.1.1-01", "RFC7643-7-16"), "has no userName", lambda body: not _names(body)),
    "is_null": (("RFC7643-4.1.1-03", "RFC7643-7-16"), "has null for its userName", lambda body: _names(body) == [None]),
    "is_blank": (("RFC7643-4.1.1-02",), "has a blank userName", _blank),
}

for _name, (_breaks, _how, _missing) in _MISSING.items():
    _said = f"A create that {_how} is accepted under a name of the tenant's choice."
    register(f"create_makes_up_a_name_that_{_name}", _breaks, _said, _named_by_the_tenant(_missing))
