"""``clean-up``: delete what an earlier run left behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from conformance.cli.base import Stop
from conformance.cli.options import connection_options
from conformance.config import load
from conformance.reporting.text import one_line


@click.command("clean-up")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("tenant_url", required=False)
@connection_options
def clean_up(folder: Path, **given: Any) -> int:
    """Delete what the run that reported into FOLDER created and could not delete.

    Safe to repeat. The Tenant URL is that of the run unless given. Exit status 1 where something is left.
    """
    from conformance.run import Run, TenantUnreachable  # noqa: PLC0415
    from conformance.tenant.clean_up import clean_up as delete  # noqa: PLC0415
    from conformance.tenant.ledger import LEDGER_FILE, Ledger  # noqa: PLC0415

    try:
        ledger = Ledger.resume(folder / LEDGER_FILE if folder.is_dir() else folder)
    except OSError as error:
        raise Stop(f"{error.filename} cannot be read: {error.strerror}", 2) from None
    settings = load(given)
    run = Run(replace(settings, tenant_url=given["tenant_url"] or ledger.tenant or settings.tenant_url, output=""))
    if ledger.tenant not in {"", run.url.base}:
        raise Stop(f"that run was against {ledger.tenant}, not {run.url.base}", 2)
    try:
        run.open()
    except TenantUnreachable as error:
        raise Stop(str(error), 3) from None
    run.client.ledger = ledger
    gone, left = delete(run.client)
    run.close()
    click.echo(f"{len(gone)} resources deleted, {len(left)} left")
    for path, reason in left.items():
        click.echo(one_line(f"  {path}: {reason}"))
    return 1 if left else 0
