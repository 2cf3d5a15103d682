"""The ledger: what this run created, on disk before the request is sent, and therefore all it may change or delete.

One JSON object a line. ``run`` says which tenant and by which tag its resources are known. ``intent`` precedes every
create and carries the text by which the resource can be found again if its answer is lost; ``created`` (with the path
below the base) or ``refused`` answers it, and ``deleted`` follows.
"""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import unquote

if TYPE_CHECKING:
    from pathlib import Path

LEDGER_FILE = "ledger.jsonl"
# /Me is whoever the credentials belong to (RFC 7644 §3.11), some tenants say /Users/me; dots lead anywhere.
_NEVER_OURS = {"me", ".", ".."}
_SEPARATORS = re.compile(r"[/\\?#;]")


class NotOurs(RuntimeError):
    """A probe tried to change a resource that is not in the ledger: a defect of the suite, stopped before it left."""


def leads_astray(path: str) -> bool:
    """Whether a path, however it is spelt and encoded, may lead to ``/Me`` or out of the place that it names."""
    decoded = unquote(unquote(path.partition("?")[0])).casefold()
    return any(segment.strip() in _NEVER_OURS for segment in _SEPARATORS.split(decoded))


class Ledger:
    """Append-only record of resources of this run. Safe to use from several threads.

    ``tenant`` and ``tags`` say whose resources they are and what marks them, where the ledger is kept in a file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.tenant = ""
        self.tags: list[str] = []
        self._lock = threading.Lock()
        self._ours: dict[str, bool] = {}
        self._intents: dict[str, str] = {}
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    @classmethod
    def resume(cls, path: Path) -> Ledger:
        """Read the ledger of an earlier run and go on writing to it. Raises OSError where it cannot be read.

        A line that a crash cut short is passed over.
        """
        ledger = cls()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                ledger._take(json.loads(line))
            except (ValueError, TypeError, KeyError):
                continue
        ledger._file = path.open("a", encoding="utf-8")
        return ledger

    def keep(self, path: Path, tenant: str, tag: str) -> None:
        """Write to this file from now on, after what stands in it: other processes may write to it, too."""
        self._file = path.open("a", encoding="utf-8")
        self._note({"event": "run", "tenant": tenant, "tag": tag})

    def intend(self, endpoint: str, marker: str) -> None:
        """Record that a resource is about to be created at ``endpoint``, recognisable by ``marker``."""
        self._note({"event": "intent", "endpoint": endpoint, "marker": marker})

    def intends(self, endpoint: str) -> bool:
        """Whether a create at the endpoint has been recorded and not yet answered."""
        with self._lock:
            return endpoint in self._intents.values()

    def created(self, path: str, marker: str = "") -> None:
        """Record a resource as ours: ``/Users/2819c223``."""
        self._note({"event": "created", "path": path, "marker": marker})

    def refused(self, marker: str) -> None:
        """Record that the tenant did not create what was intended."""
        self._note({"event": "refused", "marker": marker})

    def deleted(self, path: str) -> None:
        """Record that a resource is gone."""
        self._note({"event": "deleted", "path": path})

    def found(self, marker: str, paths: list[str]) -> None:
        """Record what a search for an unanswered intent has brought to light."""
        for path in paths:
            self.created(path, marker)
        if not paths:
            self.refused(marker)

    def imagine(self, path: str) -> None:
        """Allow requests to a path that cannot exist, because its id was made up by this run."""
        with self._lock:
            self._ours.setdefault(path, False)

    def guard(self, path: str) -> None:
        """Raise NotOurs unless the path belongs to a resource of this run, as one through ``/Me`` never does."""
        if path.partition("?")[0] not in self._ours or leads_astray(path):
            message = f"refusing to change {path}: this run did not create it"
            raise NotOurs(message)

    def exists(self, path: str) -> bool:
        """Whether the resource was created by this run and is not yet deleted."""
        return self._ours.get(path, False)

    @property
    def left_behind(self) -> list[str]:
        """Paths of resources that were created and not deleted, newest first."""
        return [path for path, there in reversed(self._ours.items()) if there]

    @property
    def unanswered(self) -> list[tuple[str, str]]:
        """Endpoint and marker of the creates whose answer was lost; only markers that no one else can carry."""
        return [(e, m) for m, e in self._intents.items() if any(tag in m for tag in self.tags)]

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def _take(self, entry: dict[str, Any]) -> None:
        match entry["event"]:
            case "run":
                self.tenant = entry["tenant"]
                self.tags.append(entry["tag"])
            case "intent":
                self._intents[entry["marker"]] = entry["endpoint"]
            case "created":
                self._ours[entry["path"]] = True
                self._intents.pop(entry.get("marker", ""), None)
            case "refused":
                self._intents.pop(entry["marker"], None)
            case "deleted":
                self._ours[entry["path"]] = False

    def _note(self, entry: dict[str, Any]) -> None:
        with self._lock:
            self._take(entry)
            if self._file:
                # Flushed, so that it outlives the process; not synced, which costs more than the request it records.
                self._file.write(json.dumps(entry) + "\n")
                self._file.flush()
