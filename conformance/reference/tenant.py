"""The reference tenant as an ASGI application: which request goes where, and what holds for all of them."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from conformance.reference import resources
from conformance.reference.bulk import run_bulk
from conformance.reference.database import Database
from conformance.reference.discovery import Discovery
from conformance.reference.messages import (
    Refused,
    Request,
    Response,
    not_found,
    not_supported,
)
from conformance.reference.query import Finder
from conformance.reference.references import references
from conformance.reference.rules import Rules
from conformance.reference.seeds import users
from conformance.reference.specimens import with_specimens
from conformance.reference.storage import Record, Store
from conformance.reference.throttle import Throttle
from conformance.reference.transport import Disconnected, open_request, read_body, send_response
from conformance.spec.errors import ScimError
from conformance.spec.schema import USER
from conformance.spec.service import BulkSupport, FilterSupport, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from conformance.reference.transport import Receive, Scope, Send
    from conformance.spec.schema import ResourceType

    Handler = Callable[[Request], Response]

BASE_PATH = "/scim/v2"
DEFAULT_TOKEN = "secret-token"  # noqa: S105 - the tenant is for trying things
OPTIONAL = frozenset({"async", "bulk", "changePassword", "cursor", "etag", "filter", "me", "patch", "search", "sort"})

_VERSION = re.compile("v[0-9]+")
_LOG = logging.getLogger(__name__)


class ReferenceTenant:
    """A SCIM 2.0 service provider that is right.

    ``without`` names optional features (see ``OPTIONAL``) that it does not offer. Of ``seed_users`` users that it
    begins with, the first is the one behind ``/Me``; without any, ``/Me`` is not offered. ``specimens`` says which
    of their attributes the default service has: ``none``, ``few``, ``all``, or those of one type: ``string``. Each
    answer comes ``latency`` seconds late; requests beyond ``limit`` a second are refused, 0 for no limit. ``rules``
    takes the decisions, ``store`` keeps the records.

    Raises DatabaseError for a ``database`` that cannot be used, ValueError for an unknown feature or size.
    """

    def __init__(  # noqa: PLR0913 - one setting each
        self,
        service: Service | None = None,
        *,
        token: str = DEFAULT_TOKEN,
        database: Path | None = None,
        without: Collection[str] = frozenset(),
        seed_users: int = 0,
        latency: float = 0.0,
        limit: float = 0.0,
        specimens: str = "few",
    ) -> None:
        unknown = set(without) - OPTIONAL
        if unknown:
            raise ValueError(f"Unknown features: {', '.join(sorted(unknown))}")
        self.service = _restricted(service or with_specimens(specimens), without)
        names = [resource_type.name for resource_type in self.service.resource_types]
        written = {t.name: references(t, names) for t in self.service.resource_types}
        self._database = Database(database) if database else None
        self.store = Store(self.service.resource_types, written, self._database)
        self.rules = Rules(self.service, self.store, token)
        self.discovery = Discovery(self.service)
        self.finder = Finder(self.rules)
        self.latency = latency
        self.throttle = Throttle(limit)
        self._without = frozenset(without)
        self._lock = threading.Lock()
        self._subject = self._seed(seed_users)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection scope."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        request = open_request(scope, BASE_PATH)
        try:
            request = replace(request, body=await read_body(receive, self.rules.max_body))
            if self.latency:
                await asyncio.sleep(self.latency)
            response = self.answer(request)
        except ScimError as error:
            response = self.rules.refuse(error)
        except Disconnected:
            return
        await send_response(send, request, response)

    def answer(self, request: Request) -> Response:
        """Return the response to a request; one request at a time, never an exception."""
        with self._lock:
            response = self._guarded(self._route, request)
            if self.rules.defers(request) and not response.failed:
                response = self.rules.defer(request, response)
            return self.rules.finish(request, response)

    def carry_out(self, request: Request) -> Response:
        """Return the response to the single request that an operation of a bulk job stands for (RFC 7644 §3.7)."""
        return self._guarded(self._perform, request)

    def close(self) -> None:
        """Close the database, where there is one."""
        if self._database:
            self._database.close()

    def _route(self, request: Request) -> Response:
        self.throttle.admit()
        root, *segments = request.segments
        version = segments.pop(0) if segments and _VERSION.fullmatch(segments[0]) else None
        if not self.rules.is_public(request.method, segments):
            self.rules.authenticate(request)
        if f"/{root}" != BASE_PATH.rpartition("/")[0]:
            raise not_found("The endpoint")
        if version not in {None, BASE_PATH.rpartition("/")[2]}:
            raise ScimError(f"SCIM {version} is not supported", scim_type="invalidVers")
        self.rules.check_accept(request)
        return self._perform(replace(request, segments=tuple(segments)))

    def _perform(self, request: Request) -> Response:
        handlers = self._handlers(request.segments)
        handler = handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            detail = f"{request.method} is not allowed here"
            raise Refused(detail, status=405, headers={"Allow": ", ".join(handlers)})
        return handler(request)

    def _handlers(self, segments: tuple[str, ...]) -> dict[str, Handler]:
        """Return what answers each method at a path. Raises ScimError 404 where nothing is."""
        match segments:
            case ():
                return {"GET": partial(self.finder.query, None)}
            case (".search",):
                return {"POST": partial(self._search, None)}
            case ("Bulk",):
                return {"POST": partial(run_bulk, self.rules, self.carry_out)}
            case ("Me",):
                user_type, subject = self._me()
                return self._single(user_type, subject.id)
            case ("ServiceProviderConfig",) | ("ResourceTypes" | "Schemas",) | ("ResourceTypes" | "Schemas", _):
                return {"GET": self.discovery.read}
        for resource_type in self.service.resource_types:
            endpoint = tuple(resource_type.endpoint.strip("/").split("/"))
            if segments[: len(endpoint)] == endpoint:
                return self._of_type(resource_type, segments[len(endpoint) :])
        raise not_found("The endpoint")

    def _of_type(self, resource_type: ResourceType, below: tuple[str, ...]) -> dict[str, Handler]:
        match below:
            case ():
                create = partial(resources.create, self.rules, resource_type)
                return {"GET": partial(self.finder.query, resource_type), "POST": create}
            case (".search",):
                return {"POST": partial(self._search, resource_type)}
            case (identifier,):
                return self._single(resource_type, identifier)
        raise not_found("The endpoint")

    def _single(self, resource_type: ResourceType, identifier: str) -> dict[str, Handler]:
        methods = {"GET": resources.read, "PUT": resources.put, "PATCH": resources.patch, "DELETE": resources.delete}
        return {name: partial(method, self.rules, resource_type, identifier) for name, method in methods.items()}

    def _search(self, resource_type: ResourceType | None, request: Request) -> Response:
        if "search" in self._without:
            raise not_supported("Searching by POST")
        return self.finder.search(resource_type, request)

    def _me(self) -> tuple[ResourceType, Record]:
        """Return the user behind the token. Raises ScimError: 501 when there is no such thing, 404 when it is gone."""
        if self._subject is None or "me" in self._without:
            raise not_supported("/Me")
        user_type, user_name = self._subject
        bound = user_type.find("userName")
        found = self.store.find(bound, user_name) if bound else None
        if not found:
            raise not_found("The user behind this token")
        return user_type, found[0]

    def _guarded(self, handle: Handler, request: Request) -> Response:
        try:
            return handle(request)
        except ScimError as error:
            return self.rules.refuse(error)
        except Exception:  # noqa: BLE001 - a fault of ours is an answer, too
            _LOG.exception("%s %s", request.method, "/".join(request.segments))
            return self.rules.refuse(ScimError("The tenant failed to handle the request", status=500))

    def _seed(self, number: int) -> tuple[ResourceType, str] | None:
        user_type = next((t for t in self.service.resource_types if t.schema.id == USER), None)
        if user_type is None or not number:
            return None
        bodies = list(users(number))
        if not self.store.all(user_type.name):
            for body in bodies:
                resources.add(self.rules, user_type, body)
        return user_type, bodies[0]["userName"]


def _restricted(service: Service, without: Collection[str]) -> Service:
    """Return the service as it describes itself when features are missing."""
    pagination = service.pagination
    if "cursor" in without:
        pagination = replace(pagination, cursor=False, index=True, default_method="index", cursor_timeout=None)
    return replace(
        service,
        patch=bool(service.patch) and "patch" not in without,
        bulk=BulkSupport(supported=False) if "bulk" in without else service.bulk,
        filter=FilterSupport(supported=False) if "filter" in without else service.filter,
        change_password=bool(service.change_password) and "changePassword" not in without,
        sort=bool(service.sort) and "sort" not in without,
        etag=bool(service.etag) and "etag" not in without,
        pagination=pagination,
        async_request=None if "async" in without else service.async_request,
    )
