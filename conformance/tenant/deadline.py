"""A deadline for a whole exchange.

The time-outs of the HTTP library are for one read: a server that sends one byte a second keeps it waiting for ever.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator


class Deadline:
    """Bounds what one thread spends on the network inside ``within``; connections may wander between threads."""

    def __init__(self) -> None:
        self._thread = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let every read and write of this thread time out when so many seconds are over."""
        self._thread.ends = time.monotonic() + seconds
        try:
            yield
        finally:
            del self._thread.ends

    @property
    def over(self) -> bool:
        """Whether the time of this thread is up."""
        return time.monotonic() >= getattr(self._thread, "ends", float("inf"))

    def left(self, timeout: float | None) -> float | None:
        """Return how long this thread may still wait; 0 where its time is up."""
        left = getattr(self._thread, "ends", float("inf")) - time.monotonic()
        bounded = min(float("inf") if timeout is None else timeout, max(left, 0))
        return None if bounded == float("inf") else bounded

    def bind(self, client: httpx.Client) -> None:
        """Bring the connections that a client will open under this deadline, those through a proxy included."""
        # httpx has no public way to hand a network backend, which is public in httpcore, to its pools.
        for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
            if isinstance(transport, httpx.HTTPTransport):
                pool: Any = transport._pool  # noqa: SLF001
                pool._network_backend = _Backend(pool._network_backend, self)  # noqa: SLF001


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.left(timeout)
        if left == 0:
            raise httpcore.ReadTimeout
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._deadline.left(timeout)
        if left == 0:
            raise httpcore.WriteTimeout
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, deadline: Deadline) -> None:
        self._backend, self._deadline = backend, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._backend.connect_tcp(host, port, left, local_address, socket_options), self._deadline)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)
