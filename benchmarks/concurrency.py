"""What concurrency buys: the same run on the reference tenant 50 ms away, side by side, in one table.

    python benchmarks/concurrency.py [--latency MS] [--rounds N]

The tenant runs in a process of its own. *Limit* is requests times latency by concurrency: no run can be faster.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = Path(sys.executable).with_name("scim-conformance")
TOKEN = "benchmark-token"
CONCURRENCIES = (8, 1)


@dataclass(frozen=True)
class Timing:
    """One run; times in seconds."""

    wall: float
    first_request: float
    requests: int
    checks: int
    report_bytes: int


@contextmanager
def tenant(latency: int) -> Iterator[str]:
    """Serve the reference tenant and yield its Tenant URL."""
    command = [COMMAND, "serve", "--port", "0", "--token", TOKEN, "--latency", str(latency), "--seed-users", "12"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = None
        while url is None:
            url = re.search(r"https?://\S+", process.stdout.readline())
        try:
            yield url[0]
        finally:
            process.terminate()


def measure(url: str, concurrency: int) -> Timing:
    """Run the suite once."""
    with tempfile.TemporaryDirectory() as folder:
        command = [COMMAND, "run", url, "--concurrency", str(concurrency), "--output", folder, "--seed", "benchmark"]
        started = time.time()
        done = subprocess.run(command, env={**os.environ, "SCIM_TOKEN": TOKEN}, capture_output=True, check=False)
        wall = time.time() - started
        if done.returncode != 0:
            raise SystemExit(done.stdout.decode() + done.stderr.decode())
        report = json.loads((Path(folder) / "report.json").read_text())
        first = min(exchange["started"] for exchange in report["exchanges"]) - started
        size = (Path(folder) / "report.html").stat().st_size
    return Timing(wall, first, report["requests"], len(report["results"]), size)


def main() -> None:
    """Measure, alternating, and print medians and the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    timings: dict[int, list[Timing]] = {concurrency: [] for concurrency in CONCURRENCIES}
    with tenant(options.latency) as url:
        for number in range(1, options.rounds + 1):
            for concurrency in CONCURRENCIES:
                print(f"round {number} of {options.rounds}, {concurrency} at once", file=sys.stderr, flush=True)
                timings[concurrency].append(measure(url, concurrency))
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(f"latency {options.latency} ms, medians of {options.rounds}")
    print("concurrency  requests  checks  first request s  wall s  limit s  wall/limit")
    walls = {}
    for concurrency, rounds in timings.items():
        walls[concurrency] = statistics.median(t.wall for t in rounds)
        first = statistics.median(t.first_request for t in rounds)
        limit = rounds[0].requests * options.latency / 1000 / concurrency
        ratio = f"{walls[concurrency] / limit:.2f}" if limit else "none"
        print(
            f"{concurrency:11}  {rounds[0].requests:8}  {rounds[0].checks:6}  {first:15.2f}  {walls[concurrency]:6.1f}"
            f"  {limit:7.1f}  {ratio:>10}"
        )
    fast, slow = CONCURRENCIES
    print(f"{fast} at once is {walls[slow] / walls[fast]:.1f} times as fast as one by one")
    print(f"report.html: {timings[fast][0].report_bytes / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
