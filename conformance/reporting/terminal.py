"""What the command says in a terminal: progress while it runs, the verdict when it is done.

With no terminal there are plain lines. Everything a server had a hand in goes through ``printable``.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from conformance.checks.verdict import Verdict
from conformance.reporting.checklist import show_decisions
from conformance.reporting.findings import case, causes, findings
from conformance.reporting.text import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from rich.progress import TaskID

    from conformance.reporting.comparison import Change, Comparison
    from conformance.reporting.findings import Finding
    from conformance.reporting.model import Report
    from conformance.reporting.result import Result

_EVERY = 2.0
_MOST_FINDINGS = 20
_MOST_CASES = 3
_STYLES = {
    Verdict.FAILED: "red",
    Verdict.WARNED: "yellow",
    Verdict.BLOCKED: "magenta",
    Verdict.ERROR: "bold red",
    Verdict.PASSED: "green",
    Verdict.NOTED: "blue",
    Verdict.NOT_APPLICABLE: "dim",
}


class Ticker:
    """Live progress on standard error. ``sent`` tells how many requests have been answered, where any are sent."""

    def __init__(self, sent: Callable[[], int] | None = None) -> None:
        self._sent = sent
        self._console = Console(file=sys.stderr)
        self._said = 0.0
        self._tasks: dict[str, TaskID] = {}
        self._seen = [(time.monotonic(), 0)]
        columns = TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), _Requests(self)
        self._bars = Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Show how far a phase is: ``done`` of ``total`` probes or checks."""
        now = time.monotonic()
        if not self._bars.disable:
            if phase not in self._tasks:
                self._tasks[phase] = self._bars.add_task(phase, total=total)
            self._bars.update(self._tasks[phase], completed=done)
        elif now - self._said >= _EVERY and self._said:
            self._said = now
            line = ", ".join(filter(None, (f"{phase}: {done} of {total}", self.requests)))
            self._console.print(line, soft_wrap=True, highlight=False)
        self._said = self._said or now

    @property
    def requests(self) -> str:
        """The number of requests and their rate over the last seconds; empty where none are sent."""
        if self._sent is None:
            return ""
        now, sent = time.monotonic(), self._sent()
        self._seen = [(at, count) for at, count in self._seen if now - at < _EVERY] or self._seen[-1:]
        at, count = self._seen[0]
        self._seen.append((now, sent))
        return f"{sent} requests, {(sent - count) / max(now - at, 0.001):.0f} a second"

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


class _Requests(TextColumn):
    def __init__(self, ticker: Ticker) -> None:
        super().__init__("")
        self._ticker = ticker

    def render(self, task: object) -> Text:  # noqa: ARG002 - the count is the client's, not the task's
        return Text(self._ticker.requests, style="dim")


def summarise(report: Report, written: Iterable[Path]) -> None:
    """Print what was found, worst last so that the verdict stands where the eye is."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for verdict in (Verdict.WARNED, Verdict.BLOCKED, Verdict.FAILED):
        lines = _blocked(report) if verdict is Verdict.BLOCKED else list(map(_line, findings(report, verdict)))
        if not lines:
            continue
        console.print(
            Text(f"\n{str(verdict).capitalize()} ({report.counts[verdict]})", style=f"bold {_STYLES[verdict]}")
        )
        for line in lines[:_MOST_FINDINGS]:
            console.print(line)
        if len(lines) > _MOST_FINDINGS:
            console.print(Text(f"  … {len(lines) - _MOST_FINDINGS} more in report.html", style="dim"))
    for heading, told in (
        ("Waived", [f"{r.check}, {r.verdict}: {r.waived}" for r in report.results if r.waived]),
        ("Expired waivers", list(map(str, report.gate.expired))),
        ("Waivers that cover nothing", list(map(str, report.unused_waivers))),
    ):
        _list(console, heading, told)
    _changes(console, report.changes.sections[:2] if report.changes else ())
    if report.plan:
        show_decisions(console, report.plan.decisions, report.plan.sentence)
    console.print()
    counts = [Text(f"{count} {verdict}", _STYLES[verdict]) for verdict, count in report.counts.items() if count]
    console.print(Text(report.sentence, style="bold green" if report.conformant else "bold red"))
    if report.gate_sentence:
        console.print(Text(report.gate_sentence, style="bold green" if report.passed else "bold red"))
    console.print(Text(", ").join(counts))
    if report.narrowing:
        console.print(Text(printable(report.narrowing)))
    figures = f"{len(report.exchanges)} requests in {report.duration:.1f} s, seed {report.seed}"
    close(console, figures, written, report.left_behind)


def close(console: Console, figures: str, written: Iterable[Path], left_behind: Sequence[str]) -> None:
    """Print the last lines: what it took, where the reports are, which resources the tenant did not let go."""
    console.print(Text(figures, style="dim"))
    for path in written:
        console.print(Text(str(path)))
    if left_behind:
        shown = " ".join(one_line(path, 80) for path in left_behind[:5])
        console.print(Text(f"{len(left_behind)} resources could not be deleted: {shown}", style="yellow"))


def summarise_comparison(comparison: Comparison) -> None:
    """Print what changed from one run to another."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for label, outline in (("Before", comparison.before), ("After", comparison.after)):
        console.print(Text(f"{label + ':':<8}{one_line(outline.tenant)}, {outline.started}, suite {outline.suite}"))
        console.print(Text(f"        {outline.sentence}", style="dim"))
    _changes(console, comparison.sections)
    console.print()
    console.print(Text(comparison.sentence, style="bold red" if comparison.broken else "bold green"))


def _changes(console: Console, sections: Iterable[tuple[str, tuple[Change, ...]]]) -> None:
    for heading, changes in sections:
        told = [f"{c.check}: {c.before or 'not judged'} → {c.result.verdict}. {c.result.claim}" for c in changes]
        _list(console, heading, told)


def _list(console: Console, heading: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    console.print(Text(f"\n{heading} ({len(lines)})", style="bold"))
    for line in lines[:_MOST_FINDINGS]:
        console.print(Text(f"  {one_line(line, 300)}"))
    if len(lines) > _MOST_FINDINGS:
        console.print(Text(f"  … {len(lines) - _MOST_FINDINGS} more", style="dim"))


def _line(finding: Finding) -> Text:
    first = finding.cases[0]
    cases = [one_line(case(result), 60) for result in finding.cases if case(result)]
    if len(cases) > _MOST_CASES:
        cases = [*cases[:_MOST_CASES], f"{len(cases) - _MOST_CASES} more"]
    line = Text("  ")
    line.append(finding.requirements[0].id, style="bold")
    line.append(f" {one_line(finding.claim)}")
    line.append(f" [{', '.join(cases)}]" if cases else "", style="dim")
    return line.append(_sides(first))


def _sides(result: Result) -> str:
    if result.expected:
        return f" Expected {one_line(result.expected, 60)}, came {one_line(result.came, 60)}."
    said = one_line(result.message)
    return f" {said}" if said else ""


def _blocked(report: Report) -> list[Text]:
    return [
        Text(f"  {len(cause.results)} checks: {one_line(cause.reason)}") for cause in causes(report, Verdict.BLOCKED)
    ]
