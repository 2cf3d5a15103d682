"""Let the conformance suites of others judge the reference tenant.

    python tests/peers/run.py [SUITE ...]

``triaged.toml`` lists what they report wrongly, with the clause that says so. A finding that is not listed, or that is
listed and no longer shows, is printed and fails.
"""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from pathlib import Path

from peers import HERE, SUITES, Finding

from conformance.reference.serve import running
from conformance.reference.tenant import DEFAULT_TOKEN, OPTIONAL, ReferenceTenant

# Everything that the suites can work with (scim2-tester gives up where securityEvents of RFC 9967 are served), and as
# little.
_TENANTS: dict[str, frozenset[str]] = {"full": frozenset({"async"}), "plain": OPTIONAL - {"filter", "patch"}}


def unexpected(tenant: str, findings: list[Finding], suites: list[str]) -> list[str]:
    """Return a line for each finding that is new or gone."""
    listed = [entry for entry in _triaged() if tenant in entry["tenants"] and entry["suite"] in suites]
    lines = [
        f"{tenant}: {finding.suite}: new: {finding.test}: {finding.says}"
        for finding in findings
        if not any(_is(entry, finding) for entry in listed)
    ]
    gone = [entry for entry in listed if not any(_is(entry, finding) for finding in findings)]
    return lines + [f"{tenant}: {entry['suite']}: gone: {entry['test']}: {entry['says']}" for entry in gone]


def _triaged() -> list[dict[str, str]]:
    entries: list[dict[str, str]] = tomllib.loads((HERE / "triaged.toml").read_text(encoding="utf-8"))["triaged"]
    return entries


def _is(entry: dict[str, str], finding: Finding) -> bool:
    return (entry["suite"], entry["test"], entry["says"]) == (finding.suite, finding.test, finding.says)


def main(names: list[str]) -> int:
    """Run the named suites, or all. Return the exit code."""
    work = Path(os.environ.get("PEERS_FOLDER") or Path(tempfile.gettempdir()) / "scim-conformance-peers")
    chosen = [suite for suite in SUITES if not names or suite.name in names]
    passed, lines = 0, []
    for name, without in _TENANTS.items():
        findings = []
        for suite in chosen:
            # Each suite finds the tenant as new, with the resource types that its authors had in mind.
            with running(ReferenceTenant(without=without, seed_users=3, specimens="none")) as url:
                findings += suite.findings(work, url, DEFAULT_TOKEN)
        found = unexpected(name, findings, [suite.name for suite in chosen])
        passed += not found
        lines += found
    print(*lines, f"{passed} passed, {len(_TENANTS) - passed} failed", sep="\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
