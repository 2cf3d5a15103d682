"""Evidence: the named exchanges of one probe run, which checks judge and reports show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.tenant.exchange import Exchange


class Blocked(Exception):
    """A question could not be asked because an earlier step failed. ``exchange`` is that step, where there is one."""

    def __init__(self, reason: str, exchange: Exchange | None = None) -> None:
        super().__init__(reason)
        self.exchange = exchange


class Evidence:
    """The exchanges of one probe run by name, in the order in which they were sent.

    ``evidence.created`` and ``evidence["created"]`` return an exchange and raise Blocked where it was never sent.
    ``touched`` lists what has been looked at, so that a report shows the exchanges a verdict rests on.
    """

    def __init__(self, key: str, exchanges: Iterable[Exchange] = (), stopped: Blocked | None = None) -> None:
        self.key = key
        self.stopped = stopped
        self.touched: list[Exchange] = []
        self._exchanges = {exchange.name: exchange for exchange in exchanges}

    def view(self) -> Evidence:
        """Return the same evidence with a fresh record of what is looked at: one for each check."""
        return Evidence(self.key, self._exchanges.values(), self.stopped)

    def add(self, exchange: Exchange) -> None:
        """Take in one more exchange under its name. Raises ValueError for a name that is taken."""
        if exchange.name in self._exchanges:
            raise ValueError(f"probe {self.key} used the name {exchange.name!r} twice")
        self._exchanges[exchange.name] = exchange

    def __getitem__(self, name: str) -> Exchange:
        exchange = self._exchanges.get(name)
        if exchange is None:
            why = str(self.stopped) if self.stopped else "the probe did not come to it"
            raise Blocked(f"“{name}” was not asked: {why}", self.stopped.exchange if self.stopped else None)
        if exchange not in self.touched:
            self.touched.append(exchange)
        return exchange

    def __getattr__(self, name: str) -> Exchange:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __contains__(self, name: str) -> bool:
        return name in self._exchanges

    def __iter__(self) -> Iterator[Exchange]:
        """Iterate over all exchanges; each counts as looked at."""
        for name in self._exchanges:
            yield self[name]

    def named(self, prefix: str) -> list[Exchange]:
        """Return the exchanges whose names start so. Raises Blocked where there are none."""
        found = [self[name] for name in self._exchanges if name.startswith(prefix)]
        if not found:
            raise Blocked(f"“{prefix}…” was not asked: {self.stopped or 'the probe did not come to it'}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence as JSON data; exchanges by id."""
        return {
            "key": self.key,
            "stopped": str(self.stopped) if self.stopped else None,
            "exchanges": [exchange.id for exchange in self._exchanges.values()],
        }
