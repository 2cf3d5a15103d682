"""Whatever a server does, a run ends in time, in bounds and in words."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from behaviours import BEHAVIOURS
from commands import COMMAND
from hostile import serving
from people import TOKEN

MINUTES = 0.25
# The bound of docs/safety.md, and what starting, judging and writing reports take beside that on a busy machine.
MOST_SECONDS = 2 * MINUTES * 60 + 60


def run(url: str, effort: str, folder: Path) -> tuple[int, str, float, float]:
    """Return the exit status, all output, the seconds and the most megabytes of a run."""
    clock = time.monotonic()
    options = ("--timeout", "0.8", "--max-minutes", str(MINUTES), "--effort", effort, "--output", "out")
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [COMMAND, "run", url, *options, "--report", "html,json,junit,md,har"],
            cwd=folder,
            env={**os.environ, "SCIM_TOKEN": TOKEN},
            stdout=said,
            stderr=said,
        )
    megabytes = 0.0
    while process.poll() is None:
        megabytes = max(megabytes, peak(process.pid))
        if time.monotonic() - clock > MOST_SECONDS:
            process.kill()
        time.sleep(0.05)
    return process.returncode, (folder / "said").read_text("utf-8", "replace"), time.monotonic() - clock, megabytes


def peak(process: int) -> float:
    """Return the most megabytes that a process has had so far; 0 where it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "0 0")
    return int(line.split()[1]) / 1024


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_run_ends_in_time_in_bounds_and_in_words(name: str, tmp_path: Path):
    behaviour = BEHAVIOURS[name]
    with serving(behaviour) as (url, elsewhere):
        code, said, seconds, megabytes = run(url, behaviour.effort, tmp_path)
    print(f"{name}: {code}, {seconds:.0f} s, {megabytes:.0f} MB")
    print(said)
    assert code in behaviour.code
    assert seconds < MOST_SECONDS
    assert megabytes < behaviour.megabytes
    assert elsewhere == [], "credentials or requests went elsewhere"
    assert "Traceback" not in said
    assert "\x1b" not in said
    assert TOKEN not in said
    report = tmp_path / "out" / "report.json"
    told = said + (report.read_text("utf-8") if report.is_file() else "")
    assert behaviour.told in told
    assert report.is_file() or code == 3
