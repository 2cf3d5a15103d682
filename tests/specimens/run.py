"""Judge the reference tenant with an attribute of every legal kind: each check passes for each of them.

    python tests/specimens/run.py

It takes some minutes, since every write of a specimen carries hundreds of attributes, and goes by parts, since a run
keeps no more than so many megabytes of answers.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance.reference.serve import running
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.spec.requirements import catalogue, features

_PARTS = (("attributes",), ("patch",), ("create", "replace", "multivalued", "schema"))
_CLIENTS = {requirement.feature for requirement in catalogue().values() if not requirement.id.startswith("RFC")}


def judge(url: str, part: tuple[str, ...]) -> int:
    """Judge the features of a part and return the exit status."""
    program = Path(sys.executable).with_name("scim-conformance")
    chosen = [argument for feature in part for argument in ("--feature", feature)]
    command = [program, "run", url, "--token", DEFAULT_TOKEN, "--resource-type", "Specimen", "--strict", *chosen]
    return subprocess.run([*command, *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    named = {feature for part in _PARTS for feature in part} | _CLIENTS
    rest = tuple(feature for feature in features(catalogue().values()) if feature not in named)
    with running(ReferenceTenant(specimens="all")) as tenant_url:
        sys.exit(max([judge(tenant_url, part) for part in (*_PARTS, rest)]))
