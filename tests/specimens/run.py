"""Judge the reference tenant with an attribute of every legal kind: each check passes for each of them.

    python tests/specimens/run.py

It takes some minutes, since every write of a specimen carries hundreds of attributes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance.reference.serve import running
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant

if __name__ == "__main__":
    with running(ReferenceTenant(specimens="all")) as url:
        command = [Path(sys.executable).with_name("scim-conformance"), "run", url, "--token", DEFAULT_TOKEN]
        sys.exit(
            subprocess.run([*command, "--resource-type", "Specimen", "--strict", *sys.argv[1:]], check=False).returncode
        )
