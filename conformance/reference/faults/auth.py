"""Faults of who may ask (RFC 7644 §2) and of what stays secret (RFC 7643 §4.1.1, §9; RFC 7644 §7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import drop_header, on_answer, on_kept, resources, set_body, set_error, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.filter import Filter

    Where = Callable[[Request, Response], bool]


# Credentials


def _anonymous(request: Request, _: Response) -> bool:
    return "authorization" not in request.headers


def _wrong(request: Request, response: Response) -> bool:
    return not _anonymous(request, response)


@fault("RFC7644-2-01")
def unauthorized_names_no_scheme(tenant: ReferenceTenant) -> None:
    """A 401 has no WWW-Authenticate header."""
    on_answer(tenant, drop_header("WWW-Authenticate"), status=401)


@fault("RFC7644-3.12-02")
def unauthorized_has_no_body(tenant: ReferenceTenant) -> None:
    """A 401 has no body."""
    on_answer(tenant, set_body(None), status=401)


@fault("RFC7644-2-02", "RFC7644-3.12-16")
def wrong_token_answers_403(tenant: ReferenceTenant) -> None:
    """A request with a wrong token answers 403."""
    on_answer(tenant, set_error(403), status=401, where=_wrong)


@fault("RFC7644-3.12-16")
def missing_token_answers_403(tenant: ReferenceTenant) -> None:
    """A request without a token answers 403."""
    on_answer(tenant, set_error(403), status=401, where=_anonymous)


@fault("RFC7644-2-02", "RFC7644-3.12-16")
def any_token_may_write(tenant: ReferenceTenant) -> None:
    """A PUT with a wrong token is carried out."""

    def authenticate(original: Callable[[Request], None], request: Request) -> None:
        if request.method != "PUT" or "authorization" not in request.headers:
            original(request)

    wrap(tenant.rules, "authenticate", authenticate)


# Passwords


def _query(request: Request, *names: str) -> bool:
    return any(name in request.parameters for name in names)


_NEVER = ("RFC7643-7-28", "RFC7643-7-31", "RFC7643-8.7.1-18")
_SHOWN: dict[str, tuple[tuple[str, ...], str, Where]] = {
    "create": (("RFC7643-4.1.1-26", *_NEVER), "POST", lambda q, r: r.status == 201 and not q.query),  # noqa: PLR2004
    "list": (("RFC7643-4.1.1-28",), "GET", lambda q, _: _query(q, "filter")),
    "search": (("RFC7643-4.1.1-28",), "POST", lambda q, _: q.segments[-1] == ".search"),
    "read_by_attributes": (("RFC7643-4.1.1-29",), "GET", lambda q, _: q.parameters.get("attributes") == "password"),
    "replace": (("RFC7643-4.1.1-30", *_NEVER), "PUT", lambda q, _: not q.query),
    "patch": (("RFC7643-4.1.1-31",), "PATCH", lambda q, _: not q.query),
}


def _show_password(method: str, where: Where) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        def change(_: Request, response: Response) -> None:
            for resource in resources(response):
                record = tenant.store.get(str(resource.get("id")))
                if record and "password" in record.attributes:
                    resource["password"] = record.attributes["password"]

        on_answer(tenant, change, method=method, status=(200, 201), where=where)

    return plant


for _name, (_breaks, _method, _where) in _SHOWN.items():
    _said = f"The answer to a {_name.replace('_', ' ')} shows the hash of the password."
    register(f"{_name}_shows_the_password", _breaks, _said, _show_password(_method, _where))


# Errors that tell too much


@fault("RFC7644-3.12-43")
def error_repeats_the_password(tenant: ReferenceTenant) -> None:
    """The detail of an error repeats the body of the request, the password included."""

    def change(request: Request, response: Response) -> None:
        if response.document:
            response.document["detail"] = f"Refused: {request.body.decode()}"

    on_answer(tenant, change, method="POST", status=409)


@fault("RFC7644-3.12-43")
def error_repeats_the_token(tenant: ReferenceTenant) -> None:
    """The detail of a 404 repeats the Authorization header."""

    def change(request: Request, response: Response) -> None:
        if response.document:
            response.document["detail"] = f"Not found; headers were {dict(request.headers)}"

    on_answer(tenant, change, status=404)


@fault("RFC7644-3.12-43")
def error_has_a_stack_trace(tenant: ReferenceTenant) -> None:
    """The detail of a 404 has a stack trace."""

    def change(_: Request, response: Response) -> None:
        if response.document:
            trace = 'Traceback (most recent call last):\n  File "app.py", line 7, in get\nKeyError: id'
            response.document["detail"] = trace

    on_answer(tenant, change, status=404)


# Texts that mean something elsewhere


@fault("RFC7644-7.7-01", "RFC7643-9.2-02")
def create_strips_markup(tenant: ReferenceTenant) -> None:
    """A create strips what looks like a script from texts."""

    def strip(kept: dict[str, Any], _: object) -> None:
        for name, value in kept.items():
            if isinstance(value, str):
                kept[name] = re.sub(r"<script.*?>|</script>", "", value)

    on_kept(tenant, strip, method="POST", of="")


@fault("RFC7644-7.7-01", "RFC7643-9.2-02")
def filter_value_reaches_the_database(tenant: ReferenceTenant) -> None:
    """The value of a filter becomes part of a database query as it stands: ' OR '1'='1 finds everybody."""
    injected = "' OR '1'='1"

    def candidates(original: Callable[..., Any], node: Filter, *of: Any) -> Any:
        return tenant.store.all(of[0].name) if injected in str(node) else original(node, *of)

    def matches(original: Callable[..., bool], node: Filter, *of: Any) -> bool:
        return injected in str(node) or original(node, *of)

    wrap(tenant.rules, "candidates", candidates)
    wrap(tenant.rules, "matches", matches)
