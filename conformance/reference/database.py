"""The records in an SQLite file, for a tenant that should remember."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from conformance.reference.storage import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_APPLICATION_ID = 0x5C1A0002
_TABLE = """
CREATE TABLE IF NOT EXISTS resources (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    attributes TEXT NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    revision INTEGER NOT NULL
)
"""
_SAVE = """
INSERT INTO resources (id, type, attributes, created, modified, revision) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes, modified = excluded.modified,
    revision = excluded.revision
"""


class DatabaseError(Exception):
    """A file that cannot serve as the tenant's database; the message is one line for people."""


class Database:
    """A journal in one SQLite file, which is made when it does not exist."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises DatabaseError, and leaves the file alone, when it is damaged or not one of ours."""
        try:
            if path.exists() and path.stat().st_size:
                _inspect(path)
            # Requests are handled one at a time, yet not in the thread that opened the file.
            self._connection = sqlite3.connect(path, check_same_thread=False)
            with self._connection:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                self._connection.execute(_TABLE)
        except (sqlite3.Error, OSError) as error:
            raise DatabaseError(f"The database {path} cannot be used: {error}") from error

    def load(self) -> Iterator[Record]:
        """Yield the records in the order they were created."""
        rows = self._connection.execute(
            "SELECT id, type, attributes, created, modified, revision FROM resources ORDER BY number"
        )
        for identifier, type_name, attributes, created, modified, revision in rows:
            try:
                yield Record(identifier, type_name, json.loads(attributes), created, modified, revision)
            except ValueError as error:
                raise DatabaseError(f"The database holds a broken resource, {identifier}: {error}") from error

    def write(self, saved: Sequence[Record], deleted: Sequence[str]) -> None:
        """Save and delete records in one transaction."""
        with self._connection:
            self._connection.executemany(
                _SAVE, [(r.id, r.type, json.dumps(r.attributes), r.created, r.modified, r.revision) for r in saved]
            )
            self._connection.executemany("DELETE FROM resources WHERE id = ?", [(i,) for i in deleted])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _inspect(path: Path) -> None:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        if connection.execute("PRAGMA application_id").fetchone() != (_APPLICATION_ID,):
            raise DatabaseError(f"The database {path} cannot be used: it is not a file of the reference tenant")
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise DatabaseError(f"The database {path} cannot be used: {' '.join(found.split())}")
