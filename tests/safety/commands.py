"""The command as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from people import TOKEN

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = str(Path(sys.executable).with_name("scim-conformance"))


def finished(
    *arguments: str, folder: Path, command: Sequence[str] = (COMMAND,), seconds: float = 120, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command, or another one, in a folder to its end; it knows the token unless it is told another secret."""
    return subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=os.environ | (environment or {"SCIM_TOKEN": TOKEN}),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )
