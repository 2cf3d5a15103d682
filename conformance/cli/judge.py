"""``judge``: the verdicts on a stored run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.options import reporting_options
from conformance.cli.reported import judged
from conformance.config import load


@click.command()
@click.argument("evidence", type=click.Path(path_type=Path, dir_okay=False))
@reporting_options
def judge(evidence: Path, **given: Any) -> int:
    """Judge a stored run again, without its tenant.

    EVIDENCE is the evidence.har of a run, gzipped or not. It says what the run was told, so that there is nothing to
    repeat here; only what becomes of the verdicts is asked for anew. Checks whose evidence the file lacks are blocked.
    Exit status as that of run.
    """
    from conformance.replay import Replay  # noqa: PLC0415
    from conformance.reporting.har import read  # noqa: PLC0415

    settings = load(given)
    recording = read(evidence)
    return judged(Replay(recording, settings), recording.keyword, sends=False)
