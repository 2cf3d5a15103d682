"""When requests are due, whatever becomes of those before them: an open model, as a client's users make it."""

from __future__ import annotations

import threading
import time
from collections import deque

_LATE = 0.1  # seconds
_PATIENCE = 10.0  # seconds


class Over(Exception):
    """No more requests are due."""


class Schedule:
    """Hands out turns at ``rate`` a second for so many ``seconds``, from the first turn taken. Safe for many threads.

    A turn that nobody was free to take in time is taken late, and its planned time still counts. What is late is made
    good no faster than the rate allows: in no second are more requests sent than an even pace would send; and for no
    longer than ``patience`` seconds after the end, so that a slow tenant does not make it last for hours. ``missed``
    counts the turns that were due a while ago when the first thread asked for them.
    """

    def __init__(self, rate: float, seconds: float, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self.rate, self.seconds = rate, seconds
        self.planned = max(round(rate * seconds), 1)
        self.taken = self.missed = 0
        even = max(int(rate), 1)
        self._window = even / rate
        self._recent: deque[float] = deque(maxlen=even + 1)
        self._begun = self._asked = 0.0
        self._lock = threading.Lock()
        self._over = threading.Event()

    @property
    def lasted(self) -> float:
        """For how many of its seconds turns were asked for."""
        return min(max(self.taken / self.rate, self._asked - self._begun), self.seconds)

    def turn(self) -> float:
        """Wait for the next turn; return how many seconds late it is taken. Raises Over."""
        with self._lock:
            now = time.monotonic()
            self._begun, self._asked = self._begun or now, now
            if self.taken == self.planned or now > self._begun + self.seconds + self._patience:
                raise Over
            due = self._begun + self.taken / self.rate
            self.taken += 1
            self.missed += now - due > _LATE
            full = len(self._recent) == self._recent.maxlen
            at = max(now, due, self._recent[0] + self._window if full else 0.0)
            self._recent.append(at)
        if self._over.wait(at - now):
            raise Over
        return time.monotonic() - due

    def end(self) -> None:
        """Hand out no more turns; whoever waits for one is woken."""
        self._over.set()
