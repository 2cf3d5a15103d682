"""Writes the reports of a run into its folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.reporting.files import write_pieces
from conformance.reporting.har import to_har
from conformance.reporting.html import render
from conformance.reporting.junit import to_junit
from conformance.reporting.markdown import to_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from conformance.reporting.model import Report


_FORMATS: dict[str, tuple[str, Callable[[Report], Iterable[str]]]] = {
    "html": ("report.html", lambda report: [render(report)]),
    "junit": ("junit.xml", lambda report: [to_junit(report)]),
    "json": ("report.json", lambda report: _pieces(report.to_dict())),
    "md": ("report.md", lambda report: [to_markdown(report)]),
    "har": ("evidence.har", lambda report: _pieces(to_har(report))),
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


def _pieces(data: Any, levels: int = _DEEP) -> Iterator[str]:
    """Yield data as JSON, what lies so many levels deep piece by piece: as one text it would take all memory again."""
    if levels and data and isinstance(data, dict):
        for number, (name, value) in enumerate(data.items()):
            yield f"{',' if number else '{'}{json.dumps(name)}:"
            yield from _pieces(value, levels - 1)
        yield "}"
    elif levels and data and isinstance(data, list):
        for number, value in enumerate(data):
            yield "," if number else "["
            yield from _pieces(value, levels - 1)
        yield "]"
    else:
        yield json.dumps(data, ensure_ascii=False, separators=(",", ":"))
