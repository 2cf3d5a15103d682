"""``run``: judge a tenant."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance import __version__
from conformance.cli.base import INTERRUPTED, NAME, Stop, complain
from conformance.cli.options import options
from conformance.config import Settings, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.run import Run

_SEED_USERS = 12  # people in the embedded tenant who are none of the run's, as in any real one


@click.command()
@click.argument("tenant_url", required=False)
@options
@click.option("-k", "expression", default="", metavar="EXPRESSION", help="only checks whose names match, as in pytest")
def run(expression: str, **given: Any) -> int:
    """Judge the tenant at TENANT_URL; without one, the embedded reference tenant.

    Settings may also stand in scim-conformance.toml. Exit status: 0 conformant, 1 not conformant, 2 wrong usage or
    configuration, 3 the tenant cannot be reached or refuses the credentials, 4 the suite itself failed,
    130 interrupted.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if given["tenant_url"] is not None and not given["tenant_url"].strip():
        raise Stop("the Tenant URL is empty; give one such as https://example.com/scim/v2", 2)
    with _target(load(given)) as settings:
        return _judge(settings, expression)


def _interrupt(number: int, _: object) -> None:
    click.echo(f"{NAME}: interrupted; cleaning up (interrupt again to leave at once)", err=True)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: os._exit(INTERRUPTED))
    raise KeyboardInterrupt(number)


@contextlib.contextmanager
def _target(settings: Settings) -> Iterator[Settings]:
    if settings.tenant_url:
        yield settings
        return
    from conformance.reference.serve import running  # noqa: PLC0415
    from conformance.reference.tenant import ReferenceTenant  # noqa: PLC0415

    token = secrets.token_urlsafe(24)
    with running(ReferenceTenant(token=token, seed_users=_SEED_USERS)) as url:
        yield replace(settings, tenant_url=url, token=token, token_file="", username="", oauth_token_url="")


def _judge(settings: Settings, expression: str) -> int:
    from conformance.run import Run, TenantUnreachable  # noqa: PLC0415

    opened = Run(settings)
    latest = None
    if opened.output is None:
        opened.output, latest = _default_folder(opened), Path("reports", "latest")
    try:
        opened.open()
        if latest:
            _point(latest, opened.output)
        return _reported(opened, expression)
    except TenantUnreachable as error:
        raise Stop(str(error), 3) from None
    finally:
        opened.close()


def _default_folder(opened: Run) -> Path:
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return Path("reports", f"{opened.url.host.replace(':', '-')}-{when}")


def _reported(opened: Run, expression: str) -> int:
    from conformance.reporting.terminal import Ticker, summarise  # noqa: PLC0415
    from conformance.session import DEFECTS_FILE, judge_all  # noqa: PLC0415

    click.echo(f"{NAME} {__version__}: {opened.url}, seed {opened.seed}")
    with Ticker(lambda: len(opened.client.exchanges)) as ticker:
        conformance = judge_all(opened, expression, ticker)
    report = conformance.report
    if report.results:
        summarise(report, conformance.written)
    if report.interrupted:
        left = len(report.left_behind)
        kept = f"{left} resources are left: {NAME} clean-up {opened.output}" if left else "nothing is left behind"
        return complain(f"interrupted; {kept}", INTERRUPTED)
    if conformance.defects:
        raise Stop(f"the suite itself failed; {opened.output}/{DEFECTS_FILE} says where", 4)
    return report.exit_code


def _point(link: Path, folder: Path) -> None:
    # A file system without symbolic links does without this one.
    with contextlib.suppress(OSError):
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name, target_is_directory=True)
