"""``faults`` and ``prove``: that the checks can fail, and do not fail for nothing."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.cli.base import known, put


@click.command("faults")
def list_faults() -> None:
    """List the faults of the reference tenant, each with the requirements it breaks."""
    from conformance.reference.faults.registry import faults  # noqa: PLC0415

    for fault in faults().values():
        click.echo(f"{fault.name}\n    {fault.description}\n    breaks {', '.join(fault.breaks)}")


@click.command("variants")
def list_variants() -> None:
    """List the legal variants of the reference tenant, each with the clause that allows it."""
    from conformance.reference.variants import variants  # noqa: PLC0415

    for variant in variants().values():
        click.echo(f"{variant.name}\n    {variant.description} ({variant.clause})")


@click.command()
@click.option("--fault", multiple=True, metavar="NAME", help="only this fault (repeatable)")
@click.option("--json", "as_json", is_flag=True, help="print the table as JSON")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="write the table as Markdown, too")
def prove(fault: tuple[str, ...], output: Path | None, *, as_json: bool) -> int:
    """Plant each fault in the reference tenant and show that exactly the checks of what it breaks fail.

    Then let the tenant differ in each legal way and show that no check fails. Exit status 1 where a fault goes
    unnoticed, a check fails for what it does not judge or for what is legal, or a requirement that is judged has
    neither a fault nor a reason for having none.
    """
    from conformance.prove import prove as prove_all  # noqa: PLC0415
    from conformance.reference.faults.registry import faults  # noqa: PLC0415
    from conformance.reporting.terminal import Ticker  # noqa: PLC0415

    known("fault", fault, list(faults()))
    with Ticker() as ticker:
        table = prove_all(fault, lambda done, total: ticker("proving", done, total))
    if output:
        put(table.to_markdown(), output)
    data = table.to_dict()
    if as_json:
        click.echo(json.dumps(data, indent=2))
    else:
        for proof in table.proofs:
            if not proof.holds or fault:
                click.echo(f"{proof.fault}: {'caught by' if proof.caught else 'not caught'} {', '.join(proof.caught)}")
                for label, names in (("missed", proof.missed), ("false alarm", proof.false_alarms)):
                    click.echo("".join(f"  {label}: {name}\n" for name in names), nl=False)
        for name, checks in table.variants.items():
            click.echo("".join(f"{name} is legal, yet not to {check}\n" for check in checks), nl=False)
        for identifier in table.unexplained:
            click.echo(f"{identifier} is judged, and no fault breaks it")
        click.echo(
            f"{data['detected']} of {data['faults']} faults detected, {data['false_alarms']} false alarms; "
            f"{data['requirements_proven']} of {data['requirements_judged']} judged requirements proven"
            + (f"; {len(table.variants)} legal variants, {data['false_reds']} false reds" if table.variants else "")
        )
    return 0 if table.holds else 1
