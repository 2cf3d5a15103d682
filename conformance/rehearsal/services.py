"""The provisioning services that can be rehearsed, and one of them at work on a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.rehearsal.entra import HEADERS as ENTRA_HEADERS, Entra
from conformance.rehearsal.entra_dialects import DIALECTS as ENTRA_DIALECTS
from conformance.rehearsal.okta import FLAVOURS as OKTA_FLAVOURS, HEADERS as OKTA_HEADERS, Okta
from conformance.rehearsal.wire import Wire
from conformance.tenant.clean_up import clean_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.rehearsal.directory import Directory
    from conformance.rehearsal.scope import Scope
    from conformance.rehearsal.service import Service
    from conformance.spec.profile import Profile
    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange

DIALECTS: Mapping[str, Sequence[str]] = {"entra": tuple(ENTRA_DIALECTS), "okta": tuple(OKTA_FLAVOURS)}


def engage(  # noqa: PLR0913 - the parts of a service
    client: Client,
    profile: Profile,
    directory: Directory,
    dialect: str = "",
    scope: Scope = (),
    *,
    announce: Callable[[Exchange], None] = lambda _: None,
) -> Service:
    """Return the service of a profile's client, one of ``DIALECTS``; it speaks its usual dialect unless told.

    What the client has sent before is not the service's, and is forgotten.
    """
    client.take()
    dialect = dialect or DIALECTS[profile.client][0]
    if profile.client == "okta":
        wire = Wire(client, OKTA_HEADERS, announce=announce)
        return Okta(wire, directory, profile, scope, flavour=OKTA_FLAVOURS[dialect])
    wire = Wire(client, ENTRA_HEADERS, plus=True, announce=announce)
    return Entra(wire, directory, profile, scope, dialect=ENTRA_DIALECTS[dialect])


def leave(service: Service) -> tuple[str, ...]:
    """Delete what the service made, side by side; return the paths of what the tenant does not let go."""
    service.wire.drain()  # what was sent before an end came in the way of counting it
    _, left = clean_up(service.wire.client, service.wire.drain)
    return tuple(left)
