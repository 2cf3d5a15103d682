"""Writes the reports of a run into its folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.reporting import html

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.reporting.model import Report


def write(report: Report, folder: Path) -> list[Path]:
    """Write ``report.html`` and ``report.json`` and return their paths. Raises OSError."""
    pages = {
        "report.html": html.render(report),
        "report.json": json.dumps(report.to_dict(), ensure_ascii=False, separators=(",", ":")),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
    return [folder / name for name in pages]
