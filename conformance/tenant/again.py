"""When a request may be sent again, and after how long: what the tenant has not carried out, or may carry out twice.

A request refused with 429 was not looked at (RFC 6585 §4). One refused with 503 may have been half done, so only a
method that is idempotent (RFC 9110 §9.2.2) is repeated then, and only where the tenant says when.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, wait_random, wait_random_exponential

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.tenant.exchange import Exchange

_LONGEST_WAIT = 60.0
_JITTER = wait_random(0, 0.25)
_BACK_OFF = wait_random_exponential(multiplier=0.5, max=8)
_IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}


def repeatedly(send: Callable[[], Exchange], sleep: Callable[[float], None], attempts: int) -> Exchange:
    """Send until the answer is one to keep, at most so often; return the last exchange."""
    retrying = Retrying(
        retry=retry_if_result(wants_again),
        wait=_wait,
        stop=stop_after_attempt(attempts),
        sleep=sleep,
        retry_error_callback=_last,
    )
    return retrying(send)


def wants_again(exchange: Exchange) -> bool:
    """Whether the tenant asks to send the request again, in a time that is worth waiting for."""
    if not overloaded(exchange):
        return False
    asked = retry_after(exchange)
    if asked is not None and asked > _LONGEST_WAIT:
        return False
    return exchange.status == HTTPStatus.TOO_MANY_REQUESTS or (
        asked is not None and exchange.request.method in _IDEMPOTENT
    )


def overloaded(exchange: Exchange) -> bool:
    """Whether the tenant refuses for want of capacity."""
    return exchange.response is not None and exchange.status in {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }


def retry_after(exchange: Exchange) -> float | None:
    """Return the seconds that ``Retry-After`` names (RFC 9110 §10.2.3), none of them negative; None without one."""
    value = (exchange.header("retry-after") or "").strip()
    try:
        if value.isascii() and value.isdigit():
            return float(value[:10])
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError, TypeError):
        return None


def _wait(state: RetryCallState) -> float:
    asked = retry_after(_last(state))
    return _BACK_OFF(state) if asked is None else asked + _JITTER(state)


def _last(state: RetryCallState) -> Exchange:
    if state.outcome is None:
        raise RuntimeError("nothing was sent")
    exchange: Exchange = state.outcome.result()
    return exchange
