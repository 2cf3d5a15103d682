"""Serving the reference tenant over HTTP: in the background for tests, in the foreground for people."""

from __future__ import annotations

import contextlib
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from conformance.reference.tenant import BASE_PATH, ReferenceTenant
from conformance.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def running(tenant: ReferenceTenant, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve in a background thread; yield the Tenant URL. Port 0 takes a free one. Raises OSError for one in use."""
    with _served(tenant, host, port) as served:
        yield f"{served.origin}{BASE_PATH}"


def serve(
    tenant: ReferenceTenant, port: int = 0, host: str = "127.0.0.1", announce: Callable[[str], object] = print
) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` is called with the Tenant URL. Raises OSError for a port in use.

    Must run in the main thread.
    """
    with _served(tenant, host, port) as (origin, server, thread):

        def stop(*_: object) -> None:
            server.force_exit = server.should_exit
            server.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            announce(f"{origin}{BASE_PATH}")
            thread.join()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _served(tenant: ReferenceTenant, host: str, port: int) -> Iterator[Served]:
    with contextlib.closing(tenant), serving(tenant, host=host, port=port) as served:
        yield served
