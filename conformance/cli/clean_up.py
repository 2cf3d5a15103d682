"""``clean-up``: delete what earlier runs left behind."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.base import NAME, Stop
from conformance.cli.options import OF_APP, connection_options
from conformance.config import load
from conformance.reporting.text import one_line

if TYPE_CHECKING:
    from conformance.config import Settings
    from conformance.tenant.client import Client
    from conformance.tenant.ledger import Ledger

_REPORTS = Path("reports")


@click.command("clean-up")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.argument("tenant_url", required=False)
@click.option("--run", "run_id", default="", metavar="ID", help="only the run with this tag, such as conf-1a2b3c4d")
@click.option(
    "--all", "everything", is_flag=True, help="all runs that reported somewhere below FOLDER (default: reports)"
)
@partial(connection_options, but=OF_APP)
def clean_up(folder: Path | None, run_id: str, *, everything: bool, **given: Any) -> int:
    """Delete what the run that reported into FOLDER created and could not delete.

    Groups go before the users that they refer to. Safe to repeat. The Tenant URL is that of the run unless given.
    Exit status 1 where something is left.
    """
    from conformance.run import Run, TenantUnreachable  # noqa: PLC0415

    if folder is None and not (run_id or everything):
        raise Stop(f"say what to clean up: {NAME} clean-up FOLDER, --run ID or --all", 2)
    ledgers = _below(folder or _REPORTS, run_id) if run_id or everything else [_of_a_run(folder or _REPORTS)]
    if not ledgers:
        click.echo("nothing is left behind")
        return 0
    settings = load(given)
    run = Run(replace(settings, tenant_url=_tenant(ledgers, given["tenant_url"], settings), app="", output=""))
    for ledger in ledgers:
        if ledger.tenant not in {"", run.url.base}:
            raise Stop(f"that run was against {ledger.tenant}, not {run.url.base}", 2)
    try:
        run.open()
    except TenantUnreachable as error:
        raise Stop(str(error), 3) from None
    gone, left = _emptied(ledgers, run.client)
    run.close()
    click.echo(f"{len(gone)} resources deleted, {len(left)} left")
    for path, reason in left.items():
        click.echo(one_line(f"  {path}: {reason}"))
    return 1 if left else 0


def _emptied(ledgers: list[Ledger], client: Client) -> tuple[list[str], dict[str, str]]:
    """Delete what the ledgers have as left behind; return the paths, and what is left with the reason why."""
    from conformance.tenant.clean_up import clean_up as delete  # noqa: PLC0415

    gone: list[str] = []
    left: dict[str, str] = {}
    for ledger in ledgers:
        client.ledger = ledger
        done, still = delete(client, client.take)
        gone, left = gone + done, left | still
        ledger.close()
    return gone, left


def _below(folder: Path, run_id: str) -> list[Ledger]:
    """Return the ledgers below a folder that say something is left, or that of one run."""
    from conformance.tenant.ledger import LEDGER_FILE  # noqa: PLC0415

    if not (folder.is_dir() or folder == _REPORTS):
        raise Stop(f"there is no folder {folder}", 2)
    found = [_read(path) for path in sorted(folder.rglob(LEDGER_FILE)) if not path.parent.is_symlink()]
    if run_id:
        found = [ledger for ledger in found if run_id in ledger.tags]
        if not found:
            raise Stop(f"no ledger below {folder} is of the run “{run_id}”", 2)
        return found
    return [ledger for ledger in found if ledger.left_behind or ledger.unanswered]


def _of_a_run(path: Path) -> Ledger:
    """Return the ledger in a folder, or of that name; any other file has no line that is one of a ledger's."""
    ledger = _read(path)
    if not (ledger.tags or ledger.left_behind or ledger.unanswered):
        raise Stop(f"{path} holds no ledger of a run", 2)
    return ledger


def _read(path: Path) -> Ledger:
    from conformance.tenant.ledger import LEDGER_FILE, Ledger  # noqa: PLC0415

    try:
        return Ledger.resume(path / LEDGER_FILE if path.is_dir() else path)
    except OSError as error:
        raise Stop(f"{error.filename} cannot be read: {error.strerror}", 2) from None


def _tenant(ledgers: list[Ledger], given: str, settings: Settings) -> str:
    """Return the Tenant URL; the credentials are those of one tenant and must not reach another."""
    tenants = {ledger.tenant for ledger in ledgers} - {""}
    if len(tenants) > 1:
        raise Stop(f"these runs were against several tenants, {', '.join(sorted(tenants))}: give FOLDER or --run", 2)
    return given or next(iter(tenants), "") or settings.tenant_url
