"""Judge the reference tenant with an attribute of every legal kind: each check passes for each of them.

    python tests/specimens/run.py [TYPE …]

It goes type by type, all of them unless some are named. A request without one required attribute carries all others,
so what is sent grows with the square of their number: eight resource types with a hundred attributes are asked in
minutes, and within what a run keeps of answers, where one with nine hundred would not be.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance.reference.serve import running
from conformance.reference.specimens import TYPES
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant


def judge(of_type: str) -> int:
    """Judge the specimens whose attributes are of a type and return the exit status."""
    program = Path(sys.executable).with_name("scim-conformance")
    with running(ReferenceTenant(specimens=of_type, seed_users=12)) as url:
        command = [program, "run", url, "--token", DEFAULT_TOKEN, "--resource-type", "Specimen", "--strict"]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(max(map(judge, sys.argv[1:] or TYPES)))
