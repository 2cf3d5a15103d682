"""Faults of what a filter names and quotes: letter case, paths, square brackets, texts (RFC 7644 §3.4.2)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_answer, set_error, wrap
from conformance.reference.faults.selecting import (
    NOBODY,
    Expression,
    about,
    break_down,
    decide,
    outside_quotes,
    refuse,
    reword,
    rewrite,
    see,
    texts,
)
from conformance.spec.filter import And, Comparison, Filter, FilterError, Not, Or, Present, ValuePath
from conformance.spec.paths import AttrPath
from conformance.spec.schema import ENTERPRISE_USER, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.reference.faults.registry import Plant
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

_FILTER = "RFC7644-3.4.2.2-"


def _refusing(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> Plant:
    """Refuse filters in which a pattern occurs outside quotes."""

    def change(words: str) -> str:
        if re.search(pattern, words, flags):
            raise FilterError(0, "something else", words)
        return words

    return lambda tenant: reword(tenant, lambda text: outside_quotes(text, change))


def _unfindable(path: str) -> Plant:
    return lambda tenant: rewrite(tenant, lambda node: NOBODY if about(node, path) else node)


for _name, _breaks, _description, _plant in (
    (
        "filter_names_are_exact",
        "05 RFC7644-3.10-04",
        "Attribute names in filters are known in one letter case only.",
        _refusing("USERNAME|DISPLAYNAME"),
    ),
    ("operators_are_lower_case", "06", "Operators are known in lower case only.", _refusing(r" (Eq|EQ|PR)\b")),
    ("words_are_lower_case", "07", "The words and, or and not are known in lower case only.", _refusing("AND|Or|NOT")),
    (
        "dotted_paths_are_refused",
        "88 RFC7644-3.10-02",
        "A filter on name.familyName is refused.",
        _refusing(r"^name\.familyName eq"),
    ),
    (
        "urns_are_refused",
        "95 RFC7644-3.10-01",
        "A schema URN before an attribute is refused.",
        _refusing(f"{USER}:userName"),
    ),
    (
        "dotted_urns_are_refused",
        "96 RFC7644-3.10-01",
        "A schema URN before a dotted path is refused.",
        _refusing(f"{USER}:name"),
    ),
    (
        "urns_are_exact",
        "RFC7644-3.10-04",
        "A schema URN in capitals is refused.",
        _refusing(USER.upper()),
    ),
    (
        "bare_extension_attributes_break_down",
        "RFC7644-3.10-03",
        "A filter on an extension attribute without its URN gets 500.",
        lambda tenant: on_answer(
            tenant, set_error(500), where=lambda q, _: q.parameters.get("filter", "").startswith("department ")
        ),
    ),
    (
        "extensions_are_not_searched",
        "97",
        "A filter on an attribute of an extension finds nobody.",
        _unfindable(f"{ENTERPRISE_USER}:department"),
    ),
    (
        "dotted_extensions_are_not_searched",
        "98",
        "A filter on a sub-attribute in an extension finds nobody.",
        _unfindable(f"{ENTERPRISE_USER}:manager.value"),
    ),
    ("schemas_are_not_searched", "99", "A filter on schemas finds nobody.", _unfindable("schemas")),
    ("members_are_not_searched", "91", "A filter on members.value finds no groups.", _unfindable("members.value")),
    ("groups_are_not_searched", "94", "A filter on groups.value finds no users.", _unfindable("groups.value")),
):
    _ids = (number if number.startswith("RFC") else _FILTER + number for number in _breaks.split())
    register(_name, tuple(_ids), _description, _plant)


# Letter case and Unicode


@fault("RFC7643-7-20", "RFC7644-3.4.2.2-100", "RFC7644-3.4.2.2-102")
def inexact_texts_are_exact(tenant: ReferenceTenant) -> None:
    """A filter on title compares letter case, although its caseExact is false."""
    see(tenant, "title", case_exact=True)


@fault("RFC7644-3.4.2.2-100")
def group_names_are_exact(tenant: ReferenceTenant) -> None:
    """A filter on displayName compares letter case, although its caseExact is false."""
    see(tenant, "displayName", case_exact=True)


@fault("RFC7643-4.1.1-10")
def user_names_are_exact(tenant: ReferenceTenant) -> None:
    """The operator eq on userName compares letter case."""

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if isinstance(expression, Comparison) and about(expression, "userName", op="eq"):
            texts_ = [
                unicodedata.normalize("NFC", text) for text in (*texts(resource, expression), str(expression.value))
            ]
            return right and len(set(texts_)) == 1
        return right

    decide(tenant, answer)


def _inexact(op: str) -> Plant:
    compare = {"eq": str.__eq__, "co": str.__contains__}[op]

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if not isinstance(expression, Comparison) or not about(expression, "externalId", op=op):
            return right
        operand = str(expression.value).lower()
        return any(compare(text.lower(), operand) for text in texts(resource, expression))

    return lambda tenant: decide(tenant, answer)


register(
    "external_ids_are_inexact",
    ("RFC7643-3.1-19", "RFC7644-3.4.2.2-101"),
    "The operator eq on externalId does not compare letter case.",
    _inexact("eq"),
)
register(
    "parts_of_external_ids_are_inexact",
    ("RFC7644-3.4.2.2-102",),
    "The operator co on externalId does not compare letter case.",
    _inexact("co"),
)


def _unprepared(path: str) -> Plant:
    def answer(expression: Expression, _: dict[str, Any], right: bool) -> bool:
        if not isinstance(expression, Comparison) or not about(expression, path, op="eq"):
            return right
        composed = unicodedata.normalize("NFC", str(expression.value)) == expression.value
        return right and composed

    return lambda tenant: decide(tenant, answer)


register(
    "texts_are_not_prepared", ("RFC7644-7.8-01",), "Texts are compared as they are spelled.", _unprepared("nickName")
)
register(
    "user_names_are_not_prepared",
    ("RFC7644-5-01",),
    "User names are compared as they are spelled.",
    _unprepared("userName"),
)


# Several values


@fault("RFC7644-3.4.2.2-87")
def first_value_counts(tenant: ReferenceTenant) -> None:
    """A comparison with emails.value looks at the first value only."""

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if isinstance(expression, Comparison) and about(expression, "emails.value", op="eq"):
            return texts(resource, expression)[:1] == [expression.value]
        return right

    decide(tenant, answer)


@fault("RFC7644-3.4.2.2-90")
def bare_attribute_equals_nothing(tenant: ReferenceTenant) -> None:
    """A comparison with emails, without a sub-attribute, selects nobody."""
    rewrite(tenant, lambda node: NOBODY if isinstance(node, Comparison) and about(node, "emails") else node)


@fault("RFC7644-3.4.2.2-80", "RFC7644-3.4.2.2-03")
def brackets_select_anybody(tenant: ReferenceTenant) -> None:
    """A filter in square brackets with one comparison selects everybody who has the attribute."""

    def change(node: Filter) -> Filter:
        single = isinstance(node, ValuePath) and about(node.filter, "value", op="eq")
        return Present(node.path) if single and isinstance(node, ValuePath) else node

    rewrite(tenant, change)


@fault("RFC7644-3.4.2.2-81")
def brackets_are_flattened(tenant: ReferenceTenant) -> None:
    """The conditions in square brackets may be met by different values."""

    def change(node: Filter) -> Filter:
        match node:
            case ValuePath(path, And(Comparison() as left, Comparison() as right)):
                left, right = (replace(part, path=AttrPath(path.name, part.path.name)) for part in (left, right))
                return And(left, right)
        return node

    rewrite(tenant, change)


@fault("RFC7644-3.4.2.2-82")
def brackets_see_the_resource(tenant: ReferenceTenant) -> None:
    """A name in square brackets may be that of an attribute of the resource."""
    reword(tenant, lambda text: re.sub(r"^emails\[(userName [^\]]*)\]", r"\1", text))


@fault("RFC7644-3.4.2.2-83")
def no_or_in_brackets(tenant: ReferenceTenant) -> None:
    """The words or and not in square brackets are refused."""
    rewrite(tenant, refuse(lambda node: isinstance(node, ValuePath) and _has_or(node.filter)))


def _has_or(node: Filter) -> bool:
    match node:
        case Or(Comparison(path), _):
            return path.name == "value"
        case And(left, right):
            return _has_or(left) or _has_or(right)
    return isinstance(node, Not)


@fault("RFC7644-3.4.2.2-84")
def no_brackets_in_brackets(tenant: ReferenceTenant) -> None:
    """Round brackets in square brackets are refused, except after not."""
    rewrite(
        tenant,
        refuse(
            lambda node: (
                isinstance(node, ValuePath) and isinstance(node.filter, And) and isinstance(node.filter.right, Or)
            )
        ),
    )


@fault("RFC7644-3.4.2.2-85")
def brackets_stand_alone(tenant: ReferenceTenant) -> None:
    """What follows square brackets is ignored."""

    def change(node: Filter) -> Filter:
        return node.left if isinstance(node, And | Or) and isinstance(node.left, ValuePath) else node

    rewrite(tenant, change)


@fault("RFC7644-3.4.2.2-86")
def nested_brackets_break_down(tenant: ReferenceTenant) -> None:
    """Square brackets in square brackets are answered with 500."""
    break_down(tenant, lambda text: re.search(r"\[[^\]]*\[", text) is not None)


# Texts


@fault("RFC7644-3.4.2.2-103")
def escapes_are_kept(tenant: ReferenceTenant) -> None:
    r"""An escape such as \u00e9 in a filter stands for its own signs."""
    reword(tenant, lambda text: re.sub(r"\\(u[0-9A-Fa-f]{4})", r"\\\\\1", text))


@fault("RFC7644-3.4.2.2-104")
def words_in_quotes_count(tenant: ReferenceTenant) -> None:
    """Square brackets in a quoted operand are taken for those of the filter language."""
    reword(tenant, lambda text: text.replace("[x]", '"[x]"'))


@fault("RFC7644-3.4.2.2-104")
def filters_can_be_injected(tenant: ReferenceTenant) -> None:
    """An escaped quotation mark ends a quoted operand."""
    reword(tenant, lambda text: text.replace(r"\"", '"') if " or " in text else text)


@fault("RFC7644-3.4.2.2-105")
def filters_are_latin(tenant: ReferenceTenant) -> None:
    """A filter is read as Latin-1 instead of UTF-8 where it holds more than that."""
    reword(tenant, lambda text: text.encode().decode("latin-1") if "日" in text else text)


@fault("RFC7644-1.2-01")
def filters_are_decoded_twice(tenant: ReferenceTenant) -> None:
    """The percent signs of a filter are decoded twice."""
    reword(tenant, unquote)


@fault("RFC7644-1.2-02")
def plus_signs_are_blanks(tenant: ReferenceTenant) -> None:
    """A plus sign in a filter is taken for a blank even where it was sent as %2B."""
    reword(tenant, lambda text: re.sub(r"(?<!\d)\+", " ", text))


# Filters at the root


@fault("RFC7644-3.4.2.1-05")
def root_knows_no_foreign_names(tenant: ReferenceTenant) -> None:
    """A filter at the root is refused where a resource type does not have an attribute."""

    def read(original: Callable[..., Filter], text: str, types: Sequence[ResourceType], *, everywhere: bool) -> Filter:
        return original(text, types, everywhere=everywhere and " or " in text)

    wrap(tenant.rules, "read_filter", read)


@fault("RFC7644-3.4.2.1-06")
def root_presumes_names(tenant: ReferenceTenant) -> None:
    """The operator pr is true of a resource whose type does not have the attribute."""

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        foreign = resource["meta"]["resourceType"] == "Group" and about(expression, "userName")
        return right or (foreign and isinstance(expression, Present))

    decide(tenant, answer)


@fault("RFC7644-3.4.2.1-02")
def root_ignores_the_type(tenant: ReferenceTenant) -> None:
    """A comparison with meta.resourceType is true of every user and group at the root."""

    def read(original: Callable[..., Filter], text: str, types: Sequence[ResourceType], *, everywhere: bool) -> Filter:
        return original(
            re.sub(r" and meta\.resourceType eq .*", "", text) if everywhere else text, types, everywhere=everywhere
        )

    wrap(tenant.rules, "read_filter", read)
