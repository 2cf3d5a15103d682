"""How many requests a second the reference tenant takes before it answers 429 (RFC 6585 §4)."""

from __future__ import annotations

import math
import time

from conformance.reference.messages import Refused


class Throttle:
    """Lets ``rate`` requests a second through, and a second's worth at once; 0 for all. For one thread at a time."""

    def __init__(self, rate: float = 0.0) -> None:
        self.rate = rate
        self._most = max(rate, 1.0)
        self._left = self._most
        self._then = time.monotonic()

    def admit(self) -> None:
        """Let one request through. Raises ScimError 429 with the whole seconds to wait (RFC 9110 §10.2.3)."""
        if not self.rate:
            return
        now = time.monotonic()
        self._left = min(self._left + (now - self._then) * self.rate, self._most)
        self._then = now
        if self._left < 1:
            wait = max(math.ceil((1 - self._left) / self.rate), 1)
            detail = f"More than {self.rate:g} requests a second; come again in {wait} s"
            raise Refused(detail, status=429, headers={"Retry-After": str(wait)})
        self._left -= 1
