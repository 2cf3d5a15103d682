"""``run``: judge a tenant."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.base import INTERRUPTED, NAME, Stop
from conformance.cli.options import options
from conformance.cli.reported import judged
from conformance.config import Settings, load

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEED_USERS = 12  # people in the embedded tenant who are none of the run's, as in any real one


@click.command()
@click.argument("tenant_url", required=False)
@options
@click.option("-k", "expression", default="", metavar="EXPRESSION", help="only checks whose names match, as in pytest")
def run(expression: str, **given: Any) -> int:
    """Judge the tenant at TENANT_URL; without one, the embedded reference tenant.

    Settings may also stand in scim-conformance.toml. Exit status: 0 conformant, or whatever is not is waived
    or in the baseline, 1 not conformant, 2 wrong usage or configuration, 3 the tenant cannot be reached or refuses the
    credentials, 4 the suite itself failed, 130 interrupted.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    if given["tenant_url"] is not None and not given["tenant_url"].strip():
        raise Stop("the Tenant URL is empty; give one such as https://example.com/scim/v2", 2)
    from conformance.run import Run  # noqa: PLC0415

    with target(load(given)) as settings:
        return judged(Run(settings), expression)


def interrupt(number: int, _: object) -> None:
    """Say that the command cleans up, and raise KeyboardInterrupt; the second time, leave at once."""
    click.echo(f"{NAME}: interrupted; cleaning up (interrupt again to leave at once)", err=True)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: os._exit(INTERRUPTED))
    raise KeyboardInterrupt(number)


@contextlib.contextmanager
def target(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with a tenant to work with: the embedded one where none is given."""
    if settings.tenant_url:
        yield settings
        return
    from conformance.reference.serve import running  # noqa: PLC0415
    from conformance.reference.tenant import ReferenceTenant  # noqa: PLC0415

    token = secrets.token_urlsafe(24)
    with running(ReferenceTenant(token=token, seed_users=_SEED_USERS)) as url:
        yield replace(settings, tenant_url=url, token=token, token_file="", username="", oauth_token_url="")
