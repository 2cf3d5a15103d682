"""A proxy that adds latency to any server and counts its requests, without reading them.

On a kept-alive connection a request begins where the client speaks again after the server has answered. That is where
the proxy waits, and what it counts.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

_CHUNK = 65_536


@dataclass
class Proxy:
    """Stands before one server. ``latency`` is in seconds, ``first`` the monotonic time of the first request."""

    host: str
    port: int
    latency: float = 0.0
    requests: int = 0
    first: float = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection until either side closes it."""
        server_reader, server_writer = await asyncio.open_connection(self.host, self.port)
        client_speaks = False

        async def before_request() -> None:
            nonlocal client_speaks
            if not client_speaks:
                client_speaks = True
                self.requests += 1
                self.first = self.first or time.monotonic()
                await asyncio.sleep(self.latency)

        async def before_answer() -> None:
            nonlocal client_speaks
            client_speaks = False

        # The end of the benchmark is the end of every connection.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                _relay(reader, server_writer, before_request),
                _relay(server_reader, writer, before_answer),
            )


async def _relay(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, before: Callable[[], Awaitable[None]]
) -> None:
    try:
        while data := await source.read(_CHUNK):
            await before()
            target.write(data)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()


@contextmanager
def proxied(url: str) -> Iterator[tuple[str, Proxy]]:
    """Put a proxy before the server of a URL, in a thread of its own; yield the URL through it, and the proxy."""
    parts = urlsplit(url)
    proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 80)
    listening: Future[tuple[int, Callable[[], object]]] = Future()

    async def listen() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            listening.set_result((port, lambda: loop.call_soon_threadsafe(ended.set)))
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=[listen()], daemon=True)
    thread.start()
    port, end = listening.result()
    try:
        yield parts._replace(netloc=f"127.0.0.1:{port}").geturl(), proxy
    finally:
        end()
        thread.join()
