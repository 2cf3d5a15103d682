"""Evidence: the named exchanges of one probe run, which checks judge and reports show."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.tenant.exchange import Exchange


READ_BACK = "read back "  # begins the name of the read of what a create made and did not show


class Blocked(Exception):
    """A question could not be asked because an earlier step failed. ``exchange`` is that step, where there is one."""

    def __init__(self, reason: str, exchange: Exchange | None = None) -> None:
        super().__init__(reason)
        self.exchange = exchange


class Evidence:
    """The exchanges of one probe run by name, in the order in which they were sent.

    ``evidence.created`` and ``evidence["created"]`` return an exchange and raise Blocked where it was never sent.
    ``touched`` holds what has been looked at, by id, so that a report shows the exchanges a verdict rests on.
    ``absent`` says why an exchange is not there, where nothing stopped the probe.
    """

    absent = "the probe did not come to it"

    def __init__(self, key: str, exchanges: Iterable[Exchange] = (), stopped: Blocked | None = None) -> None:
        self.key = key
        self.stopped = stopped
        self.touched: dict[str, Exchange] = {}
        self._exchanges = {exchange.name: exchange for exchange in exchanges}
        for exchange in list(self._exchanges.values()):
            self._complete(exchange)

    def view(self) -> Evidence:
        """Return the same evidence with a fresh record of what is looked at: one for each check."""
        view = copy(self)
        view.touched = {}
        return view

    def add(self, exchange: Exchange) -> None:
        """Take in one more exchange under its name. Raises ValueError for a name that is taken."""
        if exchange.name in self._exchanges:
            raise ValueError(f"probe {self.key} used the name {exchange.name!r} twice")
        self._exchanges[exchange.name] = exchange
        self._complete(exchange)

    def _complete(self, after: Exchange) -> None:
        """Put what a read showed of a resource to the create that did not show it."""
        created = self._exchanges.get(after.name.removeprefix(READ_BACK))
        if created and created is not after and created.read_back is None and after.shows_resource:
            self._exchanges[created.name] = replace(created, read_back=after)

    def __getitem__(self, name: str) -> Exchange:
        exchange = self._exchanges.get(name)
        if exchange is None:
            raise Blocked(
                f"“{name}” was not asked: {self.stopped or self.absent}",
                self.stopped.exchange if self.stopped else None,
            )
        self.touched[exchange.id] = exchange
        if exchange.read_back:
            self.touched[exchange.read_back.id] = exchange.read_back
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

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all exchanges; asking for them looks at none."""
        return tuple(self._exchanges)

    def named(self, prefix: str) -> list[Exchange]:
        """Return the exchanges whose names start so. Raises Blocked where there are none."""
        found = [self[name] for name in self._exchanges if name.startswith(prefix)]
        if not found:
            raise Blocked(f"“{prefix}…” was not asked: {self.stopped or self.absent}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence as JSON data, exchanges by id; ``from_dict`` reads it back."""
        stopped, step = self.stopped, self.stopped and self.stopped.exchange
        return {
            "key": self.key,
            "stopped": stopped and {"reason": str(stopped), "exchange": step and step.id},
            "exchanges": [exchange.id for exchange in self._exchanges.values()],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], exchanges: Mapping[str, Exchange]) -> Self:
        """Read what ``to_dict`` wrote, with the exchanges by id. Raises KeyError where one of them is missing."""
        stopped = data["stopped"]
        return cls(
            data["key"],
            [exchanges[identifier] for identifier in data["exchanges"]],
            stopped and Blocked(stopped["reason"], stopped["exchange"] and exchanges[stopped["exchange"]]),
        )
