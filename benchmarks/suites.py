"""This suite and those of others, side by side: the same servers, near and far away, in one table.

    tox run -e benchmark -- [--rounds N] [--server NAME]... [--latency MS]... [--faults N] [--output FILE]

Each suite runs alone, in a process of its own, through a proxy that adds the latency and counts the requests, and the
suites take turns. *Judged* are the results that a suite did not skip: requirements here, tests with the others. A fault
is *noticed* where a suite holds something against the faulty reference tenant that it accepts from the right one.
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
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from peers import SUITES, Suite
from proxy import proxied
from servers import SERVERS, TOKEN

from conformance.config import Settings
from conformance.reference.faults.registry import faults

if TYPE_CHECKING:
    import resource
    from collections.abc import Iterator, Mapping, Sequence

COMMAND = Path(sys.executable).with_name("scim-conformance")
REFERENCE = "reference tenant"
OURS = "scim-conformance"
_SKIPPED = {"skip", "skipped"}
_LATENCIES = (0, 50, 200)
_ALL_KNOW = ("RFC7643-", "RFC7644-")
_NEAR = 50  # ms; further away a suite that asks one by one takes its requests times the latency, every time
_TICK = 0.02  # seconds between two looks at a process
# What this suite is held to: seconds to the first request, wall time by the limit and seconds on top, ms, MB.
_FIRST, _FACTOR, _EXTRA, _CPU, _MEMORY = 0.6, 1.3, 1.5, 3, 150
_HEAD = (
    "suite", "judged", "findings", "requests", "wall s", "CPU s", "memory MB", "judged/s", "judged/request",
    "wall : ours",
)  # fmt: skip


class Outcome(NamedTuple):
    """What a suite made of a server: how much it judged, and the names of what it holds against the server.

    ``remarks`` are the findings and what breaks no more than a MAY, which nothing holds against it. ``checks`` are the
    tests by which it judged, where these are not what is counted as judged.
    """

    judged: int
    findings: frozenset[str]
    remarks: frozenset[str]
    checks: int = 0


@dataclass(frozen=True)
class Contender:
    """A suite in the benchmark; without ``peer`` it is this one."""

    name: str
    work: Path
    peer: Suite | None = None

    def line(self, url: str, output: Path) -> list[str]:
        """Return the command line that asks a tenant."""
        if self.peer:
            return self.peer.line(self.work, url, TOKEN)
        return [str(COMMAND), "run", url, "--seed", "benchmark", "--output", str(output)]

    def outcome(self, output: Path) -> Outcome:
        """Read what the suite wrote to its standard output, or into that folder."""
        if self.peer:
            results = self.peer.results((output / "stdout").read_text(encoding="utf-8"))
            judged = sum(result["status"].lower() not in _SKIPPED for result in results)
            findings = frozenset(finding.test for finding in self.peer.findings_in(results))
            return Outcome(judged, findings, findings)
        report = json.loads((output / "report.json").read_text(encoding="utf-8"))
        verdicts = {identifier: found["verdict"] for identifier, found in report["requirements"].items()}
        judged = sum(verdict not in {"not applicable", "blocked"} for verdict in verdicts.values())
        findings = frozenset(i for i, verdict in verdicts.items() if verdict in {"failed", "warned"})
        remarks = frozenset(i for result in report["results"] if result["broken"] for i in result["requirements"])
        checks = sum(result["verdict"] not in {"not applicable", "blocked"} for result in report["results"])
        return Outcome(judged, findings, findings | remarks, checks)


@dataclass(frozen=True)
class Timing:
    """One run: times in seconds, the first request counted from the start; memory in bytes at its peak."""

    outcome: Outcome
    requests: int
    wall: float
    cpu: float
    memory: int
    first_request: float


def timed(contender: Contender, url: str, latency: int) -> Timing:
    """Let a suite judge a server that is ``latency`` milliseconds away."""
    with tempfile.TemporaryDirectory() as folder, proxied(url) as (address, proxy):
        output = Path(folder)
        line = contender.line(address, output)
        proxy.latency = latency / 1000
        environment = os.environ | {"SCIM_TOKEN": TOKEN, "HOME": folder}
        with (output / "stdout").open("wb") as stdout, (output / "stderr").open("wb") as stderr:
            started = time.monotonic()
            process = subprocess.Popen(line, cwd=folder, env=environment, stdout=stdout, stderr=stderr)
            used, memory = _ended(process.pid)
            wall = time.monotonic() - started
        try:
            outcome = contender.outcome(output)
        except (OSError, RuntimeError) as error:
            raise SystemExit(f"{contender.name}: {error}\n{(output / 'stderr').read_text()[-2000:]}") from None
    return Timing(outcome, proxy.requests, wall, used.ru_utime + used.ru_stime, memory, proxy.first - started)


def _ended(pid: int) -> tuple[resource.struct_rusage, int]:
    """Wait for a process; return what it used, and its peak of memory in bytes.

    That of its resource usage would be the benchmark's own where that is larger: a child begins as a copy of it.
    """
    peak = 0
    while True:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
        peak = int(found[1]) * 1024 if found else peak
        done, _, used = os.wait4(pid, os.WNOHANG)
        if done:
            return used, peak
        time.sleep(_TICK)


@contextmanager
def reference(*options: str) -> Iterator[str]:
    """Serve the reference tenant in a process of its own, as all the suites can work with it; yield its Tenant URL."""
    plain = ["--seed-users", "3", "--specimens", "none", "--without", "async"]
    command = [COMMAND, "serve", "--port", "0", "--token", TOKEN, *plain, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield next(found[0] for line in process.stdout if (found := re.search(r"https?://\S+", line)))
        finally:
            process.terminate()


@contextmanager
def server(name: str, work: Path) -> Iterator[str]:
    """Start a server, as new; yield its Tenant URL."""
    if name == REFERENCE:
        with reference() as url:
            yield url
        return
    with next(each for each in SERVERS if each.name == name).running(work) as url:
        yield url


def noticed(contenders: Sequence[Contender], count: int) -> dict[str, int]:
    """Return how many faults each suite notices, of ``count`` spread evenly over those that break RFC 7643 or 7644."""
    known = sorted(name for name, fault in faults().items() if any(i.startswith(_ALL_KNOW) for i in fault.breaks))
    chosen = [known[number * len(known) // count] for number in range(count)]
    found = dict.fromkeys((contender.name for contender in contenders), 0)
    for contender in contenders:
        with reference() as url:
            right = timed(contender, url, 0).outcome.remarks
        for number, name in enumerate(chosen, start=1):
            tell(f"{contender.name}: fault {number} of {count}")
            with reference("--fault", name) as url:
                found[contender.name] += _notices(contender, url, right)
    return found


def _notices(contender: Contender, url: str, right: frozenset[str]) -> bool:
    try:
        return bool(timed(contender, url, 0).outcome.remarks - right)
    except SystemExit:
        return True  # A suite that gives up on the tenant has noticed.


def table(timings: dict[str, list[Timing]]) -> list[str]:
    """Return the medians of each suite as a Markdown table; the last column compares its wall time with ours."""
    lines = [f"| {' | '.join(_HEAD)} |", f"|{' --- |' * len(_HEAD)}"]
    ours = statistics.median(timing.wall for timing in timings[OURS])
    for name, rounds in timings.items():
        wall, cpu = (statistics.median(getattr(timing, key) for timing in rounds) for key in ("wall", "cpu"))
        memory, requests = (statistics.median(getattr(t, key) for t in rounds) for key in ("memory", "requests"))
        judged = statistics.median(timing.outcome.judged for timing in rounds)
        held = statistics.median(len(timing.outcome.findings) for timing in rounds)
        lines.append(
            f"| {name} | {judged:.0f} | {held:.0f} | {requests:.0f} | {wall:.1f} | {cpu:.1f} | {memory / 1e6:.0f} "
            f"| {judged / wall:.1f} | {judged / requests:.2f} | {wall / ours:.2f} |"
        )
    return lines


def measured(contenders: Sequence[Contender], name: str, latency: int, rounds: int) -> dict[str, list[Timing]]:
    """Let the suites take turns on a server, those of others only once where it is far away; return the timings."""
    timings: dict[str, list[Timing]] = {contender.name: [] for contender in contenders}
    for number in range(1, rounds + 1):
        for contender in contenders if number == 1 or latency <= _NEAR else contenders[:1]:
            tell(f"{name}, {latency} ms away, round {number} of {rounds}: {contender.name}")
            with server(name, contender.work) as url:
                timings[contender.name].append(timed(contender, url, latency))
    return timings


def held_to(timings: Mapping[tuple[str, int], Sequence[Timing]]) -> list[str]:
    """Return the section that compares this suite's medians, by server and latency, with what it is held to.

    *Limit* is requests times latency by concurrency: no run can be faster.
    """
    concurrency = Settings(tenant_url="").concurrency
    goals = (
        f"Goals: the first request within {_FIRST} s of the start, a wall time of {_FACTOR} times the limit and "
        f"{_EXTRA} s, {_CPU} ms of CPU for each check that is judged, {_MEMORY} MB."
    )
    lines = [
        "## This suite against its limits",
        "",
        goals,
        "",
        "| server | ms away | first request s | wall s | limit s | wall : goal | CPU ms/check | memory MB |",
        f"|{' --- |' * 8}",
    ]
    for (name, latency), rounds in timings.items():
        limit = statistics.median(timing.requests for timing in rounds) * latency / 1000 / concurrency
        first, wall = (statistics.median(getattr(t, key) for t in rounds) for key in ("first_request", "wall"))
        cpu = statistics.median(1000 * timing.cpu / timing.outcome.checks for timing in rounds)
        memory = statistics.median(timing.memory for timing in rounds)
        goal = f"{wall / (_FACTOR * limit + _EXTRA):.2f}" if latency else "none"
        lines.append(
            f"| {name} | {latency} | {first:.2f} | {wall:.1f} | {limit:.1f} | {goal} | {cpu:.2f} | {memory / 1e6:.0f} |"
        )
    return [*lines, ""]


def tell(text: str) -> None:
    """Say on standard error how far the benchmark is, and since when that is so."""
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def described(rounds: int) -> list[str]:
    """Return the head of the page: what was measured, when and on what."""
    versions = "; ".join(f"{suite.name} ({', '.join(suite.requirements)})" for suite in SUITES)
    machine = f"{platform.system()} on {platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    return [
        "# Benchmark",
        "",
        "Written by `tox run -e benchmark`; `benchmarks/suites.py` says what is measured, and how.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}, {machine}, load {os.getloadavg()[0]:.1f} when it began",
        f"- medians of {rounds}; the suites of others ran once where the server is more than {_NEAR} ms away",
        f"- beside this suite: {versions}",
        "",
    ]


def main() -> None:
    """Measure, print and, where asked, keep the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--server", action="append", choices=[REFERENCE, *(each.name for each in SERVERS)])
    parser.add_argument("--latency", action="append", type=int)
    parser.add_argument("--faults", type=int, default=20, help="how many of the reference tenant's faults; 0 for none")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    work = Path(os.environ.get("BENCHMARK_FOLDER") or Path(tempfile.gettempdir()) / "scim-conformance-benchmark")
    contenders = [Contender(OURS, work), *(Contender(suite.name, work, suite) for suite in SUITES)]
    lines = described(options.rounds)
    own: dict[tuple[str, int], list[Timing]] = {}
    for name in options.server or (REFERENCE, "scim2-server", "scimmy"):
        for latency in options.latency or _LATENCIES:
            timings = measured(contenders, name, latency, options.rounds)
            own[name, latency] = timings[OURS]
            section = [f"## {name}, {latency} ms away", "", *table(timings), ""]
            print(*section, sep="\n", flush=True)
            lines += section
    section = held_to(own)
    print(*section, sep="\n", flush=True)
    lines += section
    if options.faults:
        found = noticed(contenders, options.faults)
        section = ["## Seeded faults noticed", "", "| suite | noticed |", "| --- | --- |"]
        section += [f"| {name} | {count} of {options.faults} |" for name, count in found.items()]
        print(*section, sep="\n")
        lines += section
    if options.output:
        options.output.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
