"""Legal variants: named ways in which a service provider may differ from the reference tenant and still be right.

They are the other half of the proof. Faults show that the checks can fail; on these, no check may.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.reference.faults.seams import declare, drop_header, on_answer, on_shown, respell, set_header, wrap
from conformance.reference.messages import SCIM, Request, Response
from conformance.reference.readings import take_the_others
from conformance.reference.tenant import OPTIONAL
from conformance.spec.errors import ScimError, invalid_value
from conformance.spec.filter import parse
from conformance.spec.messages import LIST_RESPONSE
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.reference.faults.seams import Change
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import Attribute, ResourceType

_LONGEST_NAME = 64
_EAST = timedelta(hours=5, minutes=30)


class UnknownVariant(LookupError):
    """No legal variant has that name; the message names the nearest one."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One legal way to differ: what it does not offer, and what it does otherwise.

    ``clause`` is what allows it; ``not_followed`` are the recommendations (SHOULD) that it leaves aside.
    """

    name: str
    description: str
    clause: str
    plant: Callable[[ReferenceTenant], None] = lambda _: None
    without: frozenset[str] = frozenset()
    not_followed: frozenset[str] = frozenset()


def variants() -> Mapping[str, Variant]:
    """Return every legal variant by name."""
    return _VARIANTS


def find_variant(name: str) -> Variant:
    """Return one legal variant. Raises UnknownVariant with the nearest name."""
    if name in _VARIANTS:
        return _VARIANTS[name]
    raise UnknownVariant(f"there is no legal variant “{name}”{did_you_mean(name, _VARIANTS)}")


def _empty(_: Request, response: Response) -> None:
    response.status, response.document = 204, None
    response.headers.pop("Content-Type", None)


def _bodiless(_: Request, response: Response) -> None:
    response.document = None


def _relative_location(_: Request, response: Response) -> None:
    if "Location" in response.headers:
        response.headers["Location"] = urlsplit(response.headers["Location"]).path


def _no_detail(_: Request, response: Response) -> None:
    if response.document:
        response.document.pop("detail", None)


def _owes_no_detail(_: Request, response: Response) -> bool:
    # RFC 7644 §3.4.2.2 wants to be told which operator is unsupported, §3.7.4 which limit is exceeded.
    owes_one = (response.document or {}).get("scimType") == "invalidFilter" or response.status == 413  # noqa: PLR2004
    return response.failed and not owes_one


def _has_body(_: Request, response: Response) -> bool:
    return response.document is not None


def _asks_for_no_attributes(request: Request, _: Response) -> bool:
    return "attributes" not in request.parameters


def _talkative_error(_: Request, response: Response) -> None:
    if response.document:
        response.document["urn:example:params:trace"] = {"id": "1f3c"}


def _lists(change: Callable[[dict[str, Any]], None]) -> Change:
    def changed(_: Request, response: Response) -> None:
        if response.document and LIST_RESPONSE in response.document.get("schemas", ()):
            change(response.document)

    return changed


def _unpaged_list(document: dict[str, Any]) -> None:
    if document["totalResults"] == len(document.get("Resources", ())) and document.get("startIndex", 1) == 1:
        document.pop("startIndex", None)
        document.pop("itemsPerPage", None)


def _empty_list_without_resources(document: dict[str, Any]) -> None:
    if not document.get("Resources"):
        document.pop("Resources", None)


def _backwards(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _backwards(document[name]) for name in reversed(document)}
    return [_backwards(element) for element in document] if isinstance(document, list) else document


def _members_backwards(_: Request, response: Response) -> None:
    response.document = _backwards(response.document)


def _times(write: Callable[[datetime], str]) -> Callable[[dict[str, Any]], None]:
    def change(resource: dict[str, Any]) -> None:
        for name in ("created", "lastModified"):
            if name in resource.get("meta", ()):
                resource["meta"][name] = write(datetime.fromisoformat(resource["meta"][name]))

    return change


def _seconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _elsewhere(moment: datetime) -> str:
    return (moment.astimezone(UTC) + _EAST).strftime("%Y-%m-%dT%H:%M:%S.%f") + "+05:30"


def _on_shown_all(change: Callable[[dict[str, Any]], None]) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        for resource_type in tenant.service.resource_types:
            on_shown(tenant, change, of=resource_type.name)

    return plant


def _sparse_members(group: dict[str, Any]) -> None:
    for member in group.get("members", ()):
        for name in set(member) - {"value"}:
            del member[name]


def _ids(form: str) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        numbers = count(1001)

        def first_state(original: Callable[..., Record], resource_type: ResourceType, attributes: Any) -> Record:
            return replace(original(resource_type, attributes), id=form.format(next(numbers)))

        wrap(tenant.rules, "first_state", first_state)

    return plant


def _settling(change: Callable[[dict[str, Any]], None]) -> Callable[[ReferenceTenant], None]:
    """Change what is kept of a user, whichever way it was written."""

    def settle(original: Callable[..., Any], attributes: Any, resource_type: ResourceType, stored: Any) -> Any:
        settled = original(attributes, resource_type, stored)
        if resource_type.name == "User":
            change(settled)
        return settled

    return lambda tenant: wrap(tenant.rules, "settle", settle)


def _folded(value: Any, attribute: Attribute) -> Any:
    if isinstance(value, list):
        return [_folded(element, attribute) for element in value]
    if isinstance(value, dict):
        subs = {name: attribute.sub(name) for name in value}
        return {name: _folded(inner, sub) if (sub := subs[name]) else inner for name, inner in value.items()}
    inexact = attribute.type == "string" and attribute.mutability == "readWrite" and not attribute.case_exact
    return value.lower() if inexact and isinstance(value, str) else value


def _fold(tenant: ReferenceTenant) -> None:
    """Keep texts in lower case where letter case means nothing."""

    def settle(original: Callable[..., Any], attributes: Any, resource_type: ResourceType, stored: Any) -> Any:
        settled = original(attributes, resource_type, stored)
        for bound in resource_type.attributes(subs=False):
            holder = settled.get(bound.urn, {}) if bound.urn else settled
            if bound.attribute.name in holder:
                holder[bound.attribute.name] = _folded(holder[bound.attribute.name], bound.attribute)
        return settled

    wrap(tenant.rules, "settle", settle)


def _compose_name(user: dict[str, Any]) -> None:
    name = user.get("name", {})
    parts = [name[part] for part in ("givenName", "familyName") if part in name]
    if parts:
        name["formatted"] = " ".join(parts)


def _refuse_long_name(user: dict[str, Any]) -> None:
    if len(user["userName"]) > _LONGEST_NAME:
        raise invalid_value(f"userName has more than {_LONGEST_NAME} characters")


def _slow_clock(tenant: ReferenceTenant) -> None:
    def next_state(original: Callable[..., Record], record: Record, attributes: Any) -> Record:
        state = original(record, attributes)
        return replace(state, modified=tenant.rules.now()) if state is not record else state

    _on_shown_all(_times(_seconds))(tenant)
    wrap(tenant.rules, "now", lambda original: original() // 1000 * 1000)
    wrap(tenant.rules, "next_state", next_state)


def _strong_tags(tenant: ReferenceTenant) -> None:
    wrap(tenant.rules, "version", lambda original, record: original(record).removeprefix("W/"))


def _small_pages(tenant: ReferenceTenant) -> None:
    wrap(tenant.rules, "page_size", lambda original, wanted: min(original(wanted), 10))


def _paging(**settings: Any) -> Callable[[ReferenceTenant], None]:
    return lambda tenant: declare(tenant, pagination=replace(tenant.service.pagination, **settings))


def _without_on_pages(key: str) -> Callable[[ReferenceTenant], None]:
    """Leave a member out of the lists that are paged by cursor."""

    def change(_: Request, response: Response) -> None:
        document = response.document or {}
        if "Resources" in document and "startIndex" not in document:
            document.pop(key, None)

    return lambda tenant: on_answer(tenant, change)


def _unknown_attributes_find_nobody(tenant: ReferenceTenant) -> None:
    def read_filter(original: Callable[..., Any], text: str, types: Any, *, everywhere: bool) -> Any:
        try:
            return original(text, types, everywhere=everywhere)
        except ScimError as error:
            if "attribute" not in error.detail:
                raise
            parse(text)
            return original(text, types, everywhere=True)

    wrap(tenant.rules, "read_filter", read_filter)


def _only_users(tenant: ReferenceTenant) -> None:
    users = tuple(t for t in tenant.service.resource_types if t.name == "User")
    declare(tenant, resource_types=tuple(replace(t, extensions=()) for t in users))


def _few_attributes(tenant: ReferenceTenant) -> None:
    _only_users(tenant)
    (users,) = tenant.service.resource_types
    kept = {"userName", "name", "emails", "active"}
    declare(tenant, resource_types=(users.narrowed(lambda bound: (bound.parent or bound.attribute).name in kept),))


def _answering(change: Change, **where: Any) -> Callable[[ReferenceTenant], None]:
    return lambda tenant: on_answer(tenant, change, **where)


def _shows_nothing(tenant: ReferenceTenant) -> None:
    def represent(original: Callable[..., dict[str, Any]], record: Record, base: str) -> dict[str, Any]:
        nothing: dict[str, Any] = {"title": None, "photos": []} if record.type == "User" else {}
        return nothing | original(record, base)

    wrap(tenant.rules, "represent", represent)


_PATCH = frozenset({"RFC7644-3.5-02", "RFC7644-3.5.2-01"})
_SEARCH = frozenset({"RFC7644-3.4.3-02", "RFC7644-3.4.3-03", "RFC7644-3.4.3-04"})
_FEATURES = [
    Variant(
        f"without-{feature}",
        f"{feature} is not offered.",
        "RFC 7643 §5",
        without=frozenset({feature}),
        not_followed={"patch": _PATCH, "search": _SEARCH}.get(feature, frozenset()),
    )
    for feature in sorted(OPTIONAL)
]
_ANSWERS = [
    Variant(
        "patch-answers-204",
        "A successful PATCH answers 204.",
        "RFC 7644 §3.5.2",
        _answering(_empty, method="PATCH", status=200, where=_asks_for_no_attributes),
    ),
    Variant(
        "create-answers-without-a-body",
        "A 201 carries no body.",
        "RFC 7644 §3.3",
        _answering(_bodiless, method="POST", status=201),
        not_followed=frozenset({"RFC7644-3.3-09"}),
    ),
    Variant(
        "too-many-requests-without-retry-after",
        "An answer of 429 does not say when to come again.",
        "RFC 6585 §4",
        _answering(drop_header("Retry-After"), status=429),
    ),
    Variant("relative-location", "Location is relative.", "RFC 9110 §10.2.2", _answering(_relative_location)),
    Variant(
        "media-type-with-charset",
        "The media type names UTF-8.",
        "RFC 7644 §8.1",
        _answering(set_header("Content-Type", f"{SCIM}; charset=utf-8"), where=_has_body),
    ),
    Variant(
        "errors-without-detail",
        "An error has no detail.",
        "RFC 7644 §3.12",
        _answering(_no_detail, where=_owes_no_detail),
    ),
    Variant(
        "talkative-errors",
        "An error has members of its own.",
        "RFC 7644 §3.12",
        _answering(_talkative_error, where=lambda _, response: response.failed),
    ),
    Variant(
        "whole-lists-without-paging",
        "A list that is whole does not say where it starts.",
        "RFC 7644 §3.4.2",
        _answering(_lists(_unpaged_list)),
    ),
    Variant(
        "empty-lists-without-resources",
        "An empty list has no Resources.",
        "RFC 7644 §3.4.2",
        _answering(_lists(_empty_list_without_resources)),
    ),
    Variant(
        "names-in-another-letter-case",
        "Names begin with a capital.",
        "RFC 7643 §2.1",
        lambda tenant: respell(tenant, lambda name: name[:1].upper() + name[1:]),
        not_followed=frozenset({"RFC7643-2.1-01"}),
    ),
    Variant(
        "members-in-another-order",
        "The members of JSON objects come in another order.",
        "RFC 8259 §4",
        _answering(_members_backwards),
    ),
    Variant("small-pages", "A page holds at most ten resources.", "RFC 7644 §3.4.2.4", _small_pages),
    Variant(
        "cursors-by-default", "Lists are paged by cursor unasked.", "RFC 9865 §2.4", _paging(default_method="cursor")
    ),
    Variant(
        "cursors-alone",
        "Lists are paged by cursor only.",
        "RFC 9865 §2.3",
        _paging(index=False, default_method="cursor"),
    ),
    Variant(
        "cursors-undescribed",
        "Nothing is said of page sizes and of how long cursors last.",
        "RFC 9865 §4",
        _paging(default_method=None, default_page_size=None, max_page_size=None, cursor_timeout=None),
    ),
    Variant("cursors-lead-on-only", "There is no previousCursor.", "RFC 9865 §2", _without_on_pages("previousCursor")),
    Variant(
        "cursors-without-total",
        "Pages by cursor have no totalResults.",
        "RFC 9865 §2",
        _without_on_pages("totalResults"),
    ),
    Variant(
        "unknown-attributes-match-nobody",
        "A filter on an attribute that no schema has matches nobody.",
        "RFC 7644 §3.4.2.2",
        _unknown_attributes_find_nobody,
    ),
]
_RESOURCES = [
    Variant("times-in-whole-seconds", "The clock ticks once a second.", "RFC 7643 §2.3.5", _slow_clock),
    Variant(
        "times-elsewhere",
        "Times have an offset and microseconds.",
        "RFC 7643 §2.3.5",
        _on_shown_all(_times(_elsewhere)),
    ),
    Variant(
        "sparse-members",
        "Members are shown by value alone.",
        "RFC 7643 §2.4",
        lambda tenant: on_shown(tenant, _sparse_members, of="Group"),
    ),
    Variant("nothing-is-shown", "Attributes without a value are shown as null or [].", "RFC 7643 §2.5", _shows_nothing),
    Variant("letter-case-is-not-kept", "Texts that are not case-exact are kept in lower case.", "RFC 7643 §7", _fold),
    Variant("numbered-ids", "Ids are numbers in order.", "RFC 7643 §3.1", _ids("{}")),
    Variant("ids-beyond-ascii", "A URI has to percent-encode what an id holds.", "RFC 3986 §2.1", _ids("é {}+1/%41@x")),
    Variant(
        "names-are-composed",
        "The formatted name is made of its components.",
        "RFC 7643 §4.1.1",
        _settling(_compose_name),
    ),
    Variant(
        "defaults-are-put-back",
        "A user without displayName is given its userName as one.",
        "RFC 7644 §3.5.1",
        _settling(lambda user: user.setdefault("displayName", user["userName"])),
    ),
    Variant(
        "short-user-names",
        "User names have at most 64 characters.",
        "RFC 7643 §2.3.1",
        _settling(_refuse_long_name),
    ),
    Variant("strong-tags", "Entity tags are strong.", "RFC 7644 §3.14", _strong_tags),
    Variant("only-users", "Users alone are served, without extension.", "RFC 7643 §6", _only_users),
    Variant("few-attributes", "Users have four attributes.", "RFC 7643 §6", _few_attributes),
]
_OTHERWISE = Variant(
    "other-readings",
    "Where the RFCs leave a choice, the tenant does not choose as the reference tenant.",
    "RFC 7644 §3.4.2.2, §3.5.1, §3.5.2",
    take_the_others,
)
_SMALLEST = Variant(
    "without-any-option",
    "No optional feature is offered.",
    "RFC 7643 §5",
    without=OPTIONAL,
    not_followed=_PATCH | _SEARCH,
)
_VARIANTS = {variant.name: variant for variant in (*_FEATURES, _SMALLEST, _OTHERWISE, *_ANSWERS, *_RESOURCES)}
