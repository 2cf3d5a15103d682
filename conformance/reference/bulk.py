"""Bulk jobs (RFC 7644 §3.7): each operation runs as the single request would that it stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from conformance.reference.messages import Request, Response, not_found, write_json
from conformance.spec.bulk import Operation, Step, resolve_path
from conformance.spec.errors import ScimError
from conformance.spec.messages import BULK_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.rules import Rules


def run_bulk(rules: Rules, perform: Callable[[Request], Response], request: Request) -> Response:
    """Answer POST to /Bulk; ``perform`` answers a single request and never raises. Raises ScimError."""
    job = rules.read_job(request)
    results = _Run(rules, perform, request.base).results(rules.plan(job.operations), job.fail_on_errors)
    return Response(200, {"schemas": [BULK_RESPONSE], "Operations": results})


class _Run:
    """One job on its way: the ids behind the bulkIds so far, and the response of each operation by its index."""

    def __init__(self, rules: Rules, perform: Callable[[Request], Response], base: str) -> None:
        self._rules = rules
        self._perform = perform
        self._base = base
        self._ids: dict[str, str] = {}
        self._paths: dict[int, str] = {}
        self._responses: dict[int, Response] = {}

    def results(self, steps: list[Step], fail_on_errors: int | None) -> list[dict[str, Any]]:
        """Carry out the steps and return the results in the order of the request (§3.7.3)."""
        begun = []
        for step in steps:
            if fail_on_errors is not None and self._errors() >= fail_on_errors:
                break
            begun.append(step)
            self._responses[step.operation.index] = self._first(step)
        for step in begun:
            if step.deferred and not self._responses[step.operation.index].failed:
                self._responses[step.operation.index] = self._complete(step.operation)
        done = sorted((step.operation for step in begun), key=lambda operation: operation.index)
        return [self._result(operation) for operation in done]

    def _result(self, operation: Operation) -> dict[str, Any]:
        addressed = replace(operation, path=self._paths.get(operation.index, operation.path))
        return self._rules.result(addressed, self._responses[operation.index], self._base)

    def _errors(self) -> int:
        return sum(1 for response in self._responses.values() if response.failed)

    def _first(self, step: Step) -> Response:
        """Carry out an operation, for now without the references that cannot be resolved yet."""
        operation = step.operation
        try:
            if operation.error:
                raise operation.error
            data = self._rules.resolve(operation.data, self._ids, step.deferred)
            path = self._paths[operation.index] = resolve_path(operation.path, self._ids)
        except ScimError as error:
            return self._rules.refuse(error)
        response = self._send(operation.method, path, data, operation.version)
        if operation.method == "POST" and operation.bulk_id and not response.failed:
            self._ids[operation.bulk_id] = unquote(response.headers["Location"].rpartition("/")[2])
        return response

    def _complete(self, operation: Operation) -> Response:
        """Write the whole data of an operation of a circle now that its references have ids, or give up (§3.7.1)."""
        created = self._responses[operation.index]
        path = f"{operation.path}/{quote(self._ids[operation.bulk_id or ''], safe='')}"
        try:
            data = self._rules.resolve(operation.data, self._ids)
        except ScimError as error:
            response = self._rules.refuse(error)
        else:
            response = self._send("PUT", path, data)
        if response.failed:
            self._send("DELETE", path)
            return self._rules.refuse(ScimError("The references in a circle cannot be resolved", status=409))
        return Response(created.status, response.document, response.headers)

    def _send(self, method: str, path: str, data: Any = None, version: str | None = None) -> Response:
        segments = tuple(unquote(segment) for segment in path.strip("/").split("/"))
        if not self._names_a_resource(segments):
            return self._rules.refuse(not_found(f"The resource or endpoint {path!r}"))
        headers = {"if-match": version} if version else {}
        body = b"" if data is None else write_json(data)
        return self._perform(Request(method, self._base, segments, headers=headers, body=body))

    def _names_a_resource(self, segments: tuple[str, ...]) -> bool:
        at = self._rules.service.at
        whole, parent = "/" + "/".join(segments), "/" + "/".join(segments[:-1])
        return at(whole) is not None or (at(parent) is not None and segments[-1] != ".search")
