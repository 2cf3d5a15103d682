"""``coverage``: how much of the catalogue is judged, and what is not."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from conformance.cli.base import known

if TYPE_CHECKING:
    from conformance.coverage import Count, Coverage

_GAPS = {
    "untestable": "Not testable from outside",
    "unjudged": "Testable, and not judged",
    "unproven": "Judged, and not proven by a fault",
}


@click.command()
@click.option("--by", multiple=True, metavar="document|section|feature|level",
              default=("document", "feature", "level"), help="what to count by (repeatable)")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="print the numbers and lists as JSON")
def coverage(by: tuple[str, ...], *, as_json: bool) -> None:
    """Count the requirements that can be tested, that a check judges and that a fault proves, and list the others."""
    from conformance.coverage import GROUPINGS, coverage as covered  # noqa: PLC0415

    known("grouping", by, list(GROUPINGS))
    found = covered()
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    _show(found, by)


def _show(found: Coverage, by: tuple[str, ...]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for grouping in by:
        console.print(_table(grouping, found.by(grouping), found.total))
    for name, title in _GAPS.items():
        gaps = getattr(found, name)
        console.print(Text(f"\n{title} ({len(gaps)})", style="bold"))
        for identifier, reason in gaps.items():
            console.print(Text(f"  {identifier:<20} {reason}"))


def _table(grouping: str, counts: dict[str, Count], total: Count) -> object:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, show_footer=True)
    table.add_column(grouping, "all")
    for name, number in total.to_dict().items():
        table.add_column(name, str(number), justify="right")
    for name, count in counts.items():
        table.add_row(name, *map(str, count.to_dict().values()))
    return table
