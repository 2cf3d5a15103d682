"""What a probe looks at in a service: where another one shows the same, it cannot tell the two apart.

Of the definitions of attributes only the characteristics that are read count, since a probe rarely reads them all.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.spec.schema import Attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conformance.spec.service import Service

_CHARACTERISTICS = tuple(f.name for f in fields(Attribute) if f.name not in {"name", "sub_attributes"})


class Look(NamedTuple):
    """A field or property of a service by name, or what a method returns for its arguments.

    With a place, schema and path, it is a characteristic of the attribute that stands there.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    place: tuple[str, ...] = ()


class Watched:
    """Stands in for a service. ``looks`` are those that were taken at it since they were last emptied."""

    def __init__(self, service: Service) -> None:
        self._view = _View(service)
        self._places = {id(attribute): place for place, attribute in self._view.attributes.items()}
        self.looks: set[Look] = set()

    def __getattr__(self, name: str) -> Any:
        """Look at the service."""
        if callable(getattr(self._view.service, name)):
            return lambda *arguments: self._take(Look(name, arguments))
        return self._take(Look(name))

    def _take(self, look: Look) -> Any:
        self.looks.add(look)
        return self._view.at(look)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Take a look, within this context, whenever a characteristic of one of the service's attributes is read."""
        slots = {name: vars(Attribute)[name] for name in _CHARACTERISTICS}
        for name, slot in slots.items():
            setattr(Attribute, name, property(self._reader(name, slot), slot.__set__))
        try:
            yield
        finally:
            for name, slot in slots.items():
                setattr(Attribute, name, slot)

    def _reader(self, name: str, slot: Any) -> Callable[[Attribute], Any]:
        def read(attribute: Attribute) -> Any:
            if place := self._places.get(id(attribute)):
                self.looks.add(Look(name, place=place))
            return slot.__get__(attribute)

        return read


def changed(looks: Iterable[Look], before: Service, after: Service) -> set[Look]:
    """Return the looks that show something else in the service after than in the one before."""
    one, other = _View(before), _View(after)
    return {look for look in looks if not alike(one.at(look), other.at(look))}


def alike(one: Any, other: Any) -> bool:
    """Whether definitions, alone or in tuples, are the same but for the characteristics of attributes."""
    return bool(one == other) or _frame(one) == _frame(other)


def _frame(value: Any) -> Any:
    if isinstance(value, Attribute):
        return (value.name, *map(_frame, value.sub_attributes))
    if is_dataclass(value):
        return tuple(_frame(getattr(value, field.name)) for field in fields(value) if field.compare)
    return tuple(map(_frame, value)) if isinstance(value, tuple) else value


class _View:
    """A service, and its attributes by schema and path."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.attributes: dict[tuple[str, ...], Attribute] = {}
        for schema in service.schemas:
            for attribute in schema.attributes:
                self._place((schema.id, attribute.name), attribute)

    def _place(self, place: tuple[str, ...], attribute: Attribute) -> None:
        self.attributes[place] = attribute
        for sub in attribute.sub_attributes:
            self._place((*place, sub.name), sub)

    def at(self, look: Look) -> Any:
        """Return what a look shows; None for an attribute that is not there."""
        if look.place:
            return getattr(self.attributes.get(look.place), look.name, None)
        value = getattr(self.service, look.name)
        return value(*look.arguments) if look.arguments else value
