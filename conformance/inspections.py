"""Inspections: what a checklist asks that is no requirement of a protocol, told from the settings and the exchanges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.reporting.decisions import Inspection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.run import Run
    from conformance.spec.profile import AttributeMapping, Profile

_TOO_MANY = 429
_REQUESTS_PER_USER = 2  # a look-up and a create
_FEWER_IS_SLOW = 25.0


def inspect(run: Run) -> Mapping[str, Inspection]:
    """Return every inspection by its name."""
    return {name: look(run) for name, look in _INSPECTIONS.items()}


def _tenant_url(run: Run) -> Inspection:
    given, credentials = run.settings.tenant_url, run.profile.credentials
    url = run.url.base
    if given != given.strip():
        return Inspection(holds=False, text="There are blanks around the Tenant URL.")
    endpoints = "|".join(re.escape(resource_type.endpoint) for resource_type in run.service.resource_types)
    if re.search(rf"({endpoints})$", url):
        return Inspection(holds=False, text=f"The Tenant URL ends in an endpoint: {url}")
    if not url.startswith("https://"):
        return Inspection(holds=False, text=f"The Tenant URL is not https: {url}")
    if any(re.fullmatch(form, url) for form in credentials.deprecated_forms):
        return Inspection(
            holds=True, text=f"{url} has a form that is deprecated; take the newer one where both are listed"
        )
    if credentials.forms and not any(re.fullmatch(form, url) for form in credentials.forms):
        return Inspection(holds=False, text=f"{url} does not look like the one at: {credentials.tenant_url}")
    return Inspection(holds=True, text=url)


def _token(run: Run) -> Inspection:
    token = run.settings.secret_token
    if not token:
        return Inspection(holds=False, text="There is no Secret Token; Entra would send a token of its own.")
    if token.lower().startswith("bearer"):
        return Inspection(holds=False, text="The Secret Token begins with Bearer, which the client adds itself.")
    if " " in token:
        return Inspection(holds=False, text="There is a blank in the Secret Token.")
    return Inspection(holds=True, text=f"One line of {len(token)} characters.")


def _reached(run: Run) -> Inspection:
    if any(exchange.response is not None for exchange in run.client.exchanges):
        return Inspection(holds=True, text=f"{run.url.host} answers, and accepts the credentials.")
    return Inspection(holds=False, text=f"{run.url.host} gave no answer.")


def _tls(run: Run) -> Inspection:
    reached = _reached(run)
    if reached.holds and not run.url.base.startswith("https://"):
        return Inspection(holds=False, text=f"{run.url.host} answers without TLS.")
    return reached


def _mapping(resource_type: str) -> Callable[[Run], Inspection]:
    return lambda run: _table(run.profile, resource_type, run.profile.mappings(resource_type))


def _table(profile: Profile, resource_type: str, rows: tuple[AttributeMapping, ...]) -> Inspection:
    matching = [row.attribute for row in rows if row.matching]
    required = [row.attribute for row in rows if row.required]
    if len(matching) != 1:
        return Inspection(
            holds=None, text=f"{profile.name} names {len(matching)} matching attributes of {resource_type}."
        )
    return Inspection(
        holds=None, text=f"{len(rows)} rows; Matching: {matching[0]}; required: {', '.join(required) or 'none'}."
    )


def _rate(run: Run) -> Inspection:
    slowed = [exchange for exchange in run.client.exchanges if exchange.response and exchange.status == _TOO_MANY]
    if any(not exchange.header("retry-after") for exchange in slowed):
        return Inspection(holds=False, text=f"{len(slowed)} answers were 429, some without Retry-After.")
    limits = run.profile.limits
    demanded = limits.demanded_requests_per_second or _FEWER_IS_SLOW
    rate = run.rate or demanded
    users = int(rate * 3600 / _REQUESTS_PER_USER)
    told = f"{len(slowed)} answers were 429. At {rate:g} requests a second, up to {users} users are created an hour"
    if limits.requests_per_second and limits.requests_per_second < demanded:
        told += f"; the client may send {demanded:g}, the target bears {limits.requests_per_second:g}"
    return Inspection(holds=True, text=f"{told}.")


_INSPECTIONS: Mapping[str, Callable[[Run], Inspection]] = {
    "tenant-url": _tenant_url,
    "token": _token,
    "reached": _reached,
    "tls": _tls,
    "user-mapping": _mapping("User"),
    "group-mapping": _mapping("Group"),
    "rate": _rate,
}
