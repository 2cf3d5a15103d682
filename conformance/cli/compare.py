"""``compare``: two runs, check by check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.base import put

if TYPE_CHECKING:
    from conformance.reporting.comparison import Comparison


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "wanted",
    type=click.Choice(("terminal", "md", "html")),
    default="terminal",
    show_default=True,
    help="how it is told",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="write md or html to this file")
def compare(before: Path, after: Path, wanted: str, output: Path | None) -> int:
    """Tell what changed from one run to another: two versions of a tenant, or two tenants.

    BEFORE and AFTER are report.json files or the folders that hold them. Exit status 1 where something is newly broken.
    """
    from conformance.reporting.comparison import Comparison  # noqa: PLC0415
    from conformance.reporting.outline import Outline  # noqa: PLC0415

    comparison = Comparison(Outline.read(before), Outline.read(after))
    if wanted == "terminal":
        from conformance.reporting.terminal import summarise_comparison  # noqa: PLC0415

        summarise_comparison(comparison)
    else:
        put(_text(comparison, wanted), output)
    return 1 if comparison.broken else 0


def _text(comparison: Comparison, wanted: str) -> str:
    if wanted == "md":
        from conformance.reporting.markdown import compared  # noqa: PLC0415

        return compared(comparison)
    from conformance.reporting.html import render_comparison  # noqa: PLC0415

    return render_comparison(comparison)
