"""The tenant's clock: until it shows another time, nobody can tell whether meta.lastModified has moved."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from conformance.spec.paths import lookup
from conformance.spec.values import precision

if TYPE_CHECKING:
    from conformance.tenant.exchange import Exchange

_SHORTEST_TICK = 0.02
_LONGEST_TICK = 1.1


def let_it_move(read: Exchange) -> None:
    """Wait until a clock as coarse as the meta.lastModified of a resource that was read shows another time."""
    shown = lookup(read.resource, "meta.lastModified") if read.ok else None
    tick = precision(shown) if isinstance(shown, str) else 0.0
    time.sleep(min(max(tick, _SHORTEST_TICK) * 1.1, _LONGEST_TICK))
