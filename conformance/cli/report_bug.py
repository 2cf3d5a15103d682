"""``report-bug``: one finding of a run, ready to send to whoever maintains the server."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.base import Stop, put


@click.command()
@click.argument("identifier", metavar="REQUIREMENT")
@click.option(
    "--report",
    default="reports/latest/report.json",
    show_default=True,
    type=click.Path(path_type=Path),
    help="report.json of the run, or the folder that holds it",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="write it to this file")
def report_bug(identifier: str, report: Path, output: Path | None) -> None:
    """Write a bug report, as Markdown, on a requirement that a run found broken.

    It tells the clause, what was sent and what came in the shortest example of the run, what is expected and why it
    matters. Credentials were replaced when the run recorded them; look over names and URLs before you send it.
    """
    from conformance.reporting.bug import bug_report  # noqa: PLC0415
    from conformance.reporting.outline import Outline, read_exchanges  # noqa: PLC0415
    from conformance.spec.requirements import UnknownRequirement, requirement  # noqa: PLC0415

    try:
        text = bug_report(requirement(identifier.upper()), Outline.read(report), read_exchanges(report))
    except UnknownRequirement as error:
        raise Stop(str(error), 2) from None
    put(text, output)
