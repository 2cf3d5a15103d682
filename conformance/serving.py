"""Serving an ASGI application over HTTP with uvicorn, in a background thread."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

_GRACE = 5
_HEADER_TIMEOUT = 30


class NotServed(Exception):
    """The application failed before it could be asked anything."""


class Served(NamedTuple):
    """A server at work; ``origin`` is its address, such as ``http://127.0.0.1:49152``."""

    origin: str
    server: uvicorn.Server
    thread: threading.Thread


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
def serving(
    app: Any, *, host: str = "127.0.0.1", port: int = 0, lifespan: Literal["auto", "off"] = "off"
) -> Iterator[Served]:
    """Serve until the block is left. Port 0 takes a free one.

    ``lifespan`` says whether the application is told of its start and end. Raises OSError for a port in use and
    NotServed where the start fails.
    """
    config = uvicorn.Config(
        app,
        http=_Impatient,
        loop="asyncio",
        ws="none",
        lifespan=lifespan,
        interface="asgi3",
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
        thread = threading.Thread(target=server.run, args=([listener],), name="server", daemon=True)
        thread.start()
        while thread.is_alive() and not server.started:
            time.sleep(0.002)
        shown = f"[{host}]" if ":" in host else host
        try:
            if not server.started:
                raise NotServed
            yield Served(f"http://{shown}:{listener.getsockname()[1]}", server, thread)
        finally:
            server.should_exit = True
            thread.join()
