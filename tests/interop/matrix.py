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
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from servers import HERE, SERVERS, Server

from conformance.checks.verdict import Verdict
from conformance.coverage import coverage
from conformance.prove import Prover
from conformance.reference.faults.registry import faults
from conformance.reporting.outline import Outline
from conformance.spec.requirements import catalogue, features

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "implementations.md"
_SHOWN = (Verdict.PASSED, Verdict.FAILED, Verdict.WARNED, Verdict.NOTED, Verdict.BLOCKED, Verdict.NOT_APPLICABLE)
_TOLD = (Verdict.FAILED, Verdict.WARNED, Verdict.BLOCKED)
_KEPT = {Verdict.PASSED, Verdict.NOTED}
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

    def having(self, verdicts: Collection[Verdict]) -> set[str]:
        """Return the requirements of the RFCs that have one of these verdicts."""
        return {i for i, v in self.outline.requirements.items() if v in verdicts} & _of_the_rfcs()

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


def exercised(runs: Sequence[Judged]) -> Iterator[str]:
    """Yield how many requirements some server keeps, some breaks, and both; then the same with the proof's tenants."""
    kept, broken = (set[str]().union(*(run.having(some) for run in runs)) for some in (_KEPT, _BROKEN))
    yield (
        f"**Real servers:** of {len(_of_the_rfcs())} requirements of the RFCs, {_share(kept)} are kept by at least one "
        f"of these servers, {_share(broken)} are broken by at least one, and {_share(kept & broken)} are both."
    )
    kept |= {i for o in Prover().right.outcomes.values() if o.verdict in _KEPT for i in o.judged} & _of_the_rfcs()
    broken |= coverage().proven & _of_the_rfcs()
    yield (
        "**With the reference tenant:** together with the reference tenant, which is built to keep the RFCs, and its "
        f"{len(faults())} faults, each of which is built to break what it names, {_share(kept & broken)} requirements "
        "are exercised by a server that passes and by one that fails."
    )


@cache
def _of_the_rfcs() -> frozenset[str]:
    return frozenset(requirement.id for requirement in catalogue().values() if not requirement.client)


def _share(some: Collection[str]) -> str:
    return f"{len(some)} ({100 * len(some) // len(_of_the_rfcs())} %)"


def page(runs: Sequence[Judged], sentences: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the page, in which the sentences say how much the runs exercise."""
    outline = runs[0].outline
    yield from (
        "# Implementations",
        "",
        f"Independent servers, judged by scim-conformance {outline.suite} on {outline.started[:10]}. {_METHOD}",
        "",
        *(line for sentence in sentences for line in (sentence, "")),
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
        for verdict in (*_TOLD, "unsteady"):
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


def _deviations(run: Judged, verdict: str) -> Iterator[str]:
    reasons = run.reasons.get(str(verdict), {})
    if reasons:
        yield from ("", f"### {run.server.name}: {verdict}", "")
    for identifier, reason in sorted(reasons.items(), key=lambda item: catalogue()[item[0]].order):
        yield f"- [{identifier}]({catalogue()[identifier].url}): {reason}"


def main() -> int:
    """Write the page from the reports of the last runs, and say how much they exercise."""
    work = Path(os.environ.get("INTEROP_FOLDER") or Path(tempfile.gettempdir()) / "scim-conformance-interop")
    runs = [Judged(server, Outline.read(work / server.name / "report")) for server in SERVERS]
    sentences = list(exercised(runs))
    PAGE.write_text("\n".join(page(runs, sentences)) + "\n", encoding="utf-8")
    print(*sentences, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
