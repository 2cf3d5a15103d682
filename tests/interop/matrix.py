"""Write docs/implementations.md: what the runs on the independent servers found, feature by feature.

    tox run -e implementations

runs the suite on all servers, compares with the triaged deviations, and writes the page from the reports of the runs.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from servers import HERE, SERVERS, Server

from conformance.checks.verdict import Verdict
from conformance.reporting.outline import Outline
from conformance.spec.requirements import catalogue, features

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "implementations.md"
_SHOWN = (Verdict.PASSED, Verdict.FAILED, Verdict.WARNED, Verdict.NOTED, Verdict.BLOCKED, Verdict.NOT_APPLICABLE)
_TOLD = (Verdict.FAILED, Verdict.WARNED, Verdict.BLOCKED)
_BROKEN = {Verdict.FAILED, Verdict.WARNED}
_METHOD = (
    "Written by `tox run -e implementations`. Every deviation was read in its exchange and judged against the clause "
    "by hand; a run in which one is new or gone fails."
)


@dataclass(frozen=True)
class Judged:
    """A server and the run on it."""

    server: Server
    outline: Outline

    def counts(self, feature: str = "") -> Counter[Verdict]:
        """Return how many requirements, of a feature or of all, have each verdict."""
        return Counter(v for i, v in self.outline.requirements.items() if feature in {"", catalogue()[i].feature})

    @cached_property
    def reasons(self) -> dict[str, dict[str, str]]:
        """Why each deviation is a true finding, by verdict and requirement."""
        found: dict[str, dict[str, str]] = tomllib.loads(self.server.deviations.read_text(encoding="utf-8"))
        return found

    @property
    def packages(self) -> str:
        """What was installed, with the versions."""
        if self.server.requirements:
            return ", ".join(self.server.requirements)
        wanted = json.loads((HERE / self.server.folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
        return ", ".join(f"{name} {version}" for name, version in wanted.items())


def exercised(runs: Sequence[Judged]) -> str:
    """Return in a sentence how many requirements some server keeps, some server breaks, and both."""
    seen: dict[str, set[Verdict]] = {}
    for run in runs:
        for identifier, verdict in run.outline.requirements.items():
            seen.setdefault(identifier, set()).add(verdict)
    kept = {i for i, verdicts in seen.items() if verdicts & {Verdict.PASSED, Verdict.NOTED}}
    broken = {i for i, verdicts in seen.items() if verdicts & _BROKEN}
    total = sum(not requirement.client for requirement in catalogue().values())
    return (
        f"Of {total} requirements of the RFCs, {_share(kept, total)} are kept by at least one of these servers, "
        f"{_share(broken, total)} are broken by at least one, and {_share(kept & broken, total)} are both."
    )


def _share(some: Collection[str], total: int) -> str:
    return f"{len(some)} ({100 * len(some) // total} %)"


def page(runs: Sequence[Judged]) -> Iterator[str]:
    """Yield the lines of the page."""
    outline = runs[0].outline
    yield from (
        "# Implementations",
        "",
        f"Independent servers, judged by scim-conformance {outline.suite} on {outline.started[:10]}. {_METHOD}",
        "",
        exercised(runs),
        "",
        "Requirements, each with its worst verdict:",
        "",
        *_table(("server", *map(str, _SHOWN)), ((_name(r), *(str(r.counts()[v]) for v in _SHOWN)) for r in runs)),
        "",
    )
    yield from (f"- **{run.server.name}**: {run.packages}. {run.outline.sentence}{_evidence(run)}" for run in runs)
    yield from ("", "## Features", "", "Passed / failed / warned / blocked; empty where a feature is not offered.", "")
    rows = ((feature, *(_cell(run.counts(feature)) for run in runs)) for feature in features(catalogue().values()))
    yield from _table(("feature", *(run.server.name for run in runs)), (row for row in rows if any(row[1:])))
    for run in (run for run in runs if not run.server.same_as):
        yield from ("", f"## {run.server.name}")
        for verdict in _TOLD:
            yield from _deviations(run, verdict)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _name(run: Judged) -> str:
    name = run.server.same_as or run.server.name
    return f"[{run.server.name}](#{name})"


def _cell(counts: Counter[Verdict]) -> str:
    numbers = [counts[verdict] for verdict in (Verdict.PASSED, *_TOLD)]
    return " / ".join(map(str, numbers)) if any(numbers) else ""


def _evidence(run: Judged) -> str:
    recording = Path("fixtures", "recorded", f"{run.server.name}.har.gz")
    return f" Evidence: `scim-conformance judge {recording}`." if (ROOT / recording).is_file() else ""


def _deviations(run: Judged, verdict: Verdict) -> Iterator[str]:
    reasons = run.reasons.get(str(verdict), {})
    if reasons:
        yield from ("", f"### {run.server.name}: {verdict}", "")
    for identifier, reason in sorted(reasons.items(), key=lambda item: catalogue()[item[0]].order):
        yield f"- [{identifier}]({catalogue()[identifier].url}): {reason}"


def main() -> int:
    """Write the page from the reports of the last runs, and say how much they exercise."""
    work = Path(os.environ.get("INTEROP_FOLDER") or Path(tempfile.gettempdir()) / "scim-conformance-interop")
    runs = [Judged(server, Outline.read(work / server.name / "report")) for server in SERVERS]
    PAGE.write_text("\n".join(page(runs)) + "\n", encoding="utf-8")
    print(exercised(runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
