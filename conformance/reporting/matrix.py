"""The matrix: what many tenants make of each requirement, as a page, as Markdown and as data."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.config import InvalidConfiguration
from conformance.reporting.files import write_pages
from conformance.reporting.html import SYMBOLS, render_template
from conformance.reporting.markdown import code, section, table
from conformance.reporting.outline import Outline
from conformance.reporting.result import BAD
from conformance.spec.json_schema import BASE
from conformance.spec.requirements import Requirement, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.checks.verdict import Verdict

FORMAT = 1  # of matrix.json; it changes when what stood there means something else


class Column(NamedTuple):
    """One tenant. ``report`` is the path of its page from where the matrix is; without an outline ``said`` says why."""

    name: str
    report: str
    outline: Outline | None
    said: str = ""

    @property
    def sentence(self) -> str:
        """What became of the tenant."""
        return self.outline.sentence if self.outline else self.said

    def to_dict(self) -> dict[str, Any]:
        """Return the column as JSON data."""
        found = {"name": self.name, "report": self.report, "sentence": self.sentence}
        if self.outline is None:
            return found
        counts = {str(verdict): count for verdict, count in self.outline.counts.items()}
        outline = self.outline
        return found | {"tenant": outline.tenant, "started": outline.started, "suite": outline.suite, "counts": counts}


class Row(NamedTuple):
    """One requirement and the verdict of each tenant; None where it was not judged."""

    requirement: Requirement
    verdicts: tuple[Verdict | None, ...]

    @property
    def bad(self) -> bool:
        """Whether some tenant breaks it, or could not be asked."""
        return any(verdict in BAD for verdict in self.verdicts)

    @property
    def uneven(self) -> bool:
        """Whether the tenants that were judged by it differ."""
        return len({verdict for verdict in self.verdicts if verdict}) > 1


@dataclass(frozen=True)
class Matrix:
    """The tenants side by side."""

    columns: tuple[Column, ...]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every requirement that some tenant was judged by, in the order of the catalogue."""
        judged = [column.outline.requirements if column.outline else {} for column in self.columns]
        return tuple(
            Row(requirement, tuple(verdicts.get(identifier) for verdicts in judged))
            for identifier, requirement in catalogue().items()
            if any(identifier in verdicts for verdicts in judged)
        )

    @property
    def sound(self) -> bool:
        """Whether every tenant was judged and none breaks anything."""
        return all(column.outline for column in self.columns) and not any(row.bad for row in self.rows)

    @property
    def sentence(self) -> str:
        """The matrix in one sentence."""
        bad, uneven = sum(row.bad for row in self.rows), sum(row.uneven for row in self.rows)
        silent = sum(column.outline is None for column in self.columns)
        aside = f" {silent} of the tenants could not be judged." if silent else ""
        return (
            f"{len(self.columns)} tenants, {len(self.rows)} requirements: {bad} are broken somewhere, "
            f"in {uneven} the tenants differ.{aside}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the matrix as JSON data."""
        names = [column.name for column in self.columns]
        return {
            "$schema": f"{BASE}matrix.schema.json",
            "format": FORMAT,
            "tenants": [column.to_dict() for column in self.columns],
            "requirements": {
                row.requirement.id: {name: str(v) for name, v in zip(names, row.verdicts, strict=True) if v}
                for row in self.rows
            },
        }

    def to_html(self) -> str:
        """Return the matrix as one page."""
        return render_template("matrix.html.j2", matrix=self)

    def to_markdown(self) -> str:
        """Return the matrix as Markdown: all tenants, and the requirements that some of them break."""
        broken = [row for row in self.rows if row.bad]
        shown = [verdict for verdict in SYMBOLS if any(c.outline and c.outline.counts[verdict] for c in self.columns)]
        blocks = [
            "# SCIM 2.0 conformance of many tenants",
            f"**{self.sentence}**",
            table(("tenant", *map(str, shown)), (_counts(column, shown) for column in self.columns)),
            *section("Tenants", (f"- {code(c.name)}: {escape(c.sentence, quote=False)}" for c in self.columns)),
            *section("Broken somewhere", (_line(row, self.columns) for row in broken)),
        ]
        return "\n\n".join(blocks) + "\n"


def collect(reports: Iterable[Path], folder: Path) -> Matrix:
    """Return the matrix of finished runs, each named for the folder its report.json is in.

    ``folder`` is where the matrix will be. Raises InvalidConfiguration for a report that cannot be read, and where two
    have one name.
    """
    columns: dict[str, Column] = {}
    for report in reports:
        home = report.resolve() if report.is_dir() else report.resolve().parent
        if home.name in columns:
            raise InvalidConfiguration(f"two of the reports lie in a folder of the name {home.name}; rename one")
        page = Path(os.path.relpath(home / "report.html", folder.resolve()))
        columns[home.name] = Column(home.name, page.as_posix(), Outline.read(report))
    return Matrix(tuple(columns.values()))


def write(matrix: Matrix, folder: Path) -> list[Path]:
    """Write ``matrix.html``, ``matrix.md`` and ``matrix.json`` into a folder. Raises InvalidConfiguration."""
    pages = {
        "matrix.html": matrix.to_html(),
        "matrix.md": matrix.to_markdown(),
        "matrix.json": json.dumps(matrix.to_dict(), ensure_ascii=False, separators=(",", ":")),
    }
    try:
        return write_pages(folder, pages)
    except OSError as error:
        raise InvalidConfiguration(f"the matrix cannot be written to {folder}: {error.strerror}") from None


def _counts(column: Column, shown: Iterable[Verdict]) -> tuple[str, ...]:
    return (code(column.name), *(str(column.outline.counts[v]) if column.outline else "" for v in shown))


def _line(row: Row, columns: Iterable[Column]) -> str:
    told = ", ".join(f"{code(c.name)} {v}" for c, v in zip(columns, row.verdicts, strict=True) if v)
    return f"- [{row.requirement.id}]({row.requirement.url}): {told}"
