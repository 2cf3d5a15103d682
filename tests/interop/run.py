"""Run the suite on independent servers and compare with the deviations that were triaged by hand.

    python tests/interop/run.py [SERVER ...]

``deviations/<server>.toml`` has a table for each verdict (failed, warned, blocked) of ``id = "why it is true"``.
A deviation that is not listed, or that is listed and no longer shows, is printed and fails; only what the table
``unsteady`` lists may show or not, since it hangs on the time that passes between two requests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from servers import SERVERS, TOKEN, Server

_VERDICTS = ("failed", "warned", "blocked")


def judged(server: Server, work: Path) -> dict[str, set[str]]:
    """Run the suite on a server and return the ids of the requirements with each verdict that is not a good one."""
    output = work / server.name / "report"
    with server.running(work) as url:
        command = [
            Path(sys.executable).with_name("scim-conformance"),
            "run",
            url,
            "--seed",
            "interop",
            "--output",
            str(output),
        ]
        done = subprocess.run(
            command, env={**os.environ, "SCIM_TOKEN": TOKEN}, capture_output=True, text=True, check=False
        )
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{server.name}: the suite ended with {done.returncode}\n{done.stdout}{done.stderr}")
    report = json.loads((output / "report.json").read_text())
    verdicts = {i: r["verdict"] for i, r in report["requirements"].items()}
    print(f"{server.name}: {report['sentence']} ({report['requests']} requests, {report['duration']} s)")
    return {verdict: {i for i, v in verdicts.items() if v == verdict} for verdict in _VERDICTS}


def differences(server: Server, found: dict[str, set[str]]) -> list[str]:
    """Return a line for each deviation that is new or gone."""
    listed = tomllib.loads(server.deviations.read_text()) if server.deviations.is_file() else {}
    lines, unsteady = [], set(listed.get("unsteady", {}))
    for verdict in _VERDICTS:
        known = set(listed.get(verdict, {}))
        lines += [f"{server.name}: new: {verdict} {i}" for i in sorted(found[verdict] - known - unsteady)]
        lines += [f"{server.name}: gone: {verdict} {i}" for i in sorted(known - found[verdict])]
    return lines


def main(names: list[str]) -> int:
    """Run the named servers, or all. Return the exit code."""
    work = Path(os.environ.get("INTEROP_FOLDER") or Path(tempfile.gettempdir()) / "scim-conformance-interop")
    lines = []
    for server in SERVERS:
        if not names or server.name in names:
            lines += differences(server, judged(server, work))
    print(*lines, sep="\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
