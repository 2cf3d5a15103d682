"""Small hooks with which most faults are one line: changing an answer, wrapping a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

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
