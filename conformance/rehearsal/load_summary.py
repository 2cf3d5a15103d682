"""What the command says in a terminal when a load is done: a line for each kind of request, and the verdict."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.reporting.terminal import close
from conformance.reporting.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conformance.rehearsal.load_outcome import LoadOutcome

_MOST = 10


def summarise_load(outcome: LoadOutcome, written: Iterable[Path]) -> None:
    """Print the figures; the verdict stands last, where the eye is."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("requests", no_wrap=True)
    for heading in ("sent", "429", "5xx", "no answer", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(heading, justify="right", min_width=len(heading))
    for asked in (*outcome.asked, outcome.total):
        counts = asked.count, asked.refused, asked.broken, asked.unanswered, asked.p50, asked.p95, asked.p99
        table.add_row(asked.what, *map(str, counts), style="red" if asked.errors else "")
    console.print(table)
    for cause, count in outcome.causes.most_common(_MOST):
        console.print(Text(f"\n  {one_line(cause, 300)} ({count:,} times)", style="red"))
    console.print()
    for remark in outcome.remarks:
        console.print(Text(remark, style="yellow"))
    console.print(Text(one_line(outcome.sentence, 600), style="bold green" if outcome.good else "bold red"))
    figures = f"{outcome.achieved:.1f} requests a second served of {outcome.rate:g} asked"
    close(console, figures, written, outcome.left_behind)
