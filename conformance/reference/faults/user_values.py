"""Faults of what RFC 7643 §4.1 says in words about a User's attributes."""

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
    on_shown,
    wrap,
)
from conformance.reference.messages import write_json
from conformance.spec.errors import invalid_value, mutability
from conformance.spec.filter import Comparison
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.tenant import ReferenceTenant

_KEPT = "RFC7643-7-25"
_VALUE = "RFC7643-2.4-08"
_PRINTED = "RFC7643-8.7.1-{:02}".format


# Attributes of which a create keeps something else than was sent, and the clauses that say it must not.
_ALTERED: dict[str, tuple[str, str, Callable[[Any], Any], tuple[str, ...]]] = {
    "drops-middle-names": ("name.middleName", "is dropped", lambda _: None, ()),
    "shortens-middle-names": (
        "name.middleName",
        "becomes an initial",
        lambda name: f"{name[0]}." if name.isalpha() and name.isascii() else name,
        ("RFC7643-4.1.1-14", _PRINTED(6)),
    ),
    "cuts-profile-urls": (
        "profileUrl",
        "loses its path",
        lambda url: "/".join(url.split("/")[:3]),
        ("RFC7643-4.1.1-17", _PRINTED(11)),
    ),
    "writes-locales-with-underscores": (
        "locale",
        "gets an underscore for its hyphen",
        lambda locale: locale.replace("-", "_"),
        ("RFC7643-4.1.1-21", _PRINTED(15)),
    ),
    "turns-time-zones-into-offsets": (
        "timezone",
        "becomes an offset",
        lambda _: "-07:00",
        ("RFC7643-4.1.1-23", _PRINTED(16)),
    ),
    "cuts-regions": (
        "addresses.region",
        "is cut to one letter",
        lambda region: region[0],
        ("RFC7643-4.1.2-10", _PRINTED(43)),
    ),
    "alters-certificates": (
        "x509Certificates.value",
        "begins with other bytes",
        lambda text: f"AAAA{text[4:]}",
        ("RFC7643-4.1.2-24", _VALUE, _PRINTED(63)),
    ),
    "cuts-phone-numbers": (
        "phoneNumbers.value",
        "is cut at its second hyphen, as no part of a URI",
        lambda number: "-".join(number.split("-")[:2]) if number.startswith("tel:") else number,
        ("RFC7643-4.1.2-04", _VALUE, _PRINTED(25)),
    ),
}


def _alters(path: str, change: Callable[[Any], Any]) -> Plant:
    return lambda tenant: on_kept(tenant, lambda kept, _: change_value(kept, path, change), method="POST")


for _name, (_path, _what, _change, _breaks) in _ALTERED.items():
    register(f"create-{_name}", (*_breaks, _KEPT), f"The {_path} of a new User {_what}.", _alters(_path, _change))


# Values that a create refuses although they are good ones.
_REFUSED: dict[str, tuple[str, Callable[[Any], bool], tuple[str, ...]]] = {
    "user-types-of-its-own": (
        "userType",
        lambda kind: kind not in {"Contractor", "Employee", "Intern", "Temp", "External", "Unknown"},
        ("RFC7643-4.1.1-19",),
    ),
    "passwords": ("password", lambda _: True, ("RFC7643-4.1.1-34",)),
    "other-messaging-services": ("ims.type", lambda kind: kind == "other", ("RFC7643-4.1.2-07",)),
    "thumbnails": ("photos.type", lambda kind: kind == "thumbnail", ("RFC7643-4.1.2-09", "RFC7643-2.3.1-02")),
    "free-entitlements": ("entitlements.value", lambda text: " " in text, ("RFC7643-4.1.2-22",)),
    "free-roles": ("roles.value", lambda text: " " in text, ("RFC7643-4.1.2-23",)),
}


def _refuses(path: str, bad: Callable[[Any], bool], method: str = "POST") -> Plant:
    def refuse(body: dict[str, Any]) -> None:
        found = lookup(body, path)
        if any(bad(value) for value in (found if isinstance(found, list) else [found]) if isinstance(value, str)):
            raise invalid_value(f"{path} must not have this value")

    return lambda tenant: on_body(tenant, refuse, method=method)


for _name, (_path, _bad, _breaks) in _REFUSED.items():
    register(f"create-refuses-{_name}", _breaks, f"A create is refused for its {_path}.", _refuses(_path, _bad))


@fault("RFC7643-4.1.1-35")
def patch_refuses_a_password(tenant: ReferenceTenant) -> None:
    """A PATCH of the password is refused although changePassword is supported."""

    def apply(original: Callable[..., Any], body: Any, *more: Any) -> Any:
        if b'"path":"password"' in write_json(body):
            raise mutability("password cannot be changed")
        return original(body, *more)

    wrap(tenant.rules, "apply_patch", apply)


@fault("RFC7643-4.1.1-12")
def names_of_inactive_users_are_withheld(tenant: ReferenceTenant) -> None:
    """An inactive User whose name has components only is returned without name."""

    def withhold(resource: dict[str, Any]) -> None:
        if resource.get("active") is False and "formatted" not in resource.get("name", {}):
            resource.pop("name", None)

    on_shown(tenant, withhold)


@fault("RFC7643-4.1.1-13")
def formatted_lacks_the_family_name(tenant: ReferenceTenant) -> None:
    """The formatted name that the tenant makes for a new User lacks the family name."""

    def make(name: dict[str, Any]) -> dict[str, Any]:
        return name if "givenName" not in name else {"formatted": name["givenName"], **name}

    on_kept(tenant, lambda kept, _: change_value(kept, "name", make), method="POST")


@fault(_KEPT)
def display_name_yields_to_the_formatted_name(tenant: ReferenceTenant) -> None:
    """The displayName of a new User is dropped where name.formatted is given."""

    def drop(kept: dict[str, Any], _: dict[str, Any]) -> None:
        if lookup(kept, "name.formatted"):
            kept.pop("displayName", None)

    on_kept(tenant, drop, method="POST")


@fault("RFC7643-4.1.1-16")
def nick_name_is_the_user_name(tenant: ReferenceTenant) -> None:
    """A User created with a name and without nickName is given its userName for one."""

    def fill(kept: dict[str, Any], body: dict[str, Any]) -> None:
        if "name" in kept and "nickName" not in body:
            kept["nickName"] = kept["userName"]

    on_kept(tenant, fill, method="POST")


@fault("RFC7643-4.1.1-18", _PRINTED(12), _KEPT)
def title_yields_to_the_prefix(tenant: ReferenceTenant) -> None:
    """The title of a new User becomes its name.honorificPrefix where that is given, as if they were the same."""

    def take(kept: dict[str, Any], _: dict[str, Any]) -> None:
        prefix = lookup(kept, "name.honorificPrefix")
        if prefix:
            change_value(kept, "title", lambda _: prefix)

    on_kept(tenant, take, method="POST")


@fault("RFC7643-4.1.1-20")
def languages_are_cut_to_one(tenant: ReferenceTenant) -> None:
    """Of a new User's preferredLanguage just the first tag is kept."""
    on_kept(
        tenant,
        lambda kept, _: change_value(kept, "preferredLanguage", lambda text: text.partition(",")[0]),
        method="POST",
    )


@fault("RFC7643-4.1.1-24", "RFC7643-7-25")
def new_users_are_active(tenant: ReferenceTenant) -> None:
    """A User that is created with active false is active."""
    on_kept(tenant, lambda kept, body: kept.update(active=True) if body.get("active") is False else None, method="POST")


@fault("RFC7643-4.1.1-25")
def inactive_users_are_not_listed(tenant: ReferenceTenant) -> None:
    """A query by userName does not find inactive Users."""

    def matches(original: Callable[..., bool], node: Any, resource: dict[str, Any], *more: Any) -> bool:
        by_name = isinstance(node, Comparison) and node.op == "eq" and node.path.name == "userName"
        return original(node, resource, *more) and not (by_name and resource.get("active") is False)

    wrap(tenant.rules, "matches", matches)


@fault("RFC7643-4.1.2-01")
def addresses_come_with_a_name(tenant: ReferenceTenant) -> None:
    """The answer to a create shows an e-mail address with its display text before it."""

    def name(email: dict[str, Any]) -> dict[str, Any]:
        return {**email, "value": f"{email['display']} <{email.get('value')}>"} if "display" in email else email

    named = each_resource(lambda r: change_value(r, "emails", lambda emails: list(map(name, emails))))
    on_answer(tenant, named, method="POST", status=201, where=at("Users"))


@fault("RFC7643-4.1.2-02")
def domains_keep_their_capitals(tenant: ReferenceTenant) -> None:
    """A create keeps the capitals in the domain of an e-mail address."""

    def restore(kept: dict[str, Any], body: dict[str, Any]) -> None:
        written = {str(address).lower(): address for address in lookup(body, "emails.value") or ()}
        change_value(kept, "emails.value", lambda address: written.get(address.lower(), address))

    on_kept(tenant, restore, method="POST")


@fault("RFC7643-4.1.2-12")
def countries_have_three_letters(tenant: ReferenceTenant) -> None:
    """The country US of a new User's address becomes USA."""
    on_kept(
        tenant,
        lambda kept, _: change_value(kept, "addresses.country", lambda code: "USA" if code == "US" else code),
        method="POST",
    )
