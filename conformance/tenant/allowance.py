"""How much a run may ask of a tenant, and when it asks no more: by request, by time, or because nobody answers."""

from __future__ import annotations

import threading
import time

# So many in a row, over all threads, mean that the tenant is gone, or does not want to be asked.
_MOST_IN_A_ROW = 16


class Ended(RuntimeError):
    """Nothing more is asked of the tenant; the message says why."""


class Allowance:
    """``requests`` in all and ``seconds`` from now, 0 for no limit. Safe to use from several threads.

    Once it has ended, only what is ``closing`` (clean-up) goes on: for as long again, and while the tenant answers.
    """

    def __init__(self, requests: int = 0, seconds: float = 0.0, concurrency: int = 1) -> None:
        self._requests, self._seconds = requests, seconds
        self._most_in_a_row = max(_MOST_IN_A_ROW, 2 * concurrency)
        self._started = time.monotonic()
        self._asked = 0
        self._unheard: dict[str, int] = {}
        self._reason = ""
        self._over = threading.Event()
        self._lock = threading.Lock()

    @property
    def ended(self) -> str:
        """Why nothing more is asked; empty while something is."""
        return self._reason

    def end(self, reason: str) -> None:
        """Ask nothing more; whoever waits to ask again is woken. The first reason stays."""
        with self._lock:
            self._reason = self._reason or reason
        self._over.set()

    def take(self, *, closing: bool = False) -> None:
        """Take leave to send one request. Raises Ended."""
        took = time.monotonic() - self._started
        if closing:
            if self._seconds and took > 2 * self._seconds:
                raise Ended(f"clean-up took too long: more than another {self._seconds / 60:g} minutes")
            if max(self._unheard.values(), default=0) >= 2 * self._most_in_a_row:
                raise Ended(self._reason)
            return
        if self._seconds and took > self._seconds:
            self.end(f"the run has taken {self._seconds / 60:g} minutes, as many as it may (--max-minutes)")
        with self._lock:
            full = self._requests and self._asked >= self._requests
            self._asked += 1
        if full:
            self.end(f"{self._requests} requests were sent, as many as there may be (--max-requests)")
        if self._reason:
            raise Ended(self._reason)

    def heard(self, complaint: str) -> None:
        """Note how a request ended; ``complaint`` is empty where it was answered, else says in words what is wrong."""
        with self._lock:
            if not complaint:
                self._unheard.clear()
                return
            self._unheard[complaint] = self._unheard.get(complaint, 0) + 1
            count = sum(self._unheard.values())
        if count >= self._most_in_a_row:
            self.end(f"{count} requests in a row had the same fate: the tenant {complaint}")

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than there is something to ask."""
        self._over.wait(seconds)
