"""The command as a process of its own, and servers of our own for it to meet."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from people import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from http.server import ThreadingHTTPServer

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


@contextmanager
def listening(server: ThreadingHTTPServer) -> Iterator[str]:
    """Serve until the end of the context; yield the origin, without its scheme."""
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
