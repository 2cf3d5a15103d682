"""Verdicts in the terminal of plain pytest, where it shows outcomes, and their sum below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.verdict import Verdict
from conformance.reporting.result import RESULT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pytest

    from conformance.reporting.model import Report

_LETTERS = {Verdict.WARNED: "w", Verdict.NOTED: "n", Verdict.NOT_APPLICABLE: "-", Verdict.BLOCKED: "b"}


class PytestTerminal:
    """Hooks of pytest's terminal.

    ``report`` returns the run as it stands, None where nothing was judged; ``written`` the files of its reports.
    """

    def __init__(self, report: Callable[[], Report | None], written: Callable[[], Iterable[Path]]) -> None:
        self._report, self._written = report, written

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Show verdicts where pytest shows outcomes; those that it has a word for it tells itself."""
        data = getattr(report, RESULT, None)
        if data is None:
            return None
        if data["waived"]:
            return "waived", "a", "WAIVED"
        verdict = Verdict(data["verdict"])
        return (str(verdict), _LETTERS[verdict], str(verdict).upper()) if verdict in _LETTERS else None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Sum up the verdicts."""
        report = self._report()
        if report is None:
            return
        terminalreporter.section("scim-conformance")
        for sentence in filter(None, (report.sentence, report.gate_sentence, report.narrowing)):
            terminalreporter.write_line(sentence)
        terminalreporter.write_line(", ".join(f"{n} {verdict}" for verdict, n in report.counts.items() if n))
        for path in self._written():
            terminalreporter.write_line(str(path))
