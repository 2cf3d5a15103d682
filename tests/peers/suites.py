"""The conformance suites of others: what to install, at which version, and how to ask them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from environments import python_environment

HERE = Path(__file__).parent
_SECONDS = 300


@dataclass(frozen=True)
class Finding:
    """Something that a suite holds against the tenant: the name of its test and what it says."""

    suite: str
    test: str
    says: str


@dataclass(frozen=True)
class Suite:
    """A suite, installed into an environment of its own, that writes ``{"results": [{name, status, message}]}``.

    ``{bin}`` in the command is the environment's folder of programs. ``passes`` are the statuses that are no findings;
    fewer results than ``least`` mean that it broke off.
    """

    name: str
    requirements: tuple[str, ...]
    command: tuple[str, ...]
    passes: frozenset[str]
    least: int

    def findings(self, work: Path, url: str, token: str) -> list[Finding]:
        """Install the suite below a folder, run it on a tenant and return what it found. Raises RuntimeError."""
        home = work / self.name
        home.mkdir(parents=True, exist_ok=True)
        programs = python_environment(home, self.requirements)
        line = [part.format(bin=programs, here=HERE, url=url, token=token) for part in self.command]
        done = subprocess.run(
            line, cwd=home, env=os.environ | {"HOME": str(home)}, capture_output=True, text=True, timeout=_SECONDS,
            check=False,
        )  # fmt: skip
        try:
            results = json.loads(done.stdout)["results"]
        except (ValueError, KeyError):
            raise RuntimeError(f"{self.name} ended with {done.returncode}\n{done.stdout}{done.stderr}") from None
        print(f"{self.name}: {len(results)} results")
        if len(results) < self.least:
            raise RuntimeError(f"{self.name} has only {len(results)} results: it broke off")
        return [
            Finding(self.name, result["name"], result.get("message") or "")
            for result in results
            if result["status"] not in self.passes
        ]


SUITES = (
    Suite(
        "scim2-tester",
        ("scim2-tester==0.5.2", "scim2-client[httpx2]==0.13.2", "scim2-models==0.12.3"),
        ("{bin}/python", "{here}/ask_scim2_tester.py", "{url}", "{token}"),
        frozenset({"SUCCESS", "COMPLIANT", "ACCEPTABLE", "SKIPPED"}),
        least=130,
    ),
    Suite(
        "scim-sanity",
        ("scim-sanity==0.7.4",),
        ("{bin}/scim-sanity", "probe", "{url}", "--token", "{token}", "--i-accept-side-effects", "--json-output"),
        frozenset({"pass", "skip"}),
        least=30,
    ),
)
