"""The conformance suites of others: what to install, at which version, and how to ask them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from environments import python_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
    fewer results than ``least`` for the reference tenant mean that it broke off.
    """

    name: str
    requirements: tuple[str, ...]
    command: tuple[str, ...]
    passes: frozenset[str]
    least: int

    def line(self, work: Path, url: str, token: str) -> list[str]:
        """Install the suite below a folder and return the command line that asks a tenant."""
        programs = python_environment(self.home(work), self.requirements)
        return [part.format(bin=programs, here=HERE, url=url, token=token) for part in self.command]

    def home(self, work: Path) -> Path:
        """Return the suite's folder, which is also its home directory."""
        home = work / self.name
        home.mkdir(parents=True, exist_ok=True)
        return home

    def results(self, output: str) -> list[dict[str, str]]:
        """Read what the suite wrote. Raises RuntimeError where that is nothing."""
        try:
            results: list[dict[str, str]] = json.loads(output)["results"]
        except (ValueError, KeyError):
            raise RuntimeError(f"{self.name} broke off\n{output}") from None
        return results

    def findings_in(self, results: Iterable[Mapping[str, str]]) -> list[Finding]:
        """Return the results that are held against the tenant."""
        return [
            Finding(self.name, r["name"], r.get("message") or "") for r in results if r["status"] not in self.passes
        ]

    def findings(self, work: Path, url: str, token: str) -> list[Finding]:
        """Install the suite below a folder, run it on a tenant and return what it found. Raises RuntimeError."""
        home = self.home(work)
        done = subprocess.run(
            self.line(work, url, token), cwd=home, env=os.environ | {"HOME": str(home)}, capture_output=True, text=True,
            timeout=_SECONDS, check=False,
        )  # fmt: skip
        results = self.results(done.stdout or done.stderr)
        if len(results) < self.least:
            raise RuntimeError(f"{self.name} has only {len(results)} results: it broke off")
        print(f"{self.name}: {len(results)} results")
        return self.findings_in(results)


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
