"""The ledger: what this run created, on disk before the request is sent, and therefore all it may change or delete.

One JSON object a line. ``intent`` precedes every create and carries the text by which the resource can be found again
if its answer was lost; ``created`` and ``deleted`` follow with the path below the base.
"""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class NotOurs(RuntimeError):
    """A probe tried to change a resource that is not in the ledger: a defect of the suite, stopped before it left."""


class Ledger:
    """Append-only record of resources of this run. Safe to use from several threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._ours: dict[str, bool] = {}
        self._file = path.open("a", encoding="utf-8") if path else None

    def intend(self, endpoint: str, marker: str) -> None:
        """Record that a resource is about to be created at ``endpoint``, recognisable by ``marker``."""
        self._write({"event": "intent", "endpoint": endpoint, "marker": marker})

    def created(self, path: str) -> None:
        """Record a resource as ours: ``/Users/2819c223``."""
        with self._lock:
            self._ours[path] = True
        self._write({"event": "created", "path": path})

    def imagine(self, path: str) -> None:
        """Allow requests to a path that cannot exist, because its id was made up by this run."""
        with self._lock:
            self._ours.setdefault(path, False)

    def deleted(self, path: str) -> None:
        """Record that a resource is gone."""
        with self._lock:
            self._ours[path] = False
        self._write({"event": "deleted", "path": path})

    def guard(self, path: str) -> None:
        """Raise NotOurs unless the path belongs to a resource of this run."""
        if path.partition("?")[0] not in self._ours:
            message = f"refusing to change {path}: this run did not create it"
            raise NotOurs(message)

    def exists(self, path: str) -> bool:
        """Whether the resource was created by this run and is not yet deleted."""
        return self._ours.get(path, False)

    @property
    def left_behind(self) -> list[str]:
        """Paths of resources that were created and not deleted, newest first."""
        return [path for path, there in reversed(self._ours.items()) if there]

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file:
            with self._lock:
                self._file.write(json.dumps(entry) + "\n")
                self._file.flush()
                os.fsync(self._file.fileno())
