"""``log.html``: pytest-html's log, one row for each check, with verdicts and the evidence behind the bad ones.

pytest-html escapes neither cells nor what is added to a row, so everything is escaped here. Its script knows seven
outcomes by name; each stands for one verdict, and the filters are labelled with the verdicts.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pytest

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.reporting.html import render_evidence
from conformance.reporting.result import RESULT, Result
from conformance.reporting.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.reporting.model import Report

_OUTCOMES = {
    Verdict.FAILED: "failed",
    Verdict.ERROR: "error",
    Verdict.WARNED: "xfailed",
    Verdict.BLOCKED: "rerun",
    Verdict.NOTED: "xpassed",
    Verdict.PASSED: "passed",
    Verdict.NOT_APPLICABLE: "skipped",
}
# The verdicts whose evidence is shown, as far as there is room for it.
_EVIDENCED = (Verdict.FAILED, Verdict.WARNED, Verdict.BLOCKED)
_ORDER = list(dict.fromkeys((*_EVIDENCED, *Verdict)))
# Characters of evidence. The page draws every row when it opens; past this a row refers to report.html.
_ROOM = 600_000
_MOST_IDS = 3
_STYLE = """<style>
.logexpander { display: none; } .logwrapper { max-height: none; height: auto !important; background: none; }
.logwrapper .log { top: 0; height: auto; min-height: 0; padding: .5rem .75rem; white-space: normal; }
td { color: #1c2024; }
.log p { margin: .2rem 0; } .log .part { font-weight: 600; }
.log pre { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.xfailed .col-result, span.xfailed { color: #8f5f00; } .rerun .col-result, span.rerun { color: #6941a5; }
.xpassed .col-result, span.xpassed { color: #0b5cad; } .skipped .col-result, span.skipped { color: #6b7280; }
</style>"""


class CheckLog:
    """Hooks of pytest-html. ``report`` returns the run as it stands."""

    def __init__(self, report: Callable[[], Report]) -> None:
        self._report = report
        self._data: Any = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Say what was judged, with what, where pytest-html would list the machine's packages."""
        self._data = report
        found = self._report()
        report.title = "SCIM 2.0 conformance: log of checks"
        report.set_data("environment", {
            "Tenant": _escaped(found.tenant),
            "Profile": _escaped(", ".join(found.profiles) or "none: the RFCs alone"),
            "Suite": f"scim-conformance {__version__}",
            "Seed": _escaped(found.seed),
        })  # fmt: skip
        report.set_data("renderCollapsed", ["all", *_OUTCOMES.values()])
        for verdict, outcome in _OUTCOMES.items():
            report.outcomes[outcome]["label"] = str(verdict).capitalize()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Name the columns."""
        columns = (("result", "Verdict"), ("requirement", "Requirement"), ("level", "Level"))
        sortable = [f'<th class="sortable" data-column-type="{key}">{title}</th>' for key, title in columns]
        cells[:] = [*sortable, "<th>Check</th>", cells[2]]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Fill the columns of a check."""
        data = getattr(report, RESULT, None)
        if data is None and report.passed:
            cells.clear()  # pytest-html shows neither set-up nor tear-down that went well
            return
        if data is None:
            cells[:] = [cells[0], "<td></td>", "<td></td>", f"<td>{_escaped(report.nodeid)}</td>", cells[2]]
            return
        result = Result.from_dict(data)
        cells[:] = [
            # The script takes the first cell it reads for the outcome to filter and sort by.
            f"<!--<td>{_OUTCOMES[result.verdict]}</td>--><td class=col-result>{result.verdict}</td>",
            f"<td class=col-requirement>{_escaped(_some(result.requirements))}</td>",
            f"<td class=col-level>{_escaped(str(dict(report.user_properties).get('level', '')))}</td>",
            f"<td>{_escaped(result.check)}</td>",
            cells[2],
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, report: pytest.TestReport, data: list[str]) -> None:
        """Leave out pytest's own account of a check; an error of the suite keeps its traceback."""
        result = getattr(report, RESULT, None)
        if result is not None and result["verdict"] != Verdict.ERROR:
            data.clear()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Put the verdict on top, count verdicts, and add the evidence now that all of it has come in."""
        found = self._report()
        prefix.append(
            f"{_STYLE}<p><b>{_escaped(found.sentence)}</b> The findings: <a href='report.html'>report.html</a></p>"
        )
        for verdict, outcome in _OUTCOMES.items():
            self._data.outcomes[outcome]["value"] = found.counts[verdict]
        rows = {nodeid.rpartition("/")[2]: rows for nodeid, rows in self._data.data["tests"].items() if rows}
        for check, told in _accounts(found):
            if check in rows:
                rows[check][0]["log"] = told


def _accounts(report: Report) -> Iterator[tuple[str, str]]:
    """Yield checks and what the log tells of them; an error of the suite keeps its traceback."""
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    room = _ROOM
    for result in sorted(report.results, key=lambda result: _ORDER.index(result.verdict)):
        if result.verdict is Verdict.ERROR:
            continue
        told = _told(result) if result.verdict is not Verdict.PASSED else ""
        if result.verdict in _EVIDENCED and room > 0:
            evidence = render_evidence(exchanges[i] for i in result.exchanges if i in exchanges)
            room -= len(evidence)
            told += evidence
        elif result.verdict in _EVIDENCED:
            told += "<p>The exchanges stand in report.html.</p>"
        yield result.check, told


def _some(requirements: tuple[str, ...]) -> str:
    more = len(requirements) - _MOST_IDS
    return ", ".join(requirements[:_MOST_IDS]) + (f" and {more} more" if more > 0 else "")


def _told(result: Result) -> str:
    lines = [result.claim]
    if result.expected or result.came:
        lines += [f"Expected: {result.expected}", f"Came: {result.came}"]
    lines += result.remarks or ([result.message] if result.message else [])
    lines += [f"Waived: {result.waived}"] if result.waived else []
    return "".join(f"<p>{_escaped(line)}</p>" for line in lines)


def _escaped(text: str) -> str:
    return escape(printable(text), quote=False)
