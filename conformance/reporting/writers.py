"""Writes the reports of a run into its folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.reporting.har import to_har
from conformance.reporting.html import render
from conformance.reporting.junit import to_junit
from conformance.reporting.markdown import to_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conformance.reporting.model import Report


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


_FORMATS: dict[str, tuple[str, Callable[[Report], str]]] = {
    "html": ("report.html", render),
    "junit": ("junit.xml", to_junit),
    "json": ("report.json", lambda report: _json(report.to_dict())),
    "md": ("report.md", to_markdown),
    "har": ("evidence.har", lambda report: _json(to_har(report))),
}


def write(report: Report, folder: Path, formats: Iterable[str]) -> list[Path]:
    """Write the report in some formats, each once, and return the paths. Raises OSError."""
    written = []
    for wanted in dict.fromkeys(formats):
        name, view = _FORMATS[wanted]
        # A lone surrogate becomes \\ud800, which is how JSON writes it, too.
        (folder / name).write_text(view(report), encoding="utf-8", errors="backslashreplace")
        written.append(folder / name)
    return written
