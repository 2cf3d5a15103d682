"""Faults of ServiceProviderConfig: what it states, and whether that is true (RFC 7643 §5, RFC 9865 §4, RFC 9967 §4)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference import passwords
from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_answer, on_discovery, wrap
from conformance.reference.messages import not_supported
from conformance.spec.errors import mutability
from conformance.spec.filter import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.filter import Filter

_LEFT_OUT = object()
_FEATURES = {
    # the object, its flag, and how §8.7.2 prints it
    "patch": ("RFC7643-5-05", "RFC7643-5-06", "RFC7643-8.7.2-02"),
    "bulk": ("RFC7643-5-07", "RFC7643-5-08", "RFC7643-8.7.2-03"),
    "filter": ("RFC7643-5-09", "RFC7643-5-10", "RFC7643-8.7.2-04"),
    "changePassword": ("RFC7643-5-11", "RFC7643-5-12", "RFC7643-8.7.2-05"),
    "sort": ("RFC7643-5-13", "RFC7643-5-14", "RFC7643-8.7.2-06"),
    "etag": ("RFC7643-5-15", "RFC7643-5-16"),
}
_LIMITS: dict[str, tuple[str, ...]] = {
    "bulk.maxOperations": ("RFC7643-5-17", "RFC7643-8.7.2-03", "RFC7644-3.7.4-01"),
    "bulk.maxPayloadSize": ("RFC7643-5-18", "RFC7643-8.7.2-03", "RFC7644-3.7.4-01"),
    "filter.maxResults": ("RFC7643-5-19", "RFC7643-8.7.2-04"),
}
_UNDECLARED_PATCH = ("RFC7643-5-26", "RFC7644-3.5-03", "RFC7644-3.5-02", "RFC7644-3.5.2-01", "RFC7644-3.5.2-02")
_SCHEME = "authenticationSchemes.0"


def _state(tenant: ReferenceTenant, path: str, value: object) -> None:
    """Let the configuration state a value at a path such as ``bulk.maxOperations``, or leave out what is there."""
    *parents, last = path.split(".")

    def change(document: dict[str, Any]) -> None:
        within: Any = document
        for name in parents:
            within = within[int(name)] if isinstance(within, list) else within.setdefault(name, {})
        if value is _LEFT_OUT:
            del within[last]
        else:
            within[last] = value

    on_discovery(tenant, "config", change)


for _feature, (_object, _flag, *_printed) in _FEATURES.items():
    _limits = [i for path, broken in _LIMITS.items() if path.startswith(f"{_feature}.") for i in broken]
    register(
        f"config_lacks_{_feature}",
        tuple(dict.fromkeys((_object, _flag, *_limits, *_printed))),
        f"ServiceProviderConfig has no {_feature}.",
        partial(_state, path=_feature, value=_LEFT_OUT),
    )
    register(
        f"config_{_feature}_supported_is_text",
        (_flag, *_printed),
        f'{_feature}.supported is the text "true" rather than a boolean.',
        partial(_state, path=f"{_feature}.supported", value="true"),
    )
for _path, _breaks in _LIMITS.items():
    register(
        f"config_lacks_{_path.replace('.', '_')}",
        _breaks,
        f"ServiceProviderConfig does not state {_path}.",
        partial(_state, path=_path, value=_LEFT_OUT),
    )
_STATED: tuple[tuple[str, str, object, tuple[str, ...]], ...] = (
    ("lacks_schemas", "schemas", _LEFT_OUT, ("RFC7643-5-01", "RFC7644-4-02", "RFC7643-3-03")),
    ("documentation_is_no_uri", "documentationUri", "see our handbook", ("RFC7643-5-04", "RFC7643-8.7.2-01")),
    ("lacks_authentication_schemes", "authenticationSchemes", _LEFT_OUT, ("RFC7643-5-20", "RFC7643-8.7.2-07")),
    ("authentication_schemes_empty", "authenticationSchemes", [], ("RFC7643-5-20",)),
    ("scheme_lacks_type", f"{_SCHEME}.type", _LEFT_OUT, ("RFC7643-5-22", "RFC7643-8.7.2-07")),
    ("scheme_type_unknown", f"{_SCHEME}.type", "bearer", ("RFC7643-5-22",)),
    ("scheme_lacks_name", f"{_SCHEME}.name", _LEFT_OUT, ("RFC7643-5-23", "RFC7643-8.7.2-07")),
    ("scheme_lacks_description", f"{_SCHEME}.description", _LEFT_OUT, ("RFC7643-5-24", "RFC7643-8.7.2-07")),
    ("scheme_spec_is_no_web_address", f"{_SCHEME}.specUri", "rfc6750", ("RFC7643-5-25",)),
    ("pagination_lacks_cursor", "pagination.cursor", _LEFT_OUT, ("RFC9865-4-02",)),
    ("pagination_index_is_text", "pagination.index", "true", ("RFC9865-4-03",)),
    ("pagination_method_unknown", "pagination.defaultPaginationMethod", "offset", ("RFC9865-4-04", "RFC9865-4-05")),
    ("default_page_size_zero", "pagination.defaultPageSize", 0, ("RFC9865-4-06",)),
    ("max_page_size_is_text", "pagination.maxPageSize", "200", ("RFC9865-4-07",)),
    ("cursor_timeout_negative", "pagination.cursorTimeout", -1, ("RFC9865-4-08",)),
    ("security_events_is_a_flag", "securityEvents", True, ("RFC9967-4-01",)),
    ("async_request_unknown", "securityEvents", {"asyncRequest": "always", "eventUris": []}, ("RFC9967-4-02",)),
    ("event_uris_is_text", "securityEvents", {"asyncRequest": "request", "eventUris": "all"}, ("RFC9967-4-03",)),
)
for _name, _path, _value, _breaks in _STATED:
    _what = "lacks" if _value is _LEFT_OUT else "misstates"
    register(
        f"config_{_name}",
        _breaks,
        f"ServiceProviderConfig {_what} {_path}.",
        partial(_state, path=_path, value=_value),
    )


# Whether it is true

_UNTRUE: tuple[tuple[str, str, object, tuple[str, ...]], ...] = (
    ("patch_works_undeclared", "patch.supported", False, _UNDECLARED_PATCH),
    ("cursor_paging_undeclared", "pagination", _LEFT_OUT, ("RFC9865-4-01",)),
    ("cursor_paging_denied", "pagination.cursor", False, ("RFC9865-4-09",)),
    ("index_paging_denied", "pagination.index", False, ("RFC9865-4-04", "RFC9865-4-10")),
    ("default_method_untrue", "pagination.defaultPaginationMethod", "cursor", ("RFC9865-4-05",)),
    ("default_page_size_exceeded", "pagination.defaultPageSize", 1, ("RFC9865-4-06",)),
    ("max_page_size_exceeded", "pagination.maxPageSize", 1, ("RFC9865-4-07",)),
)
for _name, _path, _value, _breaks in _UNTRUE:
    register(
        _name,
        _breaks,
        f"The tenant does otherwise than {_path} in its ServiceProviderConfig says.",
        partial(_state, path=_path, value=_value),
    )


@fault("RFC7643-2.3.4-01")
def totals_have_a_fraction(tenant: ReferenceTenant) -> None:
    """The totalResults of an empty list is written with a decimal point."""

    def change(_: Request, response: Response) -> None:
        document = response.document or {}
        if document.get("totalResults") == 0:
            document["totalResults"] = 0.0

    on_answer(tenant, change, method="GET", status=200)


@fault("RFC9967-4-04")
def prefer_async_is_followed(tenant: ReferenceTenant) -> None:
    """A write that prefers an asynchronous answer gets 202, though asyncRequest is "none"."""
    _state(tenant, "securityEvents.asyncRequest", "none")


# What is declared, yet not done


@fault("RFC7643-5-27")
def bulk_is_a_promise(tenant: ReferenceTenant) -> None:
    """Bulk is declared supported, yet /Bulk answers 501."""
    rules = tenant.rules
    rules.service = replace(rules.service, bulk=replace(rules.service.bulk, supported=False))


@fault(
    "RFC7643-5-28",
    "RFC7643-4.1.1-10",
    "RFC7644-3.4.2-14",
    "RFC7644-3.4.2.2-06",
    "RFC7644-3.4.2.2-26",
    "RFC7644-3.4.2.2-95",
    "RFC7644-3.4.2.2-104",
    "RFC7644-5-01",
)
def filter_is_a_promise(tenant: ReferenceTenant) -> None:
    """Filters are declared supported, yet the plainest of all, for a userName, is answered with 501."""

    def read_filter(original: Callable[..., Filter], text: str, types: Any, *, everywhere: bool) -> Filter:
        node = original(text, types, everywhere=everywhere)
        if not everywhere and isinstance(node, Comparison) and node.op == "eq" and node.path.dotted == "userName":
            raise not_supported("Filtering")
        return node

    wrap(tenant.rules, "read_filter", read_filter)


@fault("RFC7643-5-29", "RFC7644-3.4.2.3-04", "RFC7644-3.4.3-12", "RFC9865-2.2-01")
def sort_is_a_promise(tenant: ReferenceTenant) -> None:
    """Sorting is declared supported, yet userName in descending order changes nothing."""

    def sort(original: Callable[..., Any], resources: Any, path: str, *, ascending: bool, **options: Any) -> Any:
        ignored = path.lower().endswith("username") and not ascending
        return resources if ignored else original(resources, path, ascending=ascending, **options)

    wrap(tenant.rules, "sort", sort)


@fault("RFC7643-5-30", "RFC7644-3.14-09", "RFC7644-3.14-12")
def etag_is_a_promise(tenant: ReferenceTenant) -> None:
    """Entity tags are declared supported, yet If-None-Match has no effect on a GET."""
    wrap(tenant.rules, "unchanged", lambda *_: False)


@fault("RFC7643-5-31", "RFC7643-4.1.1-35", "RFC7644-3.5.1-05")
def change_password_is_a_promise(tenant: ReferenceTenant) -> None:
    """Changing passwords is declared supported, yet a new password is refused."""

    def settle(original: Callable[..., None], attributes: Any, resource_type: Any, stored: Record | None) -> None:
        before = stored.attributes.get("password") if stored else None
        given = attributes.get("password", before)
        if stored and given != before and not (before and passwords.agrees(given, before)):
            raise mutability("Passwords cannot be changed here")
        original(attributes, resource_type, stored)

    wrap(tenant.rules, "settle_secrets", settle)
