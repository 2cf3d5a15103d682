"""``matrix``: finished runs against many tenants, side by side."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output", default=".", show_default=True, type=click.Path(path_type=Path), help="folder to write the matrix to"
)
def matrix(reports: tuple[Path, ...], output: Path) -> int:
    """Put finished runs side by side: each requirement, and what every tenant makes of it.

    REPORTS are report.json files or the folders that hold them; each tenant is named for its folder. Written are
    matrix.html, matrix.md and matrix.json. run --tenants does so by itself.
    """
    from conformance.reporting.matrix import collect, write  # noqa: PLC0415

    made = collect(reports, output)
    written = write(made, output)
    click.echo(made.sentence)
    for path in written:
        click.echo(path)
    return 0
