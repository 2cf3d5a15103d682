"""``run``: judge a tenant."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from conformance.cli.base import INTERRUPTED, NAME, Stop
from conformance.cli.options import options, with_tenant_url
from conformance.cli.reported import judged
from conformance.config import Settings, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_MOMENT = 0.01  # seconds
_SEED_USERS = 12  # people in the embedded tenant who are none of the run's, as in any real one


@click.command()
@with_tenant_url
@options
@click.option("--tenants", type=click.Path(path_type=Path, dir_okay=False), help="file of tenants to judge (TOML)")
@click.option("--only", multiple=True, metavar="NAME", help="of these tenants, only this one (repeatable)")
@click.option("--at-once", default=4, show_default=True, type=click.IntRange(1), help="tenants judged side by side")
@click.option("-k", "expression", default="", metavar="EXPRESSION", help="only checks whose names match, as in pytest")
def run(expression: str, tenants: Path | None, only: tuple[str, ...], at_once: int, **given: Any) -> int:
    """Judge the tenant at TENANT_URL, or the application of --app; without either, the embedded reference tenant.

    Settings may also stand in scim-conformance.toml. Exit status: 0 conformant, or whatever is not is waived
    or in the baseline, 1 not conformant, 2 wrong usage or configuration, 3 the tenant cannot be reached or refuses the
    credentials, 4 the suite itself failed, 130 interrupted.
    """
    interruptible()
    if only and tenants is None:
        raise Stop("--only chooses among the tenants of a file; give --tenants FILE", 2)
    from conformance.run import Run  # noqa: PLC0415

    if tenants is None:
        settings = load(given)
    else:
        from conformance.tenants import read_tenants  # noqa: PLC0415

        chosen = read_tenants(tenants, given, only)
        if len(only) != 1:
            from conformance.cli.many import judged_together  # noqa: PLC0415

            return judged_together(chosen, expression, at_once)
        (settings,) = chosen.values()
    if not (settings.tenant_url or settings.app):
        click.echo("no Tenant URL is given, so the embedded reference tenant is judged")
    with target(settings) as reachable:
        return judged(Run(reachable), expression)


def interruptible() -> None:
    """Let Ctrl-C, and the wish to terminate, end the command once it has cleaned up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Say that the command cleans up, and raise KeyboardInterrupt; the second time, leave at once."""
    if frame and frame.f_code.co_filename.startswith("<frozen importlib"):
        # An exception just after the import lock is taken would leave it so, and every thread that imports would hang.
        threading.Timer(_MOMENT, signal.pthread_kill, (threading.main_thread().ident, number)).start()
        return
    click.echo(f"{NAME}: interrupted; cleaning up (interrupt again to leave at once)", err=True)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _leave)
    raise KeyboardInterrupt(number)


def _leave(*_: object) -> NoReturn:
    # Written past every buffer and lock, since the signal may have come in the middle of anything.
    os.write(2, f"{NAME}: stopped; to remove what is left: {NAME} clean-up FOLDER, or --all\n".encode())
    os._exit(INTERRUPTED)


@contextlib.contextmanager
def target(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with a tenant to work with: an application that is served, the embedded one without any."""
    if settings.tenant_url:
        yield settings
        return
    if settings.app:
        from conformance.application import running as serving  # noqa: PLC0415

        with serving(settings) as reachable:
            yield reachable
        return
    from conformance.reference.serve import running  # noqa: PLC0415
    from conformance.reference.tenant import ReferenceTenant  # noqa: PLC0415

    token = secrets.token_urlsafe(24)
    with running(ReferenceTenant(token=token, seed_users=_SEED_USERS)) as url:
        yield replace(settings, tenant_url=url, token=token, token_file="", username="", oauth_token_url="")
