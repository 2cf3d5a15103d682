"""Serving a tenant over HTTP with uvicorn: in the background for tests, in the foreground for people."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from conformance.reference.tenant import BASE_PATH, ReferenceTenant

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

_GRACE = 5
_HEADER_TIMEOUT = 30


class _Impatient(H11Protocol):
    """Closes a connection whose request line and headers do not arrive in time; uvicorn waits for ever."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(_HEADER_TIMEOUT, transport.close)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        answering = self.cycle is not None and not self.cycle.response_complete
        if self._deadline and answering:
            self._deadline.cancel()
            self._deadline = None
        elif not self._deadline and not answering:
            self._deadline = self.loop.call_later(_HEADER_TIMEOUT, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._deadline:
            self._deadline.cancel()


@contextmanager
def running(tenant: ReferenceTenant, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve in a background thread; yield the Tenant URL. Port 0 takes a free one. Raises OSError for one in use."""
    with _started(tenant, host, port) as (url, _, _):
        yield url


def serve(
    tenant: ReferenceTenant, port: int = 0, host: str = "127.0.0.1", announce: Callable[[str], object] = print
) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` is called with the Tenant URL. Raises OSError for a port in use.

    Must run in the main thread.
    """
    with _started(tenant, host, port) as (url, server, thread):

        def stop(*_: object) -> None:
            server.force_exit = server.should_exit
            server.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            announce(url)
            thread.join()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _started(tenant: ReferenceTenant, host: str, port: int) -> Iterator[tuple[str, uvicorn.Server, threading.Thread]]:
    config = uvicorn.Config(
        tenant,
        http=_Impatient,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = uvicorn.Server(config)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off: 40 ms less for each answer.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        thread = threading.Thread(target=server.run, args=([listener],), name="reference tenant", daemon=True)
        thread.start()
        while thread.is_alive() and not server.started:
            time.sleep(0.002)
        shown = f"[{host}]" if ":" in host else host
        try:
            yield f"http://{shown}:{listener.getsockname()[1]}{BASE_PATH}", server, thread
        finally:
            server.should_exit = True
            thread.join()
            tenant.close()
