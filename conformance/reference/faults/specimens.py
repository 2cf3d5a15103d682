"""Faults of attributes that only specimens have: of every type, and with every characteristic (RFC 7643 §2.3, §7)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.attributes import keep_as_it_is
from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import at, change_value, each_resource, on_answer, on_body, on_kept, wrap
from conformance.reference.faults.selecting import Expression, characterised, decide, see
from conformance.reference.specimens import LABEL
from conformance.spec.errors import ScimError
from conformance.spec.filter import Comparison
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

_SPECIMEN = "Specimen"
_FILTER = "RFC7644-3.4.2.2-"


# What form values have


def _answers_puts_with(tenant: ReferenceTenant, path: str, change: Callable[[Any], Any]) -> None:
    change_it = each_resource(lambda resource: change_value(resource, path, change))
    on_answer(tenant, change_it, method="PUT", status=200, where=at("Specimens"))


for _name, _clause, _what, _path, _change in (
    (
        "integers_have_a_point",
        "RFC7643-2.3.4-01",
        "an integer has a decimal point",
        f"{LABEL}:integer",
        lambda v: v + 0.5,
    ),
    ("decimals_are_texts", "RFC7643-2.3.3-01", "a decimal is a string", "decimal", str),
):
    plant = partial(_answers_puts_with, path=_path, change=_change)
    register(_name, (_clause,), f"In the answer to a PUT of a Specimen, {_what}.", plant)


# What becomes of values


def _keeps(tenant: ReferenceTenant, path: str, change: Callable[[Any], Any]) -> None:
    on_kept(tenant, lambda kept, _: change_value(kept, path, change), of=_SPECIMEN)


for _name, _clause, _what, _path, _change in (
    ("long_texts_are_cut", "2.3.1-01", "A text is cut after 255 characters", "string", lambda v: v[:255]),
    ("signs_are_lost", "2.3.4-01", "An integer loses its sign", f"{LABEL}:integer", abs),
    ("digits_are_lost", "2.3.3-01", "A decimal keeps one digit after the point", "decimal", partial(round, ndigits=1)),
    ("offsets_are_lost", "2.3.5-01", "The offset of a dateTime is taken for Z", "dateTime", lambda v: f"{v[:19]}Z"),
    ("queries_are_lost", "2.3.7-01", "A URI loses its query", f"{LABEL}:reference", lambda v: v.partition("?")[0]),
    ("long_binaries_are_cut", "2.3.6-01", "Binary data is cut after 64 characters", "binary", lambda v: v[:64]),
):  # fmt: skip
    register(_name, ("RFC7643-7-25", f"RFC7643-{_clause}"), f"{_what}.", partial(_keeps, path=_path, change=_change))


@fault("RFC7643-2.3.4-02", "RFC7644-3.3-20")
def fractions_are_cut_off(tenant: ReferenceTenant) -> None:
    """A fraction sent for an integer is cut off without a word."""

    def cut(body: dict[str, Any]) -> None:
        for path in (f"{LABEL}:integer", "complex.count"):
            change_value(body, path, lambda value: int(value) if isinstance(value, float) else value)

    on_body(tenant, cut, of=_SPECIMEN)


@fault("RFC7643-2.3.5-03", "RFC7643-2.3.5-04")
def any_value_is_kept_for_a_date_time(tenant: ReferenceTenant) -> None:
    """A value of a dateTime attribute that is none is kept as it is."""
    keep_as_it_is(tenant, "dateTime", "dateTime", stand_in="2011-05-13T04:42:34Z", of=_SPECIMEN)


# Attributes that are handled as if they had other characteristics than /Schemas says


def _misread(tenant: ReferenceTenant, kind: dict[str, Any], seen: dict[str, Any]) -> None:
    """Handle the first attribute of a kind as if it had other characteristics."""
    name = _first(tenant, **kind)
    types = (characterised(t, name, **seen) if t.name == _SPECIMEN else t for t in tenant.service.resource_types)
    tenant.service = tenant.rules.service = replace(tenant.service, resource_types=tuple(types))


def _first(tenant: ReferenceTenant, **kind: Any) -> str:
    specimen = tenant.service.resource_type(_SPECIMEN)
    for bound in specimen.attributes(subs=False) if specimen else ():
        if all(getattr(bound.attribute, name) == value for name, value in kind.items()):
            return bound.path
    raise LookupError(f"the tenant serves no specimens with an attribute that is {kind}")


for _name, _kind, _seen, _breaks, _what in (
    (
        "specimens_lack_what_is_required",
        {"required": True, "mutability": "readWrite", "uniqueness": "none"},
        {"required": False},
        ("RFC7643-7-16", "RFC7643-7-17"),
        "A required attribute may be left out.",
    ),
    (
        "immutable_is_read_write",
        {"mutability": "immutable", "required": False, "returned": "default"},
        {"mutability": "readWrite"},
        ("RFC7643-7-27", "RFC7644-3.5.1-10", "RFC7644-3.12-33"),
        "An immutable attribute of a specimen can be changed.",
    ),
    (
        "write_only_is_shown",
        {"mutability": "writeOnly", "type": "dateTime"},
        {"mutability": "readWrite", "returned": "default"},
        ("RFC7643-7-28", "RFC7643-7-31", "RFC7644-3.4-02"),
        "A writeOnly attribute of a specimen is shown.",
    ),
    (
        "never_is_shown",
        {"mutability": "readWrite", "returned": "never"},
        {"returned": "default"},
        ("RFC7643-7-31", "RFC7644-3.4-02"),
        "An attribute of a specimen that is never returned is shown.",
    ),
    (
        "always_is_left_out",
        {"mutability": "readWrite", "returned": "always"},
        {"returned": "default"},
        ("RFC7643-7-30",),
        "An attribute of a specimen that is always returned is left out where others are asked for.",
    ),
    (
        "request_is_shown_unasked",
        {"mutability": "readWrite", "returned": "request"},
        {"returned": "default"},
        ("RFC7643-7-34", "RFC7644-3.4-02"),
        "An attribute of a specimen that is returned on request comes without it.",
    ),
):
    register(_name, _breaks, _what, partial(_misread, kind=_kind, seen=_seen))


@fault("RFC7643-7-35")
def request_is_not_shown_to_the_writer(tenant: ReferenceTenant) -> None:
    """The answer to a write of a specimen does not show what is returned on request, though it was just set."""

    def project(original: Callable[..., Any], resource: Any, resource_type: ResourceType, *more: Any) -> Any:
        attributes_and_excluded = more[:2]
        return original(
            resource, resource_type, *(attributes_and_excluded if resource_type.name == _SPECIMEN else more)
        )

    wrap(tenant.rules, "project", project)


@fault("RFC7643-7-39")
def values_of_the_whole_world_are_given_twice(tenant: ReferenceTenant) -> None:
    """Two specimens may hold the same value of an attribute that is unique in the whole world."""
    shared = {
        b.path for t in tenant.service.resource_types for b in t.attributes() if b.attribute.uniqueness == "global"
    }

    def check(original: Callable[[Record], None], record: Record) -> None:
        try:
            original(record)
        except ScimError as error:
            if not any(path in str(error) for path in shared):
                raise

    wrap(tenant.store, "check_unique", check)


# Filters


@fault(f"{_FILTER}100", f"{_FILTER}102", "RFC7643-7-20")
def strings_of_specimens_are_exact(tenant: ReferenceTenant) -> None:
    """Filters compare a text of specimens in exact letter case, which its schema does not say."""
    see(tenant, "string", case_exact=True)


@fault(f"{_FILTER}101", f"{_FILTER}102", "RFC7643-7-20")
def exact_strings_of_specimens_are_not(tenant: ReferenceTenant) -> None:
    """Filters compare a case-exact text of specimens whatever its letter case."""
    see(tenant, f"{LABEL}:exactString", case_exact=False)


def _as_text(tenant: ReferenceTenant, op: str, answer: Callable[[str, str], bool]) -> None:
    """Compare numbers by an operator as if they were texts."""

    def compare(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if not isinstance(expression, Comparison) or expression.op != op or not _is_number(expression.value):
            return right
        value = lookup(resource, expression.path)
        return right if value is None else answer(str(value), str(expression.value))

    decide(tenant, compare)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


for _op, _number, _answer in (
    ("eq", 28, str.startswith),
    ("gt", 51, str.__gt__),
    ("ge", 56, str.__ge__),
    ("lt", 61, str.__lt__),
    ("le", 66, str.__le__),
):
    register(
        f"{_op}_compares_numbers_as_texts",
        (f"{_FILTER}{_number}",),
        f"The operator {_op} compares numbers as texts.",
        partial(_as_text, op=_op, answer=_answer),
    )
