"""Faults of attributes in general: names, types, null, what their schema says of them (RFC 7643 §1, §2, §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    at,
    change_value,
    each_resource,
    on_answer,
    on_body,
    on_kept,
    respell,
    wrap,
)
from conformance.spec.errors import invalid_syntax, invalid_value
from conformance.spec.paths import member
from conformance.spec.values import fits

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant


# How names are written


@fault("RFC7643-1.1-02")
def create_demands_an_external_id(tenant: ReferenceTenant) -> None:
    """A create of a Group without externalId, which no schema marks required, is refused."""

    def refuse(body: dict[str, Any]) -> None:
        if member(body, "externalId") is None:
            raise invalid_value("externalId is required")

    on_body(tenant, refuse, method="POST", of="Group")


@fault("RFC7643-2.1-01")
def names_are_case_sensitive(tenant: ReferenceTenant) -> None:
    """Names of attributes in a body are recognised in the letter case of the schema only."""
    names = _names(tenant)
    on_body(tenant, lambda body: {key: value for key, value in body.items() if ":" in key or key in names})


@fault("RFC7643-2.1-01")
def names_are_shown_in_capitals(tenant: ReferenceTenant) -> None:
    """Names of attributes are in capitals in every answer."""
    respell(tenant, str.upper)


@fault("RFC7643-2.1-02")
def inner_names_are_case_sensitive(tenant: ReferenceTenant) -> None:
    """Names of sub-attributes and of extension attributes are recognised in the letter case of the schema only."""
    names = _names(tenant)
    others = {name.lower() for name in names}

    def strict(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: inner for key, inner in value.items() if key in names or key.lower() not in others}
        return [strict(element) for element in value] if isinstance(value, list) else value

    on_body(tenant, lambda body: {key: strict(value) for key, value in body.items()})


@fault("RFC7643-2.3.8-02")
def schemas_must_come_first(tenant: ReferenceTenant) -> None:
    """A create whose body does not begin with schemas is refused."""

    def refuse(body: dict[str, Any]) -> None:
        if next(iter(body), None) != "schemas" and "schemas" in body:
            raise invalid_syntax("schemas must be the first member")

    on_body(tenant, refuse, method="POST")


# What form values have


_WRONG_FORMS: dict[str, tuple[str, str, tuple[str, ...], Callable[[Any], Any]]] = {
    "user-type-is-an-array": (
        "userType",
        "the singular userType is an array",
        ("RFC7643-1.2-02",),
        lambda kind: [kind],
    ),
    "name-is-a-text": ("name", "the complex name is a string", ("RFC7643-2.3.8-01",), str),
    "nick-name-is-a-number": ("nickName", "the text nickName is a number", ("RFC7643-2.3.1-01",), len),
    "display-name-is-a-number": (
        "displayName",
        "the text displayName is a number",
        ("RFC7643-2.3.1-01", "RFC7643-8.7.1-09"),
        len,
    ),
    "active-is-a-text": ("active", "the boolean active is a string", ("RFC7643-2.3.2-01",), lambda on: str(on).lower()),
    "certificate-is-hexadecimal": (
        "x509Certificates.value",
        "certificates are hexadecimal numbers instead of base64",
        ("RFC7643-2.3.6-01",),
        lambda text: text.encode().hex(":"),
    ),
    "profile-url-is-no-uri": (
        "profileUrl",
        "profileUrl is a text with spaces, which is no URI",
        ("RFC7643-2.3.7-01",),
        lambda url: f"see {url}",
    ),
}


def _answers_puts_with(path: str, change: Callable[[Any], Any]) -> Plant:
    def plant(tenant: ReferenceTenant) -> None:
        change_it = each_resource(lambda resource: change_value(resource, path, change))
        on_answer(tenant, change_it, method="PUT", status=200, where=at("Users"))

    return plant


for _name, (_path, _what, _breaks, _change) in _WRONG_FORMS.items():
    register(_name, _breaks, f"In the answer to a PUT, {_what}.", _answers_puts_with(_path, _change))


# What is taken for a value


@fault("RFC7643-2.3.1-01", "RFC7644-3.8-01", "RFC7644-3.8-03")
def characters_beyond_the_basic_plane_are_lost(tenant: ReferenceTenant) -> None:
    """Characters beyond the Basic Multilingual Plane become question marks."""

    def flatten(value: Any) -> Any:
        if isinstance(value, str):
            return "".join(c if ord(c) <= 0xFFFF else "?" for c in value)  # noqa: PLR2004 - the end of the plane
        if isinstance(value, dict):
            return {key: flatten(inner) for key, inner in value.items()}
        return [flatten(element) for element in value] if isinstance(value, list) else value

    for kind in ("User", "Group"):
        on_body(tenant, flatten, of=kind)


@fault("RFC7643-2.3.2-02", "RFC7644-3.3-20")
def words_are_kept_for_booleans(tenant: ReferenceTenant) -> None:
    """A value of active that is no boolean is kept as it is."""
    keep_as_it_is(tenant, "active", "boolean", stand_in=True)


@fault("RFC7643-2.3.6-02")
def any_text_is_kept_for_binary(tenant: ReferenceTenant) -> None:
    """A certificate that is no base64 is kept as it is."""
    keep_as_it_is(tenant, "x509Certificates.value", "binary", stand_in="AAAA")


@fault("RFC7643-2.5-01")
def create_stores_null_as_text(tenant: ReferenceTenant) -> None:
    """A create that sets timezone to null keeps the word null."""

    def keep(kept: dict[str, Any], body: dict[str, Any]) -> None:
        if body.get("timezone", "") is None:
            kept["timezone"] = "null"

    on_kept(tenant, keep, method="POST")


# What the schema says


@fault(
    "RFC7643-7-24",
    "RFC7643-4.1.2-16",
    "RFC7644-3.5.1-15",
    *(f"RFC7643-8.7.1-{number}" for number in range(47, 52)),
)
def replace_takes_over_groups(tenant: ReferenceTenant) -> None:
    """A PUT of a User takes over the readOnly groups of its body."""
    on_kept(tenant, lambda kept, body: kept.update(groups=body["groups"]) if body.get("groups") else None, method="PUT")


@fault("RFC7643-7-25", "RFC7644-3.5.1-02")
def replace_ignores_the_profile_url(tenant: ReferenceTenant) -> None:
    """A PUT leaves the profileUrl, which is readWrite, as it was."""

    def accept(original: Callable[..., Any], body: Any, resource_type: Any, stored: Record | None = None) -> Any:
        kept = original(body, resource_type, stored)
        if stored and "profileUrl" in stored.attributes and "profileUrl" in kept:
            kept["profileUrl"] = stored.attributes["profileUrl"]
        return kept

    wrap(tenant.rules, "accept", accept)


@fault("RFC7643-7-28", "RFC7643-7-31", "RFC7643-4.1.1-30")
def replace_answers_a_masked_password(tenant: ReferenceTenant) -> None:
    """The answer to a PUT that sets a password shows asterisks for it."""
    mask = each_resource(lambda resource: resource.update(password="********"))  # noqa: S106 - no secret
    on_answer(
        tenant,
        mask,
        method="PUT",
        status=200,
        where=lambda request, _: b'"password"' in request.body and not request.query,
    )


@fault(
    "RFC7643-7-38",
    "RFC7643-4.1.1-06",
    "RFC7643-4.1.1-09",
    "RFC7644-3.3-15",
    "RFC7644-3.12-20",
    "RFC7644-5-02",
    "RFC7644-5-03",
)
def create_takes_a_taken_user_name(tenant: ReferenceTenant) -> None:
    """A User may be created with the userName of another one."""

    def check(original: Callable[[Record], None], record: Record) -> None:
        if record.revision > 1 or record.type != "User":
            original(record)

    wrap(tenant.store, "check_unique", check)


def keep_as_it_is(tenant: ReferenceTenant, path: str, data_type: str, stand_in: Any, of: str = "User") -> None:
    """Keep a value of a wrong type at a path, which passes the validation as another one."""
    held: list[Any] = []

    def swap(value: Any) -> Any:
        if fits(data_type, value):
            return value
        held.append(value)
        return stand_in

    def hold(body: dict[str, Any]) -> None:
        held.clear()
        change_value(body, path, swap)

    on_kept(tenant, lambda kept, _: change_value(kept, path, lambda value: held.pop() if held else value), of=of)
    on_body(tenant, hold, of=of)


def _names(tenant: ReferenceTenant) -> set[str]:
    types = tenant.service.resource_types
    bound = {b.attribute.name for t in types for b in t.attributes()}
    return {*bound, "schemas", "id", "externalId", "meta", "primary"}
