"""Writes the reports of a run into its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reporting.files import json_pieces, write_pieces
from conformance.reporting.har import to_har
from conformance.reporting.html import render
from conformance.reporting.junit import to_junit
from conformance.reporting.markdown import to_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conformance.reporting.model import Report


_FORMATS: dict[str, tuple[str, Callable[[Report], Iterable[str]]]] = {
    "html": ("report.html", lambda report: [render(report)]),
    "junit": ("junit.xml", lambda report: [to_junit(report)]),
    "json": ("report.json", lambda report: json_pieces(report.to_dict(), _DEEP)),
    "md": ("report.md", lambda report: [to_markdown(report)]),
    "har": ("evidence.har", lambda report: json_pieces(to_har(report), _DEEP)),
}
_DEEP = 4  # the document, its log, the entries, an entry: a response is one piece, as parts of it would be slow


def write(report: Report, folder: Path, formats: Iterable[str]) -> list[Path]:
    """Write the report in some formats, each once, and return the paths. Raises OSError."""
    written = []
    for wanted in dict.fromkeys(formats):
        name, view = _FORMATS[wanted]
        write_pieces(folder / name, view(report))
        written.append(folder / name)
    return written
