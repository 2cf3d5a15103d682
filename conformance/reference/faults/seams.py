"""Small hooks with which most faults are one line: changing an answer, wrapping a rule."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.discovery import Discovery
from conformance.spec.errors import ScimError
from conformance.spec.paths import AttrPath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Change = Callable[[Request, Response], None]


def wrap(owner: object, name: str, around: Callable[..., Any]) -> None:
    """Replace the method ``name`` of one instance by ``around``, which is given the original before its arguments."""
    original = getattr(owner, name)

    def replaced(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    setattr(owner, name, replaced)


def on_answer(
    tenant: ReferenceTenant,
    change: Change,
    *,
    method: str | tuple[str, ...] = (),
    status: int | tuple[int, ...] = (),
    where: Callable[[Request, Response], bool] = lambda *_: True,
) -> None:
    """Change the answers to some requests before they leave; no method or status given stands for any."""
    methods = (method,) if isinstance(method, str) else method
    statuses = (status,) if isinstance(status, int) else status

    def finish(original: Callable[[Request, Response], Response], request: Request, response: Response) -> Response:
        chosen = (not methods or request.method in methods) and (not statuses or response.status in statuses)
        if chosen and where(request, response):
            change(request, response)
        return original(request, response)

    wrap(tenant.rules, "finish", finish)


def respell(tenant: ReferenceTenant, write: Callable[[str], str]) -> None:
    """Write the names of attributes in all answers in another way."""

    def respelled(data: Any) -> Any:
        if isinstance(data, dict):
            return {name if ":" in name else write(name): respelled(value) for name, value in data.items()}
        return [respelled(element) for element in data] if isinstance(data, list) else data

    def change(_: Request, response: Response) -> None:
        response.document = respelled(response.document)

    on_answer(tenant, change)


def set_status(status: int) -> Change:
    """Return a change that answers another status."""

    def change(_: Request, response: Response) -> None:
        response.status = status

    return change


def drop_header(name: str) -> Change:
    """Return a change that leaves a header out."""

    def change(_: Request, response: Response) -> None:
        response.headers.pop(name, None)

    return change


def set_header(name: str, value: str) -> Change:
    """Return a change that sends a header, in the place of the one there was."""

    def change(_: Request, response: Response) -> None:
        response.headers[name] = value

    return change


def set_error(status: int, scim_type: str | None = None) -> Change:
    """Return a change that answers with an error."""

    def change(_: Request, response: Response) -> None:
        response.status = status
        response.document = ScimError("The request failed", status=status, scim_type=scim_type).to_document()

    return change


def set_body(document: Any) -> Change:
    """Return a change that sends another body, any JSON; None for no body."""

    def change(_: Request, response: Response) -> None:
        response.document = document

    return change


def single(request: Request, _: Response) -> bool:
    """Whether a request addresses a single user or group."""
    match request.segments:
        case (_, _, "Users" | "Groups", identifier):
            return identifier != ".search"
    return False


def deleted(tenant: ReferenceTenant) -> dict[str, Record]:
    """Return the records that get deleted from now on, by id, as they last were."""
    found: dict[str, Record] = {}

    def delete(original: Callable[..., None], record: Record, *others: Any) -> None:
        original(record, *others)
        found[record.id] = record

    wrap(tenant.store, "delete", delete)
    return found


def at(*names: str) -> Callable[[Request, Response], bool]:
    """Return a test for requests whose path has one of these segments, for example ``at("Users")``."""
    return lambda request, _: any(name in request.segments for name in names)


def resources(response: Response) -> Iterator[dict[str, Any]]:
    """Yield every resource in an answer: the resource itself, or those of a ListResponse."""
    document = response.document or {}
    listed = document.get("Resources")
    if isinstance(listed, list):
        yield from listed
    elif "id" in document or "meta" in document:
        yield document


def each_resource(change: Callable[[dict[str, Any]], None]) -> Change:
    """Return a change that is made to every resource in an answer."""

    def changed(_: Request, response: Response) -> None:
        for resource in resources(response):
            change(resource)

    return changed


def on_discovery(tenant: ReferenceTenant, kind: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what the tenant says of itself: the ``config``, or each of its ``resource_types`` or ``schemas``."""

    def documents(original: Callable[[str], Any], base: str) -> Any:
        found = original(base)
        for document in found if isinstance(found, list) else [found]:
            change(document)
        return found

    wrap(tenant.discovery, kind, documents)


def on_definition(tenant: ReferenceTenant, path: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the definition that /Schemas serves of one attribute, for example of ``User:emails.type``."""
    kind, _, names = path.partition(":")

    def change_schema(schema: dict[str, Any]) -> None:
        if schema["name"] == kind:
            entry: dict[str, Any] = {"subAttributes": schema["attributes"]}
            for name in names.split("."):
                entry = next(sub for sub in entry["subAttributes"] if sub["name"] == name)
            change(entry)

    on_discovery(tenant, "schemas", change_schema)


def on_shown(tenant: ReferenceTenant, change: Callable[[dict[str, Any]], None], *, of: str = "User") -> None:
    """Change how resources of a type are shown, in whatever answer."""

    def project(original: Callable[..., Any], resource: Any, resource_type: ResourceType, *more: Any) -> Any:
        shown = original(resource, resource_type, *more)
        if resource_type.name == of:
            change(shown)
        return shown

    wrap(tenant.rules, "project", project)


def in_lists(tenant: ReferenceTenant, change: Callable[[dict[str, Any]], None], *endpoints: str) -> None:
    """Change how resources are shown in lists, those of some endpoints only."""
    here = at(*endpoints or ("Users", "Groups"))
    on_answer(tenant, each_resource(change), where=lambda q, r: "Resources" in (r.document or {}) and here(q, r))


def on_body(
    tenant: ReferenceTenant,
    change: Callable[[dict[str, Any]], dict[str, Any] | None],
    *,
    method: str = "",
    of: str = "User",
) -> None:
    """Change the body of a create (``POST``), a replace (``PUT``) or both before it is read, or raise to refuse it.

    The change works in place, or returns the body to read instead; ``of`` may be empty for any type.
    """

    def accept(original: Callable[..., Any], body: Any, resource_type: ResourceType, stored: Any = None) -> Any:
        if isinstance(body, dict) and of in {"", resource_type.name} and method in {"", "PUT" if stored else "POST"}:
            copy = deepcopy(body)
            body = change(copy) or copy
        return original(body, resource_type, stored)

    wrap(tenant.rules, "accept", accept)


def on_kept(
    tenant: ReferenceTenant,
    change: Callable[[dict[str, Any], dict[str, Any]], None],
    *,
    method: str = "",
    of: str = "User",
) -> None:
    """Change in place what is kept of a create (``POST``), a replace (``PUT``) or both; also given: the body sent."""

    def accept(original: Callable[..., Any], body: Any, resource_type: ResourceType, stored: Any = None) -> Any:
        kept = original(body, resource_type, stored)
        if of in {"", resource_type.name} and method in {"", "PUT" if stored else "POST"}:
            change(kept, body)
        return kept

    wrap(tenant.rules, "accept", accept)


def change_value(resource: dict[str, Any], path: str, change: Callable[[Any], Any]) -> None:
    """Change in place what stands at a path, in each element where there are several; None takes it out."""
    at_path = AttrPath.parse(path)
    container = resource.get(at_path.urn, {}) if at_path.urn else resource
    whole = container.get(at_path.name)
    holders = [container] if at_path.sub is None else whole if isinstance(whole, list) else [whole]
    name = at_path.sub or at_path.name
    for holder in holders:
        if isinstance(holder, dict) and name in holder:
            holder[name] = change(holder[name])
            if holder[name] is None:
                del holder[name]


def declare(tenant: ReferenceTenant, **features: Any) -> None:
    """Make the tenant one that offers, and says that it offers, other features, for example ``sort=False``."""
    tenant.service = tenant.rules.service = replace(tenant.service, **features)
    tenant.discovery = Discovery(tenant.service)
