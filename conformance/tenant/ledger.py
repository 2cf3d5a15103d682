"""The ledger: what this run created, on disk before the request is sent, and therefore all it may change or delete.

One JSON object a line. ``run`` says which tenant and by which tag its resources are known. ``intent`` precedes every
create and carries the text by which the resource can be found again if its answer is lost; ``created`` (with the path
below the base) or ``refused`` answers it, and ``deleted`` follows.

Every line is handed to the operating system at once, so that it outlives the process. All lines so far also reach the
disk itself before a request leaves that creates or changes something (``secure``): what a power cut takes away after
that can be found again by its marker.
"""

from __future__ import annotations

import json
import os
import re
import threading
from io import FileIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from pathlib import Path

LEDGER_FILE = "ledger.jsonl"
# /Me is whoever the credentials belong to (RFC 7644 §3.11), some tenants say /Users/me; dots lead anywhere.
_NEVER_OURS = {"me", ".", ".."}
_SEPARATORS = re.compile(r"[/\\?#;]")
_RESOURCE = re.compile(r"(/[^/?#]+){2,}")


class LedgerLost(RuntimeError):
    """The ledger cannot be written, so nothing more may be created; the message says why."""


class NotOurs(RuntimeError):
    """A probe tried to change a resource that is not in the ledger: a defect of the suite, stopped before it left."""


def leads_astray(path: str) -> bool:
    """Whether a path, however it is spelt and encoded, may lead to ``/Me`` or out of the place that it names."""
    decoded = unquote(unquote(path.partition("?")[0])).casefold()
    return any(segment.strip() in _NEVER_OURS for segment in _SEPARATORS.split(decoded))


def referred_to(path: str) -> bool:
    """Whether others, such as groups, refer to a resource, so that it has to go after them."""
    return path.startswith("/Users/")


class Ledger:
    """Append-only record of resources of this run. Safe to use from several threads.

    ``tenant`` and ``tags`` say whose resources they are and what marks them, where the ledger is kept in a file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.tenant = ""
        self.tags: list[str] = []
        self._lock = threading.Lock()
        self._ours: dict[str, bool] = {}
        self._intents: dict[str, tuple[str, str]] = {}
        self._noted = self._secured = 0
        self._securing = threading.Lock()
        self._lost = ""
        self._path: Path | None = None  # to be opened once there is something to write
        self._file: FileIO | None = _opened(path) if path else None

    @classmethod
    def resume(cls, path: Path) -> Ledger:
        """Read the ledger of an earlier run and go on writing to it. Raises OSError where it cannot be read.

        A line that a crash cut short, or that something else has written, is passed over.
        """
        ledger = cls()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
                if _legible(entry):
                    ledger._take(entry)
            except (ValueError, KeyError, RecursionError):
                continue
        ledger._path = path
        return ledger

    def keep(self, path: Path | None, tenant: str, tag: str) -> None:
        """Begin a run; write to this file, if any, after what stands in it: other processes may write to it, too.

        Raises OSError where it cannot be opened.
        """
        self._file = _opened(path) if path else None
        self._note({"event": "run", "tenant": tenant, "tag": tag})
        if path and os.name == "posix":
            # A new file is lost in a power cut unless its folder is on the disk, too.
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def intend(self, endpoint: str, marker: str, attribute: str = "") -> None:
        """Record that a resource is about to be created at ``endpoint``, recognisable by ``marker``.

        ``attribute`` carries the marker, where it is none of the usual ones.
        """
        self._note({"event": "intent", "endpoint": endpoint, "marker": marker, "attribute": attribute})

    def secure(self) -> None:
        """Return once all that was noted so far is on the disk. Threads that wait at the same time share one fsync.

        Raises LedgerLost where it is not, now or ever: an fsync after one that failed may lie.
        """
        noted = self._noted
        with self._securing:
            if self._file and self._secured < noted and not self._lost:
                noted = self._noted
                try:
                    os.fsync(self._file.fileno())
                except OSError as error:
                    self._lost = str(error.strerror)
                self._secured = noted
        if self._lost:
            raise LedgerLost(f"the ledger cannot be written, so nothing more is created: {self._lost}")

    def intends(self, endpoint: str) -> bool:
        """Whether a create at the endpoint has been recorded and not yet answered."""
        with self._lock:
            return any(endpoint == where for where, _ in self._intents.values())

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
        """Paths of resources that were created and not deleted, newest first, and what others refer to last."""
        with self._lock:
            there = [path for path, there in reversed(self._ours.items()) if there]
        return sorted(there, key=referred_to)

    @property
    def unanswered(self) -> list[tuple[str, str, str]]:
        """Endpoint, marker and attribute of the creates whose answer was lost."""
        with self._lock:
            return [(endpoint, marker, attribute) for marker, (endpoint, attribute) in self._intents.items()]

    def marks(self, text: str) -> bool:
        """Whether a text carries the tag of a run, as no one else's can."""
        return any(tag in text.casefold() for tag in self.tags)

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
                self._intents[entry["marker"]] = entry["endpoint"], entry.get("attribute", "")
            case "created":
                self._ours[entry["path"]] = True
                self._intents.pop(entry.get("marker", ""), None)
            case "refused":
                self._intents.pop(entry["marker"], None)
            case "deleted":
                self._ours[entry["path"]] = False

    def _note(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry).encode() + b"\n"
        with self._lock:
            self._take(entry)
            try:
                self._file = self._file or (_opened(self._path) if self._path else None)
                if not self._file or self._lost:
                    return
                if self._file.write(line) != len(line):
                    self._lost = "there is no space left"
            except OSError as error:
                self._lost = str(error.strerror)
            self._noted += 1


def _legible(entry: object) -> bool:
    """Whether a line is as a ledger has them: what it names will be deleted, and what bears its tag is ours."""
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        return False
    path = entry.get("path")
    return entry.get("tag") != "" and (path is None or (bool(_RESOURCE.fullmatch(path)) and not leads_astray(path)))


def _opened(path: Path) -> FileIO:
    """Open a file to append to, on a line of its own where a crash or a full disk cut the last one short."""
    file = FileIO(path, "a+")
    if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
        file.write(b"\n")
    return file
