"""What the command says in a terminal when a rehearsal is done: a line for each cycle, the findings, the verdict."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.rehearsal.findings import Kind
from conformance.reporting.terminal import close
from conformance.reporting.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conformance.rehearsal.findings import Finding
    from conformance.rehearsal.outcome import Outcome

_MOST = 25
_NAMED = 4  # attributes
_STYLES = {Kind.FAILURE: "red", Kind.DIFFERENCE: "red", Kind.DEVIATION: "yellow", Kind.NOTE: "dim"}


def summarise(outcome: Outcome, written: Iterable[Path]) -> None:
    """Print what was found; the verdict stands last, where the eye is."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("cycle", no_wrap=True)
    for heading in ("objects", "failed", "findings"):
        table.add_column(heading, justify="right", min_width=len(heading))
    for cycle in outcome.cycles:
        wrong = sum(f.kind is not Kind.NOTE for f in outcome.findings.of(cycle.number))
        style = "red" if wrong else ""
        table.add_row(cycle.title, str(cycle.tally.attempts), str(cycle.tally.failures), str(wrong), style=style)
    console.print(table)
    groups: defaultdict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for finding in sorted(outcome.findings, key=lambda finding: finding.kind is Kind.NOTE):
        groups[finding.kind, finding.cause, finding.code].append(finding)
    for alike in list(groups.values())[:_MOST]:
        console.print(_line(alike, outcome.cycles[alike[0].cycle].title))
    if len(groups) > _MOST:
        console.print(Text(f"  … {len(groups) - _MOST} more in rehearsal.html", style="dim"))
    telling = [cycle for cycle in outcome.cycles if outcome.client == "Entra" and cycle.tally.outlook]
    if telling:
        worst = max(telling, key=lambda cycle: cycle.tally.share)
        console.print(Text(f"{worst.title}: {worst.tally.outlook}", style="yellow"))
    for remark in outcome.remarks:
        console.print(Text(one_line(remark, 600), style="yellow"))
    console.print()
    console.print(Text(one_line(outcome.sentence, 600), style="bold green" if outcome.good else "bold red"))
    figures = f"{outcome.requests} requests in {outcome.duration:.1f} s, seed {outcome.seed}"
    close(console, figures, written, outcome.left_behind)


def _line(alike: list[Finding], cycle: str) -> Text:
    """Return what is said of a finding, which may have come up with several attributes and in several cycles.

    It came up first in the cycle of that title.
    """
    finding = alike[0]
    attributes = list(dict.fromkeys(one_line(each.attribute, 80) for each in alike if each.attribute))
    example = finding.examples[0]
    line = Text("\n  ")
    line.append(f"{finding.kind} ", style=f"bold {_STYLES[finding.kind]}")
    line.append(f"{', '.join(attributes[:_NAMED])} " if attributes else "", style="bold")
    line.append(f"and {len(attributes) - _NAMED} more " if len(attributes) > _NAMED else "")
    line.append(one_line(finding.cause, 300))
    line.append(f" [{finding.code}]" if finding.code else "", style="dim")
    more = f" and {finding.count - 1} more" if finding.count > 1 else ""
    cycles = {each.cycle for each in alike}
    again = f"; in {len(cycles)} cycles" if len(cycles) > 1 else ""
    line.append(f"\n    {cycle}: {one_line(example.object, 80)}{more}{again}", style="dim")
    if example.expected or example.found:
        line.append(f"\n    source {one_line(example.expected, 60)}, tenant {one_line(example.found, 60)}", style="dim")
    return line
