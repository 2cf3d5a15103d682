"""A service that notes what is looked at: whoever sees the same in another one cannot tell the two apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.spec.service import Service


class Look(NamedTuple):
    """A field or property of a service by name, or what a method returns for its arguments."""

    name: str
    arguments: tuple[Any, ...] = ()

    def at(self, service: Service) -> Any:
        """Return what there is to see in a service."""
        value = getattr(service, self.name)
        return value(*self.arguments) if self.arguments else value


class Watched:
    """Stands in for a service. ``seen`` is what was looked at since it was last emptied, and what there was to see."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.seen: dict[Look, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """Look at the service."""
        if callable(getattr(self._service, name)):
            return lambda *arguments: self._seen(Look(name, arguments))
        return self._seen(Look(name))

    def _seen(self, look: Look) -> Any:
        self.seen[look] = look.at(self._service)
        return self.seen[look]


def shows_the_same(service: Service, seen: Mapping[Look, Any]) -> bool:
    """Whether whoever saw this in one service sees the same in another."""
    return all(look.at(service) == value for look, value in seen.items())
