"""A rehearsal in this process, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.in_process import InProcess
from conformance.reference.tenant import ReferenceTenant
from conformance.rehearsal.directory import Directory, invent
from conformance.rehearsal.rehearse import Plan, rehearse
from conformance.spec.profile import compose
from conformance.tenant.auth import BearerToken
from conformance.tenant.client import Client, Limits
from conformance.tenant.url import TenantURL

if TYPE_CHECKING:
    from conformance.rehearsal.outcome import Outcome

TAG = "conf-0a1b2c3d"
LIMITS = Limits(concurrency=2)


def play(
    *profiles: str,
    tenant: ReferenceTenant | None = None,
    directory: Directory | None = None,
    users: int = 12,
    limits: Limits = LIMITS,
    **plan: Any,
) -> Outcome:
    """Rehearse the client of some profiles; ``plan`` are fields of the plan."""
    tenant = tenant or ReferenceTenant(token="t", seed_users=3)
    url = TenantURL.parse("http://127.0.0.1/scim/v2")
    client = Client(url, limits=limits, auth=BearerToken("t"), transport=InProcess(tenant))
    profile = compose(profiles)
    directory = directory or invent(TAG, users=users, groups=2, members_per_group=4, seed="s")
    return rehearse(client, profile, directory, Plan(**{"dialect": profile.dialect, **plan}))
