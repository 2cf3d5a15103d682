"""Faults of versions and conditional requests (RFC 7644 §3.14; RFC 7643 §3.1, meta.version)."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    at,
    drop_header,
    each_resource,
    on_answer,
    set_error,
    single,
    wrap,
)
from conformance.spec.errors import ScimError
from conformance.spec.etag import opaque

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant

    Rewrite = Callable[[str], str]
    Check = Callable[[Request, Record], None]

# The answer to a create is what a read returns.
_AS_READ = ("RFC7644-3.3-14", "RFC7644-3.1-07")
_CONDITIONS = ("if-match", "if-none-match")


def _of_a_group(request: Request, response: Response) -> bool:
    return single(request, response) and at("Groups")(request, response)


def _set_version(response: Response, header: str | None = None, version: str | None = None) -> None:
    if header is not None:
        response.headers["ETag"] = header
    if version is not None and response.document and "version" in response.document.get("meta", {}):
        response.document["meta"]["version"] = version


def _on_condition(tenant: ReferenceTenant, around: Callable[[Check, Request, Record], None], *methods: str) -> None:
    """Decide otherwise whether a write may go on; no method given stands for any. Bulk jobs stay as they are."""

    def check(original: Check, request: Request, record: Record) -> None:
        # An operation of a bulk job was never sent to a target of its own.
        if request.target and (not methods or request.method in methods):
            around(original, request, record)
        else:
            original(request, record)

    wrap(tenant.rules, "check_precondition", check)


def _read_as(tenant: ReferenceTenant, inward: Rewrite) -> None:
    """Rewrite the conditions of requests before they are looked at."""

    def decide(original: Callable[[Request, Record], Any], request: Request, record: Record) -> Any:
        headers = {name: inward(value) if name in _CONDITIONS else value for name, value in request.headers.items()}
        return original(replace(request, headers=headers), record)

    wrap(tenant.rules, "check_precondition", decide)
    wrap(tenant.rules, "unchanged", decide)


# Where versions stand


@fault("RFC7644-3.14-02")
def projection_has_no_etag(tenant: ReferenceTenant) -> None:
    """A read with attributes is answered without the ETag header."""
    on_answer(
        tenant, drop_header("ETag"), method="GET", where=lambda q, r: single(q, r) and "attributes" in q.parameters
    )


def _answering_without_etag(method: str) -> Callable[[ReferenceTenant], None]:
    return lambda tenant: on_answer(tenant, drop_header("ETag"), method=method, status=200, where=single)


for _method in ("PUT", "PATCH"):
    register(
        f"{_method}_answers_without_etag".lower(),
        ("RFC7644-3.14-02",),
        f"The answer to a {_method} has the resource and no ETag header.",
        _answering_without_etag(_method),
    )


@fault("RFC7644-3.14-03", *_AS_READ, "RFC7644-3.4.2-17")
def reads_show_no_version(tenant: ReferenceTenant) -> None:
    """A group that is read has no meta.version."""
    on_answer(tenant, _drop_version, method="GET", where=_of_a_group)


@fault("RFC7644-3.14-03", "RFC7644-3.4.2-17")
def lists_show_another_version(tenant: ReferenceTenant) -> None:
    """Groups in lists have a meta.version that has nothing to do with their ETag."""

    def change(_: Request, response: Response) -> None:
        for resource in (response.document or {}).get("Resources", ()):
            if "version" in resource.get("meta", {}):
                resource["meta"]["version"] = 'W/"1"'

    on_answer(tenant, change, method="GET", where=at("Groups"))


@fault("RFC7644-3.14-04", *_AS_READ)
def creates_show_no_version(tenant: ReferenceTenant) -> None:
    """The answer to the create of a group has no meta.version."""
    on_answer(tenant, _drop_version, method="POST", status=201, where=at("Groups"))


def _drop_version(_: Request, response: Response) -> None:
    each_resource(lambda resource: resource.get("meta", {}).pop("version", None))(_, response)


@fault("RFC7643-3.1-31")
def version_lacks_its_weakness(tenant: ReferenceTenant) -> None:
    """In the answer to a PUT of a group, the ETag header begins with W/ and meta.version does not."""

    def change(_: Request, response: Response) -> None:
        _set_version(response, version=response.headers["ETag"].removeprefix("W/"))

    on_answer(tenant, change, method="PUT", status=200, where=_of_a_group)


# How versions are written

_SPELLINGS: tuple[tuple[str, str, Rewrite, Rewrite], ...] = (
    # name, what is wrong, how tags are shown, how they are read again
    (
        "bare",
        "stand without quotes",
        lambda tag: opaque(tag) or tag,
        lambda text: re.sub(r'(?:W/)?([^\s,*"]+)', r'"\1"', text),
    ),
    ("small_w", "begin with a small w where they are weak", lambda tag: f"w/{tag[2:]}", lambda text: text),
    ("single_quotes", "stand in single quotes", lambda tag: tag.replace('"', "'"), lambda text: text.replace("'", '"')),
)


def _spelt(outward: Rewrite, inward: Rewrite) -> Callable[[ReferenceTenant], None]:
    def change(_: Request, response: Response) -> None:
        if "ETag" in response.headers:
            response.headers["ETag"] = outward(response.headers["ETag"])
        document = response.document or {}
        metas = [resource.get("meta", {}) for resource in (document, *document.get("Resources", ()))]
        for holder in (*metas, *document.get("Operations", ())):
            if "version" in holder:
                holder["version"] = outward(holder["version"])

    def plant(tenant: ReferenceTenant) -> None:
        on_answer(tenant, change)
        _read_as(tenant, inward)

    return plant


for _name, _wrong, _outward, _inward in _SPELLINGS:
    register(
        f"entity_tags_{_name}",
        ("RFC7644-3.14-06", "RFC7643-3.1-33"),
        f"Entity-tags {_wrong}, in the header and in meta.version.",
        _spelt(_outward, _inward),
    )


# When versions change


@fault("RFC7644-3.14-07")
def second_read_has_another_version(tenant: ReferenceTenant) -> None:
    """Every read of a group but the first has another ETag header, though all are taken in conditions."""
    numbers: dict[str, itertools.count[int]] = {}

    def change(request: Request, response: Response) -> None:
        number = next(numbers.setdefault(request.target, itertools.count()))
        if number:
            response.headers["ETag"] = f'{response.headers["ETag"][:-1]}!{number}"'

    on_answer(tenant, change, method="GET", status=200, where=_of_a_group)
    _read_as(tenant, lambda text: re.sub(r"!\d+", "", text))


@fault("RFC7644-3.14-05")
def replace_answers_with_the_old_version(tenant: ReferenceTenant) -> None:
    """The answer to a PUT has the entity-tag that the resource had before."""
    before: dict[str, str] = {}

    def check(original: Check, request: Request, record: Record) -> None:
        original(request, record)
        before[record.id] = tenant.rules.version(record)

    def change(request: Request, response: Response) -> None:
        tag = before[request.segments[-1]]
        _set_version(response, tag, tag)

    _on_condition(tenant, check, "PUT")
    on_answer(tenant, change, method="PUT", status=200, where=_of_a_group)


# If-None-Match


def _on_unchanged(tenant: ReferenceTenant, decide: Callable[[str, str], bool]) -> None:
    """Decide by If-None-Match and the current version whether a group is unchanged."""

    def unchanged(original: Callable[[Request, Record], bool], request: Request, record: Record) -> bool:
        condition = request.headers.get("if-none-match")
        if condition is None or record.type != "Group":
            return original(request, record)
        return decide(condition, tenant.rules.version(record))

    wrap(tenant.rules, "unchanged", unchanged)


@fault("RFC7644-3.14-09", "RFC7644-3.14-12")
def weak_tags_are_never_unchanged(tenant: ReferenceTenant) -> None:
    """If-None-Match is compared strongly, so that a weak entity-tag never brings a 304."""
    _on_unchanged(tenant, lambda condition, version: condition == version and not version.startswith("W/"))


@fault("RFC7644-3.14-09")
def only_the_first_tag_counts(tenant: ReferenceTenant) -> None:
    """Of several entity-tags in If-None-Match the first alone is compared."""
    _on_unchanged(tenant, lambda condition, version: condition.partition(",")[0] == version)


@fault("RFC7644-3.14-11")
def any_condition_is_unchanged(tenant: ReferenceTenant) -> None:
    """Every read with If-None-Match is answered with 304, whatever stands in it."""
    _on_unchanged(tenant, lambda *_: True)


@fault("RFC7644-3.14-10")
def unchanged_has_a_body(tenant: ReferenceTenant) -> None:
    """A 304 has a body."""

    def change(_: Request, response: Response) -> None:
        response.document = {"detail": "Not Modified"}

    on_answer(tenant, change, status=304)


@fault("RFC7644-3.14-09")
def unchanged_has_no_etag(tenant: ReferenceTenant) -> None:
    """A 304 does not repeat the ETag header."""
    on_answer(tenant, drop_header("ETag"), status=304)


# If-Match


def _compared_strongly(original: Check, request: Request, record: Record) -> None:
    if request.headers.get("if-match", "*") != "*":
        raise ScimError("A weak entity-tag matches nothing", status=412)
    original(request, record)


def _ignored(_: Check, request: Request, record: Record) -> None:
    del request, record


def _deciding(around: Callable[[Check, Request, Record], None], method: str) -> Callable[[ReferenceTenant], None]:
    return lambda tenant: _on_condition(tenant, around, method)


def _carried_out(method: str) -> Callable[[ReferenceTenant], None]:
    """Return a fault that answers 412 to an outdated version and carries the write out all the same."""

    def plant(tenant: ReferenceTenant) -> None:
        late: set[tuple[str, str]] = set()

        def check(original: Check, request: Request, record: Record) -> None:
            try:
                original(request, record)
            except ScimError:
                late.add((request.target, request.headers["if-match"]))

        def mismatched(request: Request, _: Response) -> bool:
            return (request.target, request.headers.get("if-match", "")) in late

        _on_condition(tenant, check, method)
        on_answer(tenant, set_error(412), method=method, where=mismatched)

    return plant


for _method, _current, _ignoring, _late in (
    ("PUT", ("RFC7644-3.14-13",), ("RFC7644-3.14-14", "RFC7644-3.12-21"), ("RFC7644-3.14-14", "RFC7644-3.5.1-17")),
    ("PATCH", ("RFC7644-3.14-15",), ("RFC7644-3.14-16",), ("RFC7644-3.14-16",)),
    ("DELETE", ("RFC7644-3.14-18",), ("RFC7644-3.14-17",), ("RFC7644-3.14-17",)),
):
    register(
        f"{_method}_compares_strongly".lower(),
        _current,
        f"A {_method} with a weak entity-tag in If-Match is refused, even with the current one.",
        _deciding(_compared_strongly, _method),
    )
    register(
        f"{_method}_ignores_if_match".lower(),
        _ignoring,
        f"A {_method} with an outdated entity-tag in If-Match is carried out.",
        _deciding(_ignored, _method),
    )
    register(
        f"{_method}_refuses_too_late".lower(),
        _late,
        f"A {_method} with an outdated entity-tag in If-Match answers 412 and is carried out all the same.",
        _carried_out(_method),
    )


@fault("RFC7644-3.14-16")
def patch_with_an_outdated_version_answers_409(tenant: ReferenceTenant) -> None:
    """A PATCH with an outdated entity-tag in If-Match answers 409 instead of 412."""
    on_answer(tenant, set_error(409), method="PATCH", status=412)


@fault("RFC7644-3.14-13")
def replace_compares_one_tag_alone(tenant: ReferenceTenant) -> None:
    """If-Match of a PUT is taken for one entity-tag, so that a list of several never matches."""

    def check(original: Check, request: Request, record: Record) -> None:
        if "," in request.headers.get("if-match", ""):
            raise ScimError("The version does not match", status=412)
        original(request, record)

    _on_condition(tenant, check, "PUT")


@fault("RFC7643-3.1-32")
def entity_tags_match_in_any_case(tenant: ReferenceTenant) -> None:
    """Entity-tags are compared without regard to letter case."""
    _read_as(tenant, lambda text: re.sub('"[^"]*"', lambda tag: tag[0].lower(), text))


@fault("RFC7644-3.14-19")
def asterisk_is_a_tag(tenant: ReferenceTenant) -> None:
    """If-Match: * is compared as if it were an entity-tag, and never matches."""

    def check(original: Check, request: Request, record: Record) -> None:
        if request.headers.get("if-match") == "*":
            raise ScimError("The version does not match", status=412)
        original(request, record)

    _on_condition(tenant, check)


@fault("RFC7644-3.14-20")
def conditions_become_a_duty(tenant: ReferenceTenant) -> None:
    """Once a client has sent If-Match for a resource, writes to it without are answered with 428."""
    known: set[str] = set()

    def check(original: Check, request: Request, record: Record) -> None:
        if "if-match" in request.headers:
            known.add(record.id)
        elif record.id in known and request.method != "DELETE":
            raise ScimError("If-Match is required", status=428)
        original(request, record)

    _on_condition(tenant, check)
