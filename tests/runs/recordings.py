"""Recorded evidence of independent servers: what the checks make of it, and how it is recorded anew.

    python tests/runs/recordings.py [--verdicts] [SERVER ...]

runs the suite on the servers of ``tests/interop`` and stores for each, in ``fixtures/recorded``, the scrubbed evidence
and the verdicts on it. ``test_recorded.py`` judges the evidence and compares. With ``--verdicts`` no server is asked:
the verdicts on the stored evidence are stored anew.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.checks.verdict import Verdict
from conformance.config import Settings
from conformance.data import data_path
from conformance.replay import Replay
from conformance.reporting.findings import case
from conformance.reporting.har import read
from conformance.session import judge_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.reporting.model import Report
    from conformance.reporting.result import Result

FOLDER = data_path("fixtures", "recorded")
_LACKING = "the recording has no "
_INTEROP = Path(__file__).parents[1] / "interop"

# The verdict of each check; by case where the cases differ.
Verdicts = dict[str, "str | dict[str, str]"]


def judge_again(recording: Path) -> Report:
    """Judge a recording with the checks of today."""
    stored = read(recording)
    replay = Replay(stored, Settings())
    replay.open()
    try:
        return judge_all(replay, stored.keyword, lambda *_: None).report
    finally:
        replay.close()


def verdicts(results: Iterable[Result]) -> Verdicts:
    """Return the verdicts on a recording, without those that it lacks the evidence for."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for result in results:
        if not (result.verdict is Verdict.BLOCKED and _LACKING in result.message):
            found[result.check.partition("[")[0]][case(result)] = str(result.verdict)
    return {name: next(iter(cases.values())) if len({*cases.values()}) == 1 else cases
            for name, cases in sorted(found.items())}  # fmt: skip


def differences(stored: Mapping[str, str | Mapping[str, str]], results: Iterable[Result]) -> list[str]:
    """Return a line for each check whose verdict is not the stored one. What was not stored is not compared."""
    lines = []
    for result in results:
        cases = stored.get(result.check.partition("[")[0], {})
        before = cases if isinstance(cases, str) else cases.get(case(result))
        lacking = result.verdict is Verdict.BLOCKED and _LACKING in result.message
        if before and not lacking and result.verdict != before:
            lines.append(f"{result.check}: {before} → {result.verdict}: {result.message}")
    return lines


def scrubbed(text: str, server: str, homes: Iterable[Path]) -> str:
    """Return a HAR without the names of the machine: its address, and the folders in which the server stands."""
    host = urlsplit(json.loads(text)["log"]["_run"]["tenant"]).netloc
    text = text.replace(host, f"{server}.localhost")
    for home in homes:
        text = text.replace(str(home), "/srv")
    return re.sub(r"\b127\.0\.0\.1\b", "192.0.2.1", text)


def record(server: str, har: Path, homes: Iterable[Path]) -> None:
    """Store the evidence of a run."""
    FOLDER.mkdir(exist_ok=True)
    text = scrubbed(har.read_text("utf-8"), server, homes)
    # Without a time in it, the same evidence is the same file.
    (FOLDER / f"{server}.har.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def store_verdicts(server: str) -> None:
    """Store the verdicts on the evidence that is stored, and print those that have changed."""
    evidence, file = FOLDER / f"{server}.har.gz", FOLDER / f"{server}.json"
    report = judge_again(evidence)
    if file.is_file():
        print(*differences(json.loads(file.read_text("utf-8")), report.results), sep="\n")
    file.write_text(json.dumps(verdicts(report.results), indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{server}: {report.sentence} ({evidence.stat().st_size // 1024} KiB)")


def main(names: list[str], *, asking: bool) -> None:
    """Record the named servers, or all; or only judge what is recorded."""
    sys.path.insert(0, str(_INTEROP))
    from run import judged  # noqa: PLC0415
    from servers import SERVERS  # noqa: PLC0415

    work = Path(os.environ.get("INTEROP_FOLDER") or Path(tempfile.gettempdir()) / "scim-conformance-interop")
    for server in SERVERS:
        if names and server.name not in names:
            continue
        if asking:
            judged(server, work)
            home = work / server.name
            record(server.name, home / "report" / "evidence.har", (home, _INTEROP, Path(sys.prefix)))
        store_verdicts(server.name)


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name != "--verdicts"], asking="--verdicts" not in sys.argv)
