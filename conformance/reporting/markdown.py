"""Markdown for the summary page of a CI job: the verdict, the counts and what to fix first.

What a server had a hand in stands in code spans, in which Markdown and HTML are letters.
"""

from __future__ import annotations

import re
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.reporting.findings import case, causes, findings
from conformance.reporting.priorities import fix_first
from conformance.reporting.text import one_line
from conformance.spec.requirements import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.reporting.comparison import Change, Comparison
    from conformance.reporting.findings import Finding
    from conformance.reporting.model import Report
    from conformance.reporting.outline import Outline

_MOST = 50  # entries of a list; with _LONGEST it keeps the page far below the mebibyte that GitHub shows
_MOST_CASES = 5
_LONGEST = 300  # characters of what a server had a hand in
_LONGEST_NARROWING = 2000


def to_markdown(report: Report) -> str:
    """Return the report as Markdown of less than 1 MiB."""
    blocks = [
        f"# SCIM 2.0 conformance of {code(report.tenant)}",
        " ".join(filter(None, (f"**{escape(report.sentence, quote=False)}**", report.gate_sentence))),
        _facts(report),
        code(report.narrowing, _LONGEST_NARROWING),
        table(("verdict", "checks"), ((str(verdict), str(count)) for verdict, count in report.counts.items() if count)),
        *section("Fix first", map(_finding, fix_first(report))),
        *section("Blocked", (f"- {len(c.results)} checks: {code(c.reason)}" for c in causes(report, Verdict.BLOCKED))),
        *section("Recommendations not followed", map(_finding, findings(report, Verdict.WARNED))),
        *section("Waived", (f"- {code(r.check)}, {r.verdict}: {code(r.waived)}" for r in report.results if r.waived)),
        *section("Expired waivers", (f"- {code(str(waiver))}" for waiver in report.gate.expired)),
        *section("Waivers that cover nothing", (f"- {code(str(waiver))}" for waiver in report.unused_waivers)),
    ]
    if report.changes:
        blocks += ["## Since the baseline", report.changes.sentence]
        for heading, changes in report.changes.sections[:2]:
            blocks += section(heading, map(_change, changes), level=3)
    return "\n\n".join(filter(None, blocks)) + "\n"


def compared(comparison: Comparison) -> str:
    """Return a comparison of two runs as Markdown of less than 1 MiB."""
    before, after = comparison.before, comparison.after
    counts = (
        (str(v), str(before.counts[v]), str(after.counts[v])) for v in Verdict if before.counts[v] or after.counts[v]
    )
    blocks = [
        "# Two runs compared",
        f"**{comparison.sentence}**",
        f"- Before: {_run(before)}\n- After: {_run(after)}",
        table(("verdict", "before", "after"), counts),
    ]
    for heading, changes in comparison.sections:
        blocks += section(heading, map(_change, changes))
    return "\n\n".join(blocks) + "\n"


def _facts(report: Report) -> str:
    parts = [
        f"{report.started:%Y-%m-%d %H:%M} UTC",
        f"profile {', '.join(report.profiles) or 'none: the RFCs alone'}",
        f"{len(report.exchanges)} requests in {report.duration:.1f} s",
        f"scim-conformance {__version__}",
    ]
    parts += [f"selected: {code(', '.join(report.selection))}"] if report.selection else []
    return " · ".join(parts)


def _run(outline: Outline) -> str:
    profiles = f", profile {', '.join(outline.profiles)}" if outline.profiles else ""
    suite = f"scim-conformance {outline.suite}{profiles}"
    return f"{code(outline.tenant)}, {code(outline.started)}, {suite}. {outline.sentence}"


def _finding(finding: Finding) -> str:
    weightiest, first = finding.requirements[0], finding.cases[0]
    cases = [code(case(result)) for result in finding.cases if case(result)]
    more = [f"{len(cases) - _MOST_CASES} more"] if len(cases) > _MOST_CASES else []
    claim, fix = (escape(text, quote=False) for text in (one_line(finding.claim), weightiest.fix))
    lines = [f"- [{weightiest.id}]({weightiest.url}) **{claim}** {fix}"]
    if first.expected or first.came:
        lines.append(f"  Expected {code(first.expected)}, came {code(first.came)}.")
    elif first.message:
        lines.append(f"  {code(first.message)}")
    lines += [f"  For {', '.join([*cases[:_MOST_CASES], *more])}."] if cases else []
    waived = [result for result in finding.cases if result.waived]
    lines += [f"  Waived for {len(waived)} of {len(finding.cases)}: {code(waived[0].waived)}"] if waived else []
    return "\n".join(lines)


def _change(change: Change) -> str:
    known = [i for i in change.result.requirements if i in catalogue()]
    clause = f" [{known[0]}]({catalogue()[known[0]].url})" if known else ""
    before = change.before or "not judged"
    return f"- {code(change.check)}{clause}: {before} → **{change.result.verdict}**"


def section(heading: str, entries: Iterable[str], level: int = 2) -> Iterator[str]:
    """Yield a heading and a list below it, cut to a readable length; nothing where there are no entries."""
    listed = iter(entries)
    shown = list(islice(listed, _MOST))
    left = sum(1 for _ in listed)
    if shown:
        yield f"{'#' * level} {heading}"
        yield "\n".join([*shown, *([f"- … and {left} more in report.html"] if left else [])])


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str, longest: int = _LONGEST) -> str:
    """Return text as a code span, fenced by more backticks in a row than it holds."""
    line = one_line(text, longest)
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`" if line else ""
