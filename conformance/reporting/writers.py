"""Writes the reports of a run into its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reporting.files import json_pieces, write_pieces
from conformance.reporting.har import to_har
from conformance.reporting.html import compile_report, render
from conformance.reporting.junit import to_junit
from conformance.reporting.markdown import to_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conformance.reporting.model import Report

# JSON is written piece by piece; a result or an exchange is one piece.
_FORMATS: dict[str, tuple[str, Callable[[Report], Iterable[str]]]] = {
    "html": ("report.html", lambda report: [render(report)]),
    "junit": ("junit.xml", lambda report: [to_junit(report)]),
    "json": ("report.json", lambda report: json_pieces(report.to_dict(), 2)),
    "md": ("report.md", lambda report: [to_markdown(report)]),
    "har": ("evidence.har", lambda report: json_pieces(to_har(report), 3)),
}


def prepare(formats: Iterable[str]) -> None:
    """Do now what needs no report, while there is time."""
    if "html" in formats:
        compile_report()


def write(report: Report, folder: Path, formats: Iterable[str]) -> list[Path]:
    """Write the report in some formats, each once, and return the paths. Raises OSError."""
    written = []
    for wanted in dict.fromkeys(formats):
        name, view = _FORMATS[wanted]
        write_pieces(folder / name, view(report))
        written.append(folder / name)
    return written
